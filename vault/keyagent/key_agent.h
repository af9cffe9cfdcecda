// The judgement of a key agent: which keys of values it opens, on whose word.
// It has the agent's private key, consent's public keys and a clock; it trusts
// nothing that a vault says. Knows no socket. docs/formats/key-agent.md

#ifndef LIMPID_VAULT_KEYAGENT_KEY_AGENT_H_
#define LIMPID_VAULT_KEYAGENT_KEY_AGENT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/guarded_clock.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/x25519.h"
#include "common/jose/jwk.h"
#include "common/receipt/permit.h"
#include "vault/keyagent/dek_agent.h"
#include "vault/keyagent/person_budget.h"
#include "vault/keys/dek_box.h"
#include "vault/keys/ids.h"

namespace limpid::vault {

struct KeyAgentOptions {
  // The vault that it serves.
  Identity vault;
  // What signs consent's permits, and what signs persons' source tokens.
  crypto::Ed25519PublicKey permit_key;
  crypto::Ed25519PublicKey token_key;
  // Different persons whose keys it opens in one minute for services, and as
  // many for persons themselves; at least 1.
  std::size_t persons_per_minute = 0;
  // How far consent's clock and this one may differ.
  absl::Duration clock_difference = absl::Seconds(1);
};

// What an operator is told, without whom or what it was about.
enum class AgentEvent : std::uint8_t {
  // Requests are refused because the persons of a minute are used up.
  kBudgetSpent,
  // A request was refused that no vault in order makes.
  kRefused,
  // Requests are refused because the wall clock jumped.
  kClockJumped,
};

// Called outside every lock, each event at most once a minute.
using AgentEventSink = std::function<void(AgentEvent)>;

// Thread-safe.
class KeyAgent final : public DekAgent {
 public:
  // `clock` must outlive the agent. Permits from before it was made open
  // nothing: which were used then is not known any more.
  KeyAgent(KeyAgentOptions options, crypto::X25519PrivateKey key,
           const base::Clock& clock, AgentEventSink tell);

  [[nodiscard]] const crypto::X25519PublicKey& key() const override {
    return key_.PublicKey();
  }
  absl::StatusOr<std::vector<base::SecretBytes>> Open(
      const DekAuthority& authority,
      std::span<const base::ByteView> boxes) override;

 private:
  // A line of a permit that was used: the access it is of, and the attribute.
  using Used = std::pair<base::ByteArray<16>, std::string>;
  // What an authority allows. A view of the permit.
  struct Allowed {
    HolderId holder;
    // Of a permit; else everything of hers is.
    const receipt::Permit* permit = nullptr;
    // Of a permit: from then on it is refused by its age alone.
    absl::Time end = absl::InfiniteFuture();
  };

  absl::StatusOr<receipt::Permit> CheckPermit(const SignedPermit& signed_permit,
                                              absl::Time now,
                                              absl::Time& end) const;
  absl::StatusOr<HolderId> CheckProof(const PersonProof& proof,
                                      absl::Time now) const;
  absl::StatusOr<std::vector<base::SecretBytes>> OpenFor(
      const Allowed& allowed, std::span<const base::ByteView> boxes,
      absl::Time now);
  [[nodiscard]] bool Covers(const Allowed& allowed,
                            const BoxedDek& boxed) const;
  absl::Status Spend(const Allowed& allowed,
                     const std::vector<BoxedDek>& opened, absl::Time now);
  // The time, which never goes back: a permit that ran out stays so. A jump of
  // the wall clock is not followed: what was ahead once would stay so.
  //
  // Errors:
  //   kPermissionDenied  the wall clock jumped, and is not right again.
  absl::StatusOr<absl::Time> Now();
  void Tell(AgentEvent event);
  absl::Status Refuse();

  const KeyAgentOptions options_;
  const crypto::X25519PrivateKey key_;
  base::GuardedClock clock_;
  const AgentEventSink tell_;
  const std::string audience_;
  const jose::PublicJwk token_issuer_;
  const absl::Time started_;
  base::Mutex mutex_;
  absl::Time latest_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  // What services read stops no person who calls, nor the other way round.
  PersonBudget services_ ABSL_GUARDED_BY(mutex_);
  PersonBudget themselves_ ABSL_GUARDED_BY(mutex_);
  std::set<Used> used_ ABSL_GUARDED_BY(mutex_);
  // Ends are within a few seconds of one another, so the order of use is near
  // enough to that of the ends.
  std::deque<std::pair<absl::Time, Used>> used_order_ ABSL_GUARDED_BY(mutex_);
  // When each event was told last, on the monotonic clock.
  std::array<absl::Duration, 3> told_ ABSL_GUARDED_BY(mutex_) = {
      -absl::InfiniteDuration(), -absl::InfiniteDuration(),
      -absl::InfiniteDuration()};
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_KEYAGENT_KEY_AGENT_H_
