// What the rest of the consent role does with sharing agreements inside its own
// tasks: the default ones of a new service, and the check of a grant.

#ifndef LIMPID_CONSENT_SHARING_SHARING_DESK_H_
#define LIMPID_CONSENT_SHARING_SHARING_DESK_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "consent/consent.h"
#include "consent/consent_state.h"
#include "consent/record/revision.h"

namespace limpid::consent {

// Adds, to the commit that registers `service`, one sharing agreement of each
// source of the operator with it.
void AddDefaultSharing(Consent::State& s, const Service& service,
                       const AdministratorKey& administrator, Batch& batch);

// Whether some source may share each line that `granted` chose, for some
// purpose of the agreement: a grant that no source stands behind promises what
// cannot be kept.
//
// Errors:
//   kInvalidArgument     the agreement has no such line.
//   kFailedPrecondition  for one line there is none; the message names it.
absl::Status CheckGrantIsShared(const Consent::State& s,
                                const Revision& granted,
                                const Agreement& agreement, absl::Time now);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_SHARING_SHARING_DESK_H_
