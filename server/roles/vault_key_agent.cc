#include "server/roles/vault_key_agent.h"

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/crypto/x25519.h"
#include "server/config.h"
#include "server/logging.h"

namespace limpid::server {

absl::StatusOr<std::unique_ptr<AgentClient>> OpenKeyAgent(
    const Environment& environment) {
  const Config& config = environment.config;
  if (config.vault_key_agent.empty()) return nullptr;
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes,
                          base::Base64UrlDecode(config.vault_key_agent_key));
  LIMPID_ASSIGN_OR_RETURN(const auto key,
                          crypto::X25519PublicKey::FromBytes(bytes));
  // Nothing may be sealed to a key that everybody has.
  LIMPID_RETURN_IF_ERROR(key.Seal({}).status());
  auto agent = std::make_unique<AgentClient>(
      config.Resolve(config.vault_key_agent), key,
      [&log = environment.log](std::string_view sentence) {
        log.Write(Severity::kWarn, sentence);
      });
  const absl::Status there = agent->Check();
  if (absl::IsFailedPrecondition(there)) return there;
  if (!there.ok()) {
    environment.log.Write(Severity::kWarn,
                          "the key agent does not answer yet: no value is "
                          "opened until it does",
                          {{"why", std::string(there.message())}});
  }
  return agent;
}

}  // namespace limpid::server
