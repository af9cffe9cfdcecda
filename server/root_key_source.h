// The root key that the configuration names: in a PKCS#11 token, or in a file
// for development.

#ifndef LIMPID_SERVER_ROOT_KEY_SOURCE_H_
#define LIMPID_SERVER_ROOT_KEY_SOURCE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "common/crypto/root_key.h"
#include "server/config.h"

namespace limpid::server {

// Whether the key lies in a token.
bool UsesToken(const Config& config);

// Opens the key; a file warns.
//
// Errors: those of TokenRootKey::Open or FileRootKey::Open, and
//   kFailedPrecondition  it is split in shares, which come another way
//                        (sealed_server.h).
absl::StatusOr<std::shared_ptr<const crypto::RootKey>> OpenRootKey(
    const Config& config, const crypto::WarningSink& warn);

// For a new installation with a token or a file: makes the key first. A key
// that the token has already is taken, since another tool may have made it at a
// ceremony; a file that exists is refused.
//
// Errors: those of OpenRootKey, CreateKey and CreateFile.
absl::StatusOr<std::shared_ptr<const crypto::RootKey>> MakeRootKey(
    const Config& config, const crypto::WarningSink& warn);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ROOT_KEY_SOURCE_H_
