// What one line of consent's configuration names: a source in another process,
// or an auditor.

#ifndef LIMPID_SERVER_REMOTE_SOURCE_H_
#define LIMPID_SERVER_REMOTE_SOURCE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"

namespace limpid::server {

struct RemoteSource {
  // "src_…".
  std::string id;
  // SHA-256 of the SubjectPublicKeyInfo of its client certificate.
  base::Digest32 key{};
  // "host:port", for persons.
  std::string address;
  std::string name;
};

// "src_… <64 hex digits> <host:port> <name>", separated by single spaces.
//
// Errors:
//   kInvalidArgument  names what is wrong.
absl::StatusOr<RemoteSource> ParseRemoteSource(std::string_view text);

// The keys of consent.auditors, 64 hex digits each.
//
// Errors:
//   kInvalidArgument  one is not.
absl::StatusOr<std::vector<base::Digest32>> ParseAuditors(
    const std::vector<std::string>& texts);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_REMOTE_SOURCE_H_
