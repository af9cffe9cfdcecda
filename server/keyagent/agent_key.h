// The key agent's key: one named key in a key ring of its own, under a root key
// of its own, where the vault's user cannot read.

#ifndef LIMPID_SERVER_KEYAGENT_AGENT_KEY_H_
#define LIMPID_SERVER_KEYAGENT_AGENT_KEY_H_

#include "absl/status/statusor.h"
#include "common/crypto/root_key.h"
#include "common/crypto/x25519.h"
#include "server/keyagent/agent_config.h"

namespace limpid::server {

// Makes root key, directory, ring and key.
//
// Errors: those of MakeRootKey and KeyRing::Create; kAlreadyExists when there
// is one already.
absl::StatusOr<crypto::X25519PublicKey> MakeAgentKey(
    const AgentConfig& config, const crypto::WarningSink& warn);

// Errors: those of OpenRootKey and KeyRing::Open; a missing ring says how to
// make one.
absl::StatusOr<crypto::X25519PrivateKey> OpenAgentKey(
    const AgentConfig& config, const crypto::WarningSink& warn);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_KEYAGENT_AGENT_KEY_H_
