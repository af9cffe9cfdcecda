// Moves an installation from a root key file to a token: re-wraps the top of
// each role's key ring and nothing below it.

#ifndef LIMPID_SERVER_PROVISION_MOVE_ROOT_KEY_H_
#define LIMPID_SERVER_PROVISION_MOVE_ROOT_KEY_H_

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/crypto/root_key.h"

namespace limpid::server {

struct RootKeyMove {
  // The server's configuration, which names a file.
  std::filesystem::path config_file;
  // As in the section [root_key]; relative paths are the caller's.
  std::filesystem::path module;
  std::string token;
  std::string name = "limpid-root";
  std::filesystem::path pin_file;
};

struct RootKeyMoved {
  // Roles whose rings moved now, and those whose rings had moved before.
  std::vector<std::string> now;
  std::vector<std::string> before;
  // Opens nothing any more but copies of the rings from before.
  std::filesystem::path old_file;
  // The section [root_key] that the configuration needs now.
  std::vector<std::string> settings;
};

// Re-wraps the rings of all roles under the token's key, which is made when
// the token has none: of those in the configuration, and of every other that
// has a ring in the data directory. Before the first moves, each must open, so
// that no ring stays behind whose key is then destroyed. Each is replaced as a
// whole and opened again with the new key before the next. Killed in the
// middle, it goes on where it was when called again. The key file and the
// configuration stay as they are. Rings in other data directories it does not
// see.
//
// Errors:
//   kFailedPrecondition  the configuration names a token already.
//   kUnavailable         a server is running on the data directory.
//   others               those of LoadConfig, OpenRootKey, MakeRootKey and
//                        KeyRing; rings that moved stay moved.
absl::StatusOr<RootKeyMoved> MoveRootKey(const RootKeyMove& move,
                                         const crypto::WarningSink& warn);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_PROVISION_MOVE_ROOT_KEY_H_
