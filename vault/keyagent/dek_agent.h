// The port through which the vault has keys of values opened by a key agent:
// for a permit that consent signed, or for the person herself, and for nothing
// else. docs/formats/key-agent.md

#ifndef LIMPID_VAULT_KEYAGENT_DEK_AGENT_H_
#define LIMPID_VAULT_KEYAGENT_DEK_AGENT_H_

#include <cstddef>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/x25519.h"
#include "vault/gate/release_permit.h"

namespace limpid::vault {

// How a person showed who she is in one call; docs/formats/tokens.md.
struct PersonProof {
  std::string source_token;
  std::string proof;
  // Full gRPC path of the call.
  std::string method;
};

// On whose word a key is opened. A view: what it points to must outlive the
// call. Empty: nobody's, which opens nothing.
using DekAuthority =
    std::variant<std::monostate, const SignedPermit*, const PersonProof*>;

// Most boxes in one request.
inline constexpr std::size_t kMaxBoxes = 64;

// Thread-safe.
class DekAgent {
 public:
  virtual ~DekAgent() = default;
  DekAgent(const DekAgent&) = delete;
  DekAgent& operator=(const DekAgent&) = delete;

  // What new keys are sealed to.
  [[nodiscard]] virtual const crypto::X25519PublicKey& key() const = 0;

  // The 32-byte DEKs in `boxes` (docs/formats/key-agent.md), in their order:
  // all or none. Blocks, and not for long.
  //
  // Errors:
  //   kInvalidArgument    no box, or more than kMaxBoxes.
  //   kPermissionDenied   `authority` does not allow it; never says why.
  //   kResourceExhausted  more persons in a minute than the agent opens.
  //   kUnavailable        the agent cannot be reached.
  virtual absl::StatusOr<std::vector<base::SecretBytes>> Open(
      const DekAuthority& authority, std::span<const base::ByteView> boxes) = 0;

 protected:
  DekAgent() = default;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_KEYAGENT_DEK_AGENT_H_
