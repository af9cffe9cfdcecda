#include "vault/keyagent/person_budget.h"

#include <algorithm>

namespace limpid::vault {

bool PersonBudget::Admit(const HolderId& holder, const Service& service,
                         absl::Duration now) {
  Forget(now);
  // Before it is judged: who is refused for another's sake asks, too.
  asking_[service] = now + kWindow;
  const auto found = places_.find(holder);
  const bool hers = found != places_.end() && found->second->service == service;
  const std::size_t share = persons_ - persons_ / 4;
  if (TakenBy(service) + (hers ? 0 : 1) > share && OthersAsk(service)) {
    return false;
  }
  if (found == places_.end()) {
    if (entries_.size() >= persons_) return false;
    places_[holder] =
        entries_.insert(entries_.end(), {holder, service, now + kWindow});
  } else {
    --taken_[found->second->service];
    *found->second = {holder, service, now + kWindow};
    entries_.splice(entries_.end(), entries_, found->second);
  }
  ++taken_[service];
  return true;
}

void PersonBudget::Forget(absl::Duration now) {
  while (!entries_.empty() && entries_.front().until <= now) {
    --taken_[entries_.front().service];
    places_.erase(entries_.front().holder);
    entries_.pop_front();
  }
  std::erase_if(taken_, [](const auto& one) { return one.second == 0; });
  std::erase_if(asking_, [&](const auto& one) { return one.second <= now; });
}

bool PersonBudget::OthersAsk(const Service& service) const {
  return std::any_of(asking_.begin(), asking_.end(),
                     [&](const auto& one) { return one.first != service; });
}

std::size_t PersonBudget::TakenBy(const Service& service) const {
  const auto found = taken_.find(service);
  return found == taken_.end() ? 0 : found->second;
}

}  // namespace limpid::vault
