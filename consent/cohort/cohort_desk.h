// The way of one question about a cohort through the ordered path: checked,
// gathered in pages that others' decisions run between, and closed in one
// commit of its own. For this folder and consent's own .cc files.

#ifndef LIMPID_CONSENT_COHORT_COHORT_DESK_H_
#define LIMPID_CONSENT_COHORT_COHORT_DESK_H_

#include "absl/status/statusor.h"
#include "consent/cohort/cohort.h"
#include "consent/cohort/cohort_book.h"
#include "consent/consent.h"
#include "consent/decision/decide.h"
#include "consent/ledger/batch.h"
#include "consent/ledger/catalogue.h"

namespace limpid::consent {

// See cohort.h. Does not block.
void AuthoriseCohort(Consent::State& s, CohortRequest request,
                     CohortCallback callback);

// The service that asks, if all that does not depend on any person allows it
// at the time of `batch`. Errors: those of CohortCallback.
absl::StatusOr<ServicePointer> CheckCohort(const Consent::State& s,
                                           const CohortRequest& request,
                                           const Batch& batch);

// What is put to Decide for each record.
ReadRequest ReadOf(const CohortKey& key);

// Looks at the next page of the service's stream, and so on to its end; then
// closes the cohort for each that waits. On the sequencer's thread.
void Gather(Consent::State& s, const CohortPointer& cohort);

// Makes the permit for a whole cohort. On the sequencer's thread.
void CloseCohort(Consent::State& s, CohortAsk ask);

// Calls back where authorisations are answered.
void Reply(const Consent::State& s, CohortCallback callback,
           absl::StatusOr<CohortAnswer> answer);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_COHORT_COHORT_DESK_H_
