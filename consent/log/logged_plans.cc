#include "consent/log/logged_plans.h"

#include "common/base/status_macros.h"

namespace limpid::consent {

absl::StatusOr<bool> LoggedPlans::Has(std::uint64_t position) {
  if (done_ && position >= done_->first_position &&
      position < done_->first_position + done_->count) {
    return true;
  }
  LIMPID_ASSIGN_OR_RETURN(const auto plan, store_.PlanFor(position));
  if (!plan || !plan->done) return false;
  done_ = plan;
  return true;
}

}  // namespace limpid::consent
