// What a refusal keeps away: until the date that the person set, the service
// does not reach her with the same question again. Pure.
// docs/adr/2026-11-28-refusals-are-remembered.md

#ifndef LIMPID_CONSENT_RECORD_REFUSAL_MEMORY_H_
#define LIMPID_CONSENT_RECORD_REFUSAL_MEMORY_H_

#include "absl/time/time.h"
#include "consent/agreement/agreement.h"
#include "consent/ledger/person_state.h"
#include "consent/purpose/purposes.h"

namespace limpid::consent {

// Whether the refusal `refused` of an agreement keeps `asked` away at `now`:
// the same service, and the same agreement in any version or a purpose that
// covers, or is covered by, one that was refused.
[[nodiscard]] bool KeepsAway(const LiveRecord& refused,
                             const Agreement& refused_agreement,
                             const Agreement& asked, const Purposes& purposes,
                             absl::Time now);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RECORD_REFUSAL_MEMORY_H_
