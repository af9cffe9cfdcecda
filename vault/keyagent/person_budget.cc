#include "vault/keyagent/person_budget.h"

namespace limpid::vault {

bool PersonBudget::Admit(const HolderId& holder, absl::Duration now) {
  const auto found = until_.find(holder);
  if (found == until_.end() && until_.size() >= persons_) {
    // Looked through only when full: a budget is some hundreds.
    std::erase_if(until_, [&](const auto& one) { return one.second <= now; });
    if (until_.size() >= persons_) return false;
  }
  until_[holder] = now + kWindow;
  return true;
}

}  // namespace limpid::vault
