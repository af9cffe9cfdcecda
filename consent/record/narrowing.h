// Narrowing: the person takes lines or time away from what she granted. It
// takes effect at once and is never signed; whatever would give more is
// refused, because more needs a grant of its own. Pure.

#ifndef LIMPID_CONSENT_RECORD_NARROWING_H_
#define LIMPID_CONSENT_RECORD_NARROWING_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "consent/agreement/agreement.h"
#include "consent/record/revision.h"

namespace limpid::consent {

// What is left afterwards.
struct Narrowing {
  // Attributes that stay, in any order; none leaves the lines as they are.
  std::vector<std::string> keep;
  // Earlier end of the validity.
  std::optional<absl::Time> until;
};

// Whether `keep` leaves out something of `current`. Under an atomic agreement
// that ends the whole record.
[[nodiscard]] bool DropsLines(const Narrowing& narrowing,
                              const Revision& current,
                              const Agreement& agreement);

// The narrowed revision, or nothing when `current` is that narrow already.
// `current` is in force at `now`.
//
// Errors:
//   kInvalidArgument     neither lines nor an end are named, an attribute
//                        stands twice, or the end is no later than now.
//   kFailedPrecondition  it would give more than was granted, or leave out a
//                        required line; the message names the field.
absl::StatusOr<std::optional<Revision>> NarrowedRevision(
    const Narrowing& narrowing, const Revision& current,
    const Agreement& agreement, absl::Time now);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RECORD_NARROWING_H_
