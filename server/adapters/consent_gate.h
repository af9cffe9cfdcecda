// Vault asks, consent decides, in one process: the vault's ConsentGate on
// consent's authorisation. Translates; decides nothing.

#ifndef LIMPID_SERVER_ADAPTERS_CONSENT_GATE_H_
#define LIMPID_SERVER_ADAPTERS_CONSENT_GATE_H_

#include <atomic>
#include <cstdint>

#include "absl/status/statusor.h"
#include "consent/cohort/cohort.h"
#include "consent/consent.h"
#include "consent/ids.h"
#include "consent/ledger/authorise.h"
#include "vault/gate/consent_gate.h"

namespace limpid::server {

// Thread-safe.
class LocalConsentGate final : public vault::ConsentGate {
 public:
  // `source` is the vault of this process. `consent` must outlive the gate.
  LocalConsentGate(consent::Consent& consent, const consent::SourceId& source)
      : consent_(consent), source_(source) {}

  void Authorize(vault::ReleaseRequest request,
                 vault::DecisionCallback callback) override;
  void AuthorizeCohort(vault::CohortQuestion question,
                       vault::CohortCallback callback) override;

  // Refuses what comes with kUnavailable, and gives up cohorts that are being
  // gathered. When it returns every answer has been given: they lead into the
  // vault, which goes before consent.
  void Stop();

 private:
  static absl::StatusOr<vault::Decision> Decided(
      absl::StatusOr<consent::Authorisation> answer);
  static absl::StatusOr<vault::Cohort> Named(
      absl::StatusOr<consent::CohortAnswer> answer);
  // False after Stop; otherwise End must follow the answer.
  bool Begin();
  void End() { --under_way_; }

  std::atomic<bool> closed_ = false;
  std::atomic<std::int64_t> under_way_ = 0;
  consent::Consent& consent_;
  const consent::SourceId source_;
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ADAPTERS_CONSENT_GATE_H_
