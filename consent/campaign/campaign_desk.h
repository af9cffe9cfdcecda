// Re-consent inside the role's own tasks: the campaign of a new version, the
// pages of asking and ending, what an answer does to the record it follows.

#ifndef LIMPID_CONSENT_CAMPAIGN_CAMPAIGN_DESK_H_
#define LIMPID_CONSENT_CAMPAIGN_CAMPAIGN_DESK_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "consent/campaign/campaign.h"
#include "consent/consent.h"
#include "consent/consent_state.h"
#include "consent/record/state.h"

namespace limpid::consent {

// Adds the campaign of `made`, a version from 2 on, to the commit that
// publishes it.
void StartCampaign(Consent::State& s, const Agreement& before,
                   const Agreement& made, const Publication& publication,
                   Batch& batch);

// One page, in a commit of its own, of what the campaign has to do at the
// clock's time; false when it has nothing to do.
absl::StatusOr<bool> StepCampaign(Consent::State& s,
                                  const AgreementId& agreement,
                                  std::uint32_t version);

// Whether this version may still be asked for and granted.
//
// Errors:
//   kFailedPrecondition  a later version asks for more.
absl::Status CheckNotOutdated(const Consent::State& s,
                              const AgreementId& agreement,
                              std::uint32_t version);

// The record that `record` follows, when it stands; null for none.
absl::StatusOr<LiveRecord*> FollowedBy(Persons& persons, PersonState& person,
                                       const LiveRecord& record);
// Ends `followed` when `answer` to `record`, which follows it, says so:
// superseded by a grant, with a deletion duty for what that gives no more;
// terminated by a refusal after the grace. Cannot fail.
void EndFollowed(const Consent::State& s, PersonState& person,
                 LiveRecord* followed, const LiveRecord& record,
                 RecordEvent answer, Batch& batch);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_CAMPAIGN_CAMPAIGN_DESK_H_
