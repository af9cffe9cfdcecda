// What a key agent is asked with: consent's keys, persons, permits, proofs and
// boxes, made without a vault.

#ifndef LIMPID_TESTS_UNIT_VAULT_AGENT_WORLD_H_
#define LIMPID_TESTS_UNIT_VAULT_AGENT_WORLD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/random.h"
#include "common/crypto/x25519.h"
#include "common/jose/jwk.h"
#include "common/jose/tokens.h"
#include "common/receipt/batch.h"
#include "common/receipt/permit.h"
#include "tests/unit/vault/vault_fakes.h"
#include "vault/gate/release_permit.h"
#include "vault/keyagent/dek_agent.h"
#include "vault/keyagent/key_agent.h"
#include "vault/keys/dek_box.h"

namespace limpid::vault {

inline constexpr char kBirth[] = "person.birth_date";
inline constexpr char kEmail[] = "person.email";
inline constexpr char kGetMethod[] =
    "/limpid.vault.v1.PersonVaultService/GetAttribute";

class AgentWorld {
 public:
  // `clock` must outlive it.
  explicit AgentWorld(const base::Clock& clock) : clock_(clock) {}

  [[nodiscard]] KeyAgentOptions Options(std::size_t persons = 3) const {
    return {ExampleIdentity(), permits_.PublicKey(), tokens_.PublicKey(),
            persons, absl::Seconds(1)};
  }

  // A box of a value of `holder`; `change` damages what is in it.
  [[nodiscard]] base::Bytes Box(
      const crypto::X25519PublicKey& agent, const HolderId& holder,
      std::string_view attribute,
      const std::function<void(BoxedDek&)>& change = nullptr) const {
    BoxedDek contents{ExampleIdentity(),
                      holder,
                      std::string(attribute),
                      1,
                      1,
                      crypto::RandomArray<16>(),
                      CountingKey(0x60)};
    if (change) change(contents);
    return SealDekBox(agent, contents).value();
  }

  // As consent decides it now, for `attributes` of `holder` in full.
  [[nodiscard]] receipt::Permit Draft(
      const HolderId& holder,
      const std::vector<std::string>& attributes) const {
    receipt::Permit out;
    out.source = ExampleIdentity().source.bytes();
    out.holder = holder.bytes();
    out.access = crypto::RandomArray<16>();
    out.lease = absl::Seconds(2);
    out.not_after = clock_.Now() + absl::Hours(1);
    for (const std::string& attribute : attributes) {
      out.lines.push_back({attribute, receipt::Form::kFull, "", ""});
    }
    return out;
  }
  [[nodiscard]] SignedPermit Sign(const receipt::Permit& permit) const {
    return Sign(permit, permits_, receipt::BatchKind::kPermits);
  }
  [[nodiscard]] SignedPermit Sign(const receipt::Permit& permit,
                                  const crypto::Ed25519PrivateKey& key,
                                  receipt::BatchKind kind) const {
    const std::vector<base::Bytes> items = {
        permit.Encode(), base::ToBytes(std::string_view("another"))};
    return {items.front(),
            receipt::SignBatch(kind, 1, clock_.Now(), items, key).front()};
  }
  [[nodiscard]] SignedPermit PermitFor(
      const HolderId& holder,
      const std::vector<std::string>& attributes) const {
    return Sign(Draft(holder, attributes));
  }

  // What the person shows who calls `method` now.
  [[nodiscard]] PersonProof ProofOf(const HolderId& holder,
                                    const std::string& method = kGetMethod) {
    const std::string audience = ExampleIdentity().source.Text();
    // Read once: a token that is a second longer than it may be is refused.
    const absl::Time now = clock_.Now();
    PersonProof out;
    out.source_token = jose::Mint(
        tokens_, jose::SourceToken{audience, holder.Text(),
                                   jose::PublicJwk(person_.PublicKey()), now,
                                   now + absl::Minutes(5)});
    out.proof = jose::Mint(
        person_, jose::NewProof(audience, method, out.source_token, now));
    out.method = method;
    return out;
  }

  [[nodiscard]] const crypto::Ed25519PrivateKey& permit_key() const {
    return permits_;
  }

 private:
  const base::Clock& clock_;
  const crypto::Ed25519PrivateKey permits_ =
      crypto::Ed25519PrivateKey::Generate();
  const crypto::Ed25519PrivateKey tokens_ =
      crypto::Ed25519PrivateKey::Generate();
  const crypto::Ed25519PrivateKey person_ =
      crypto::Ed25519PrivateKey::Generate();
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_UNIT_VAULT_AGENT_WORLD_H_
