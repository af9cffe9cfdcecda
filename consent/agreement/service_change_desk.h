// Applies an approved change of a service when its time has come, and tells the
// persons concerned.

#ifndef LIMPID_CONSENT_AGREEMENT_SERVICE_CHANGE_DESK_H_
#define LIMPID_CONSENT_AGREEMENT_SERVICE_CHANGE_DESK_H_

#include "absl/status/statusor.h"
#include "consent/agreement/service_change.h"
#include "consent/consent_state.h"

namespace limpid::consent {

// One step, in a commit of its own, of what the change has to do at the clock's
// time; false when it has nothing to do.
absl::StatusOr<bool> StepServiceChange(Consent::State& s,
                                       const ServiceChangeId& id);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_AGREEMENT_SERVICE_CHANGE_DESK_H_
