#include "algoregister/evidence/merge.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace limpid::algoregister::evidence {
namespace {

bool Smaller(const Group& left, const Group& right) {
  return std::pair(left.counts.n(), left.name) <
         std::pair(right.counts.n(), right.name);
}

bool IsOther(const Group& group) { return group.name == kOtherGroup; }

Counts SumOf(const std::vector<Group>& groups) {
  return Grouping{.groups = groups}.Total();
}

}  // namespace

Merged MergeSmall(const Grouping& grouping, std::int64_t k) {
  Merged out;
  out.grouping.attribute = grouping.attribute;
  std::vector<Group> small;
  std::vector<Group>& large = out.grouping.groups;
  for (const Group& group : grouping.groups) {
    (IsSmall(group.counts, k) ? small : large).push_back(group);
  }
  // What a publisher merged already takes in what is small here.
  const auto other = std::find_if(large.begin(), large.end(), IsOther);
  if (!small.empty() && other != large.end()) {
    small.push_back(*other);
    large.erase(other);
  }
  const std::size_t truly_small = small.size();
  // One group alone is small, so that it never stands for itself: who knows a
  // total would know it.
  while (!small.empty() && !large.empty() && IsSmall(SumOf(small), k)) {
    const auto next = std::min_element(large.begin(), large.end(), Smaller);
    small.push_back(*next);
    large.erase(next);
  }
  out.merged_count = small.size();
  out.complement_count = small.size() - truly_small;
  if (!small.empty()) {
    const Counts counts = SumOf(small);
    out.withheld = IsSmall(counts, k);
    if (!out.withheld) large.push_back({std::string(kOtherGroup), counts});
    std::sort(large.begin(), large.end(),
              [](const Group& a, const Group& b) { return a.name < b.name; });
  }
  if (grouping.reference && out.grouping.Find(*grouping.reference) != nullptr) {
    out.grouping.reference = grouping.reference;
  }
  return out;
}

Evidence Published(const Evidence& evidence) {
  Evidence out;
  out.settings = evidence.settings;
  out.total = evidence.total;
  for (const Grouping& grouping : evidence.groupings) {
    Merged merged = MergeSmall(grouping, evidence.settings.k);
    if (merged.withheld) out.total.reset();
    out.groupings.push_back(std::move(merged.grouping));
  }
  std::copy_if(evidence.calibrations.begin(), evidence.calibrations.end(),
               std::back_inserter(out.calibrations),
               [&out](const Calibration& one) {
                 const Grouping* const kept = out.Find(one.attribute);
                 return kept != nullptr && kept->Find(one.group) != nullptr;
               });
  return out;
}

}  // namespace limpid::algoregister::evidence
