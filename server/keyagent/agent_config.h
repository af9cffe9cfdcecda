// The key agent's configuration file: TOML, every key explained in
// docs/key-agent.md, an unknown one refused.

#ifndef LIMPID_SERVER_KEYAGENT_AGENT_CONFIG_H_
#define LIMPID_SERVER_KEYAGENT_AGENT_CONFIG_H_

#include <sys/types.h>

#include <filesystem>

#include "absl/status/statusor.h"
#include "server/config.h"
#include "vault/keyagent/key_agent.h"

namespace limpid::server {

struct AgentConfig {
  // Where its ring lies.
  std::filesystem::path data_directory;
  std::filesystem::path socket;
  // As whom the vault runs.
  uid_t vault_uid = 0;
  vault::KeyAgentOptions options;
  // Where its root key is: the fields root_key_* alone.
  Config root_key;
};

// Errors:
//   kNotFound         no such file.
//   kInvalidArgument  one sentence, with the line where there is one.
absl::StatusOr<AgentConfig> LoadAgentConfig(const std::filesystem::path& file);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_KEYAGENT_AGENT_CONFIG_H_
