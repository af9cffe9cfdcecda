// The key agent that the configuration names, as the vault role reaches it.
// docs/key-agent.md

#ifndef LIMPID_SERVER_ROLES_VAULT_KEY_AGENT_H_
#define LIMPID_SERVER_ROLES_VAULT_KEY_AGENT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "server/keyagent/agent_client.h"
#include "server/roles/role.h"

namespace limpid::server {

// Null when the vault opens the keys of values itself. An agent that is not
// there yet is waited for at each read; another one is a wrong setting.
//
// Errors:
//   kInvalidArgument     vault.key_agent_key is no key.
//   kFailedPrecondition  the agent has another key than that.
absl::StatusOr<std::unique_ptr<AgentClient>> OpenKeyAgent(
    const Environment& environment);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ROLES_VAULT_KEY_AGENT_H_
