#include "server/root_key_source.h"

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/status_macros.h"
#include "common/crypto/root_key.h"
#include "common/crypto/token_root_key.h"
#include "server/config.h"

namespace limpid::server {
namespace {

crypto::TokenPlace PlaceOf(const Config& config) {
  return {.module = config.Resolve(config.root_key_module),
          .token = config.root_key_token,
          .key = config.root_key_name,
          .pin_file = config.Resolve(config.root_key_pin_file)};
}

}  // namespace

bool UsesToken(const Config& config) {
  return RootKeyKind(config) == kRootKeyToken;
}

absl::StatusOr<std::shared_ptr<const crypto::RootKey>> OpenRootKey(
    const Config& config, const crypto::WarningSink& warn) {
  if (UsesToken(config)) {
    return crypto::TokenRootKey::Open(PlaceOf(config));
  }
  if (RootKeyKind(config) == kRootKeyShares) {
    return absl::FailedPreconditionError(
        "the root key is split in shares, and none was given: start limpidd, "
        "which waits for them");
  }
  return crypto::FileRootKey::Open(config.Resolve(config.root_key_file), warn);
}

absl::StatusOr<std::shared_ptr<const crypto::RootKey>> MakeRootKey(
    const Config& config, const crypto::WarningSink& warn) {
  if (UsesToken(config)) {
    const absl::Status made = crypto::TokenRootKey::CreateKey(PlaceOf(config));
    if (!made.ok() && !absl::IsAlreadyExists(made)) return made;
  } else {
    LIMPID_RETURN_IF_ERROR(
        crypto::FileRootKey::CreateFile(config.Resolve(config.root_key_file)));
  }
  return OpenRootKey(config, warn);
}

}  // namespace limpid::server
