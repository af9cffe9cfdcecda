#include "consent/receipt/tick_places.h"

#include <utility>

#include "common/receipt/tick.h"

namespace limpid::consent {

std::uint64_t TickPlaces::IndexOf(const PlanRow& plan, std::uint64_t position) {
  const Kept order = OrderOf(plan);
  return plan.first_index + order->places.at(position - plan.first_position);
}

TickPlaces::Kept TickPlaces::OrderOf(const PlanRow& plan) {
  {
    const base::MutexLock lock(mutex_);
    for (const Kept& kept : kept_) {
      if (kept->seed == plan.seed && kept->leaf_count == plan.padded) {
        return kept;
      }
    }
  }
  // Without the lock: whoever asks for another tick need not wait.
  auto made = std::make_shared<Order>();
  made->seed = plan.seed;
  made->leaf_count = plan.padded;
  made->places.resize(plan.padded);
  std::uint32_t place = 0;
  for (const std::uint64_t item : receipt::TickOrder(plan.seed, plan.padded)) {
    made->places[item] = place++;
  }
  const base::MutexLock lock(mutex_);
  ++computed_;
  kept_.push_front(made);
  if (kept_.size() > kKept) kept_.pop_back();
  return made;
}

std::size_t TickPlaces::computed() const {
  const base::MutexLock lock(mutex_);
  return computed_;
}

}  // namespace limpid::consent
