// Moves an installation to another root key: from a file or shares to a token
// or new shares. Re-wraps the top of each role's key ring and nothing below it.

#ifndef LIMPID_SERVER_PROVISION_MOVE_ROOT_KEY_H_
#define LIMPID_SERVER_PROVISION_MOVE_ROOT_KEY_H_

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/crypto/root_key.h"
#include "server/provision/make_shares.h"

namespace limpid::server {

struct RootKeyMove {
  // The server's configuration, which names a file or shares.
  std::filesystem::path config_file;
  // To a token: as in the section [root_key]; relative paths are the caller's.
  std::filesystem::path module;
  std::string token;
  std::string name = "limpid-root";
  std::filesystem::path pin_file;
  // Or to shares.
  std::optional<WantedShares> shares;
  // From shares: files of as many as are needed, of the present set.
  std::vector<std::filesystem::path> present_shares;
};

struct RootKeyMoved {
  // Roles whose rings moved now, and those whose rings had moved before.
  std::vector<std::string> now;
  std::vector<std::string> before;
  // Opens nothing any more but copies of the rings from before. Empty when the
  // key was in shares, of which the same is true.
  std::filesystem::path old_file;
  // The section [root_key] that the configuration needs now.
  std::vector<std::string> settings;
  // Of the new shares, to be handed out.
  std::vector<std::filesystem::path> share_files;
};

// Re-wraps the rings of all roles under the new key: of those in the
// configuration, and of every other that has a ring in the data directory. A
// token's key is made when the token has none; shares are made unless all files
// of a move that was broken off are there. Before the first ring moves, each
// must open, so that no ring stays behind whose key is then destroyed. Each is
// replaced as a whole and opened again with the new key before the next. Killed
// in the middle, it goes on where it was when called again. What held the old
// key and the configuration stay as they are. Rings in other data directories
// it does not see.
//
// Errors:
//   kFailedPrecondition  the configuration names a token, from which no key
//                        comes out; or the new shares are the present ones.
//   kInvalidArgument     a token and shares, or neither; files of shares though
//                        the key is not in shares.
//   kUnavailable         a server is running on the data directory.
//   others               those of LoadConfig, OpenRootKey, OpenShareFiles,
//                        MakeRootKey, MakeShares, FindShares and KeyRing; rings
//                        that moved stay moved, and new shares stay too.
absl::StatusOr<RootKeyMoved> MoveRootKey(const RootKeyMove& move,
                                         const crypto::WarningSink& warn);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_PROVISION_MOVE_ROOT_KEY_H_
