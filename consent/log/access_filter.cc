#include "consent/log/access_filter.h"

#include "absl/status/status.h"

namespace limpid::consent {

absl::Status AccessFilter::Check(const Purposes& purposes) const {
  if (!purpose.empty() && !purposes.Knows(purpose)) {
    return absl::InvalidArgumentError(
        "purpose: is no purpose of the pinned DPV release");
  }
  if (from && until && *until <= *from) {
    return absl::InvalidArgumentError("until_time: must be after from_time");
  }
  return absl::OkStatus();
}

bool AccessFilter::Matches(const receipt::AccessEntry& entry,
                           const Purposes& purposes) const {
  if (record && entry.record != record->bytes()) return false;
  if (service && entry.service != service->bytes()) return false;
  if (from && entry.time < *from) return false;
  if (until && entry.time >= *until) return false;
  return purpose.empty() || purposes.IsSameOrNarrower(entry.purpose, purpose);
}

bool AccessFilter::MatchesTime(absl::Time time) const {
  if (record || service || !purpose.empty()) return false;
  return (!from || time >= *from) && (!until || time < *until);
}

}  // namespace limpid::consent
