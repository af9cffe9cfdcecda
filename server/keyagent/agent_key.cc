#include "server/keyagent/agent_key.h"

#include <filesystem>
#include <string_view>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/crypto/keyring.h"
#include "server/root_key_source.h"

namespace limpid::server {
namespace {

constexpr std::string_view kRole = "keyagent";
constexpr std::string_view kName = "dek-box";

std::filesystem::path RingOf(const AgentConfig& config) {
  return config.data_directory / "keyring";
}

}  // namespace

absl::StatusOr<crypto::X25519PublicKey> MakeAgentKey(
    const AgentConfig& config, const crypto::WarningSink& warn) {
  std::error_code error;
  if (std::filesystem::exists(RingOf(config), error)) {
    return absl::AlreadyExistsError(absl::StrCat(
        RingOf(config).string(),
        " is there already: what is sealed to its key would be lost"));
  }
  std::filesystem::create_directories(config.data_directory, error);
  std::filesystem::permissions(config.data_directory,
                               std::filesystem::perms::owner_all, error);
  LIMPID_ASSIGN_OR_RETURN(auto root, MakeRootKey(config.root_key, warn));
  LIMPID_ASSIGN_OR_RETURN(const auto ring,
                          crypto::KeyRing::Create(RingOf(config), kRole, root));
  LIMPID_ASSIGN_OR_RETURN(const base::SecretBytes scalar,
                          ring->GetOrCreate(kName, crypto::kX25519KeyBytes));
  LIMPID_ASSIGN_OR_RETURN(const auto key,
                          crypto::X25519PrivateKey::FromBytes(scalar));
  return key.PublicKey();
}

absl::StatusOr<crypto::X25519PrivateKey> OpenAgentKey(
    const AgentConfig& config, const crypto::WarningSink& warn) {
  LIMPID_ASSIGN_OR_RETURN(auto root, OpenRootKey(config.root_key, warn));
  const auto ring = crypto::KeyRing::Open(RingOf(config), kRole, root);
  if (absl::IsNotFound(ring.status())) {
    return absl::NotFoundError(absl::StrCat(
        "there is no key at ", RingOf(config).string(),
        ": make one with `limpid-keyagent --config FILE --init`, or restore "
        "it"));
  }
  LIMPID_RETURN_IF_ERROR(ring.status());
  LIMPID_ASSIGN_OR_RETURN(const base::SecretBytes scalar, (*ring)->Get(kName));
  return crypto::X25519PrivateKey::FromBytes(scalar);
}

}  // namespace limpid::server
