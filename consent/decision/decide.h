// Decides, attribute by attribute, what one read may have at one moment. A pure
// function of what was asked and what stands: no clock, no store. Deny
// overrides; the first rule that refuses is the reason. consent.md section 3

#ifndef LIMPID_CONSENT_DECISION_DECIDE_H_
#define LIMPID_CONSENT_DECISION_DECIDE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/receipt/access_entry.h"
#include "consent/agreement/agreement.h"
#include "consent/agreement/service.h"
#include "consent/identity/account.h"
#include "consent/ids.h"
#include "consent/purpose/purposes.h"
#include "consent/record/revision.h"

namespace limpid::consent {

// A read for training names the system and the dataset snapshot.
struct TrainingUse {
  SystemId system;
  SnapshotId snapshot;

  friend bool operator==(const TrainingUse&, const TrainingUse&) = default;
};

struct ReadRequest {
  // DPV IRI.
  std::string purpose;
  // 1 to kMaxLines distinct catalogue ids, in the caller's order.
  std::vector<std::string> attributes;
  std::optional<TrainingUse> training;
};

// Errors:
//   kInvalidArgument  no attribute, over kMaxLines, one of them twice or not a
//                     catalogue id, a purpose that is empty or over 256 bytes.
absl::Status CheckReadRequest(const ReadRequest& request);

// What stands at the moment of the decision. Pointers are null when there is no
// such thing: an unknown record is decided like one that grants nothing.
struct Standing {
  const Revision* record = nullptr;
  // Of the record; null only with it.
  const Agreement* agreement = nullptr;
  const Service* service = nullptr;
  // The caller, as its certificate says.
  ServiceId caller;
  // Uses counted so far.
  std::uint64_t use_count = 0;
  // The register knows the system, and that it trains on the open snapshot.
  bool may_train = false;
  // The person is linked to the source that asks.
  bool linked = false;
  // For each attribute asked, in that order: the source that asks has an
  // agreement in force to share it with the caller for the purpose. One that is
  // missing counts as no.
  std::vector<bool> shared;
  // The same for every line of an atomic agreement at the line's own source.
  bool every_part_shared = true;
  // The source that asks; none when it does not matter, as in Explain.
  SourceId source;
  // Every source that the person is linked to.
  std::span<const SourceLink> links;
  // Uses counted so far in the present period of the agreement's frequency.
  std::uint64_t period_use_count = 0;
  // From when on a later version of the agreement stands in the way.
  std::optional<absl::Time> outdated_from;
  // Nobody granted it for the person, or who did still has the power.
  bool representative_may = true;
};

// Which period of `frequency` `now` is in; 0 before the first begins.
std::uint64_t PeriodAt(const UseFrequency& frequency, absl::Time from,
                       absl::Time now);

// One line per attribute asked, in that order. A released one carries the form
// of the agreement line; a refused one the true reason, and no form.
std::vector<receipt::AccessLine> Decide(const ReadRequest& request,
                                        const Standing& standing,
                                        const Purposes& purposes,
                                        absl::Time now);

// The reason as the calling service may see it: NO_CONSENT where the true one
// would tell about the person, and always when the record is not the caller's.
receipt::Reason Soften(receipt::Reason reason, bool caller_is_recipient);

// The rule behind a reason, one fixed sentence for the person.
std::string_view RuleOf(receipt::Reason reason);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_DECISION_DECIDE_H_
