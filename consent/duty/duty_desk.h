// The deletion duties of a consent role, as its edges use them: services list
// and answer theirs, persons see hers, the operator counts. Other callers'
// duties are kNotFound, and so are those of somebody whose erasing began. A
// damaged one hides no other: it is counted, and ConsentOptions::alarm is told.

#ifndef LIMPID_CONSENT_DUTY_DUTY_DESK_H_
#define LIMPID_CONSENT_DUTY_DUTY_DESK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "consent/consent.h"
#include "consent/duty/duty_views.h"

namespace limpid::consent {

// Most rows of a service's index that one page looks at.
inline constexpr std::size_t kMostDutiesLookedAt = 512;
// Most duties of a person on one page.
inline constexpr std::size_t kMaxPersonDuties = 200;

// Thread-safe, and cheap to make for one call.
class DutyDesk {
 public:
  // `consent` must outlive it.
  explicit DutyDesk(const Consent& consent) : state_(consent.state()) {}

  // Of the service, in the order in which they opened; those it has not
  // answered, or all. `next_after` of the page is 0 at the end; a page may be
  // short, even empty, before that. Answered ones that a page of the first kind
  // comes upon are set aside, so that the next ones do not.
  absl::StatusOr<DutyPage> ListServiceDuties(const ServiceId& service,
                                             bool answered_too,
                                             std::uint64_t after,
                                             std::size_t limit) const;
  // The service has deleted. For the duty of an ended consent this answers
  // every duty of the record. A second call changes nothing.
  absl::StatusOr<DutyView> AcknowledgeDeletion(const ServiceId& service,
                                               const DutyId& duty);
  // The service keeps the data on a legal ground; the person sees it.
  //
  // Errors:
  //   kInvalidArgument     CheckRefusal.
  //   kFailedPrecondition  it was acknowledged, or refused with other words.
  absl::StatusOr<DutyView> RefuseDeletion(const ServiceId& service,
                                          const DutyId& duty,
                                          RefusalReason reason,
                                          const std::string& explanation);
  // Of the person, or of one of her records, behind `after` when it is set;
  // scheduled ones included. Pages go by record, the earliest due first on
  // each.
  absl::StatusOr<PersonDutyPage> ListDuties(
      const PersonId& person, std::optional<RecordId> record,
      std::optional<DutyCursor> after = std::nullopt,
      std::size_t limit = kMaxPersonDuties) const;
  // Per service, the one with the oldest first. Names no person.
  absl::StatusOr<OverdueCount> ListOverdueDuties() const;

 private:
  Consent::State& state_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_DUTY_DUTY_DESK_H_
