#include "algoregister/evidence/counts.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"

namespace limpid::algoregister::evidence {

Counts& Counts::operator+=(const Counts& other) {
  tp += other.tp;
  fp += other.fp;
  fn += other.fn;
  tn += other.tn;
  if (overridden && other.overridden) {
    *overridden += *other.overridden;
  } else {
    overridden.reset();
  }
  return *this;
}

Counts Exchanged(const Counts& counts) {
  return {.tp = counts.tn,
          .fp = counts.fn,
          .fn = counts.fp,
          .tn = counts.tp,
          .overridden = counts.overridden};
}

bool IsSmall(const Counts& counts, std::int64_t k) {
  // n is no less than any of its four parts.
  return std::min({counts.tp, counts.fp, counts.fn, counts.tn}) < k;
}

const Group* Grouping::Find(std::string_view name) const {
  const auto found =
      std::find_if(groups.begin(), groups.end(),
                   [name](const Group& group) { return group.name == name; });
  return found == groups.end() ? nullptr : &*found;
}

Counts Grouping::Total() const {
  if (groups.empty()) return {};
  Counts out = groups.front().counts;
  for (auto at = groups.begin() + 1; at != groups.end(); ++at) {
    out += at->counts;
  }
  return out;
}

absl::Status CheckGroupCount(std::span<const Grouping> groupings) {
  std::size_t count = 0;
  for (const Grouping& one : groupings) {
    if (one.groups.size() > kMaxGroups) {
      return absl::ResourceExhaustedError(
          "a grouping has more than 500 groups");
    }
    count += one.groups.size();
  }
  if (count <= kMaxGroupsInAll) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      "the groupings have more than 1,000 groups together");
}

const Grouping* Evidence::Find(std::string_view attribute) const {
  const auto found = std::find_if(
      groupings.begin(), groupings.end(),
      [attribute](const Grouping& g) { return g.attribute == attribute; });
  return found == groupings.end() ? nullptr : &*found;
}

}  // namespace limpid::algoregister::evidence
