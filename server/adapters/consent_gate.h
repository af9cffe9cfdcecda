// Vault asks, consent decides, in one process: the vault's ConsentGate on
// consent's authorisation. Translates; decides nothing.

#ifndef LIMPID_SERVER_ADAPTERS_CONSENT_GATE_H_
#define LIMPID_SERVER_ADAPTERS_CONSENT_GATE_H_

#include "consent/consent.h"
#include "consent/ids.h"
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

 private:
  consent::Consent& consent_;
  const consent::SourceId source_;
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ADAPTERS_CONSENT_GATE_H_
