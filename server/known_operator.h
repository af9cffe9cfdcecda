// Another operator whose signed ends of consents are believed, as one line of
// consent's configuration names it.

#ifndef LIMPID_SERVER_KNOWN_OPERATOR_H_
#define LIMPID_SERVER_KNOWN_OPERATOR_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"

namespace limpid::server {

struct KnownOperator {
  std::string name;
  // Its evidence key.
  base::Bytes key;
};

// "<name> <evidence key, 32 bytes in base64url>", separated by one space.
//
// Errors:
//   kInvalidArgument  anything else.
absl::StatusOr<KnownOperator> ParseKnownOperator(std::string_view text);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_KNOWN_OPERATOR_H_
