// Publishing the keys of services: the entries that go with a change of a
// service into one commit, and what becomes of them.

#ifndef LIMPID_CONSENT_SERVICE_KEY_KEY_DESK_H_
#define LIMPID_CONSENT_SERVICE_KEY_KEY_DESK_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "consent/consent.h"
#include "consent/ledger/batch.h"
#include "consent/service_key/key_chain.h"
#include "consent/service_key/key_sender.h"

namespace limpid::consent {

// What an administrator sees of one service.
struct ServiceKeysView {
  ServiceKeyChain chain;
  // Why the rest is not logged, when an attempt has failed.
  std::optional<KeyTrouble> trouble;
  // Whether there is a register to send to.
  bool has_directory = false;
};

// Thread-safe, and cheap to make for one call.
class ServiceKeyDesk {
 public:
  // `consent` must outlive it.
  explicit ServiceKeyDesk(const Consent& consent) : state_(consent.state()) {}

  // Errors:
  //   kNotFound  no such service.
  absl::StatusOr<ServiceKeysView> Get(const ServiceId& service) const;

  // Signs what is missing and sends what is due on the caller's thread, where
  // no worker does.
  absl::Status RunDue() const;

 private:
  Consent::State& state_;
};

// The service's chain with what makes its keys those of `after`; for a commit,
// before it changes anything.
//
// Errors: those of CheckContinues and Continued.
absl::StatusOr<ServiceKeyChain> KeysAfter(const Consent::State& s,
                                          const Service& after, absl::Time now);
// Stores the chain with the batch; it is sent once that is durable.
void StoreKeys(Consent::State& s, const ServiceKeyChain& chain, Batch& batch);

// What the sender commits: KeyCommits.
KeyCommits KeyCommitsOf(Consent::State& s);

// Signs entries for services that have none: registered by an earlier version.
absl::Status SignFirstKeys(Consent::State& s);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_SERVICE_KEY_KEY_DESK_H_
