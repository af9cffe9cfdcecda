// An operator whose entries of services' keys a register takes from another
// process, as one line of the register's configuration names it.

#ifndef LIMPID_SERVER_KEY_OPERATOR_H_
#define LIMPID_SERVER_KEY_OPERATOR_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"

namespace limpid::server {

struct KeyOperator {
  // SHA-256 of the SubjectPublicKeyInfo of its consent's client certificate.
  base::Digest32 certificate{};
  // Its evidence key.
  base::Bytes key;
};

// "<certificate, 64 hex digits> <evidence key, 32 bytes in base64url>",
// separated by one space.
//
// Errors:
//   kInvalidArgument  anything else.
absl::StatusOr<KeyOperator> ParseKeyOperator(std::string_view text);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_KEY_OPERATOR_H_
