// Applies approved changes of services when their time has come, and tells the
// persons concerned.

#ifndef LIMPID_CONSENT_AGREEMENT_SERVICE_CHANGE_DESK_H_
#define LIMPID_CONSENT_AGREEMENT_SERVICE_CHANGE_DESK_H_

#include "absl/status/status.h"
#include "consent/consent_state.h"

namespace limpid::consent {

// Does what changes have to do at the clock's time until nothing is left.
absl::Status RunServiceChanges(Consent::State& s);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_AGREEMENT_SERVICE_CHANGE_DESK_H_
