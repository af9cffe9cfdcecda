#include "consent/cohort/cohort_book.h"

#include <utility>

namespace limpid::consent {

CohortKey KeyOf(const CohortRequest& request) {
  return {request.agreement, request.source, request.purpose,
          request.attribute};
}

CohortPointer CohortBook::Find(const CohortKey& key,
                               std::uint64_t epoch) const {
  const auto at = cohorts_.find(key);
  if (at == cohorts_.end() || at->second->epoch != epoch) return nullptr;
  return at->second;
}

CohortPointer CohortBook::Open(const CohortKey& key, std::uint64_t epoch,
                               const ServiceId& service) {
  MakeRoom(epoch);
  auto out = std::make_shared<Cohort>();
  out->key = key;
  out->epoch = epoch;
  out->service = service;
  cohorts_[key] = out;
  return out;
}

void CohortBook::MakeRoom(std::uint64_t epoch) {
  // One that is being gathered is still held by its task, which will find the
  // epoch over.
  std::erase_if(cohorts_,
                [&](const auto& kept) { return kept.second->epoch != epoch; });
  if (contributor_count() < kMaxCohortMemory) return;
  std::erase_if(cohorts_, [](const auto& kept) {
    // A refusal stays: it is small, and gathering again would cost the same.
    return kept.second->whole && kept.second->refused.ok();
  });
}

void CohortBook::Drop(const CohortPointer& cohort) {
  const auto at = cohorts_.find(cohort->key);
  if (at != cohorts_.end() && at->second == cohort) cohorts_.erase(at);
}

void CohortBook::Fence(const RecordId& record, std::uint64_t revision) {
  for (const auto& [key, cohort] : cohorts_) {
    const auto at = cohort->contributors.find(record);
    if (at == cohort->contributors.end()) continue;
    if (at->second.revision < revision) cohort->contributors.erase(at);
  }
}

std::size_t CohortBook::contributor_count() const {
  std::size_t out = 0;
  for (const auto& [key, cohort] : cohorts_) {
    out += cohort->contributors.size();
  }
  return out;
}

}  // namespace limpid::consent
