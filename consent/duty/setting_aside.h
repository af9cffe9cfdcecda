// Keeps the index of what a service has to answer short: rows whose duty is
// answered move to an index of their own once a listing has met them, so that
// no listing meets them again. docs/formats/deletion-duty.md

#ifndef LIMPID_CONSENT_DUTY_SETTING_ASIDE_H_
#define LIMPID_CONSENT_DUTY_SETTING_ASIDE_H_

#include <vector>

#include "consent/consent_state.h"
#include "consent/ids.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Moves the first 64 of `rows` of the index of `service` later, in a commit of
// their own, and does not wait; nothing while others are being moved, however
// many listings ask for it, for acts of persons wait behind it. Whether it was
// done no listing depends on, and what was not is met and moved another time.
// An answered duty stays answered; one that is made anew gets a new row when it
// opens.
void SetAside(Consent::State& state, const ServiceId& service,
              const std::vector<EventRow>& rows);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_DUTY_SETTING_ASIDE_H_
