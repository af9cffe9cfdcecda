#include "common/rpc/timers.h"

#include <vector>

namespace limpid::rpc {

Timers::Timers(const base::Clock& clock)
    : clock_(clock), thread_([this] { Loop(); }) {}

Timers::~Timers() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  stop_.NotifyAll();
  thread_.join();
}

std::uint64_t Timers::RunAt(absl::Duration at, std::function<void()> work) {
  const base::MutexLock lock(mutex_);
  const std::uint64_t timer = next_++;
  queue_.emplace(std::pair(at, timer), std::move(work));
  at_.emplace(timer, at);
  return timer;
}

void Timers::Cancel(std::uint64_t timer) {
  std::function<void()> dropped;  // Destroyed after the lock.
  const base::MutexLock lock(mutex_);
  const auto found = at_.find(timer);
  if (found == at_.end()) return;
  const auto queued = queue_.find(std::pair(found->second, timer));
  dropped = std::move(queued->second);
  queue_.erase(queued);
  at_.erase(found);
}

void Timers::Loop() {
  while (true) {
    std::vector<std::function<void()>> due;
    {
      const base::MutexLock lock(mutex_);
      if (!stopping_) stop_.WaitFor(mutex_, kTick);
      if (stopping_) return;
      const absl::Duration now = clock_.Monotonic();
      while (!queue_.empty() && queue_.begin()->first.first <= now) {
        due.push_back(std::move(queue_.begin()->second));
        at_.erase(queue_.begin()->first.second);
        queue_.erase(queue_.begin());
      }
    }
    for (const auto& work : due) work();
  }
}

}  // namespace limpid::rpc
