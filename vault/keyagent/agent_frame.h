// What a vault and its key agent say to each other, as bytes. Knows no socket
// and judges nothing. docs/formats/key-agent.md

#ifndef LIMPID_VAULT_KEYAGENT_AGENT_FRAME_H_
#define LIMPID_VAULT_KEYAGENT_AGENT_FRAME_H_

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/x25519.h"
#include "vault/keyagent/dek_agent.h"

namespace limpid::vault {

// Longest body of a frame. A permit of 64 lines with its path and as many boxes
// are below 128 KiB.
inline constexpr std::size_t kMaxAgentFrameBytes = std::size_t{256} << 10U;
// Connections that a vault has at once; a call beyond them waits for one.
inline constexpr std::size_t kMaxAgentConnections = 32;

// A request as it came. Views into the frame it was read from.
struct AgentRequest {
  // One of the two.
  std::optional<SignedPermit> permit;
  std::optional<PersonProof> proof;
  std::vector<base::ByteView> boxes;

  // Of this object, which must outlive it.
  [[nodiscard]] DekAuthority authority() const;
};

// The agent's first words on a connection: its public key.
base::Bytes EncodeAgentHello(const crypto::X25519PublicKey& key);
// Errors:
//   kDataLoss  not exactly one hello.
absl::StatusOr<crypto::X25519PublicKey> DecodeAgentHello(base::ByteView body);

base::Bytes EncodeAgentRequest(const DekAuthority& authority,
                               std::span<const base::ByteView> boxes);
// Errors:
//   kInvalidArgument  not exactly one request.
absl::StatusOr<AgentRequest> DecodeAgentRequest(base::ByteView body);

// The keys, or that it did not open them. The caller wipes it.
base::Bytes EncodeAgentAnswer(
    const absl::StatusOr<std::vector<base::SecretBytes>>& opened);
// The keys for `boxes` boxes, or what the agent said.
//
// Errors: those of DekAgent::Open, and
//   kDataLoss  not exactly one answer, or one to another question.
absl::StatusOr<std::vector<base::SecretBytes>> DecodeAgentAnswer(
    base::ByteView body, std::size_t boxes);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_KEYAGENT_AGENT_FRAME_H_
