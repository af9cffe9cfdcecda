#include "common/base/guarded_clock.h"

#include <algorithm>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace limpid::base {

void GuardedClock::Begin(absl::Time known, absl::Duration max_gap) {
  const MutexLock lock(mutex_);
  begun_ = true;
  known_ = known;
  known_at_ = machine_.Monotonic();
  bound_ = std::max(max_gap, kMaxClockJump);
}

GuardedClock::Reading GuardedClock::Read() const {
  const MutexLock lock(mutex_);
  Reading out;
  out.machine = machine_.Now();
  out.time = out.machine;
  if (!begun_) return out;
  const absl::Duration monotonic = machine_.Monotonic();
  const absl::Time expected = known_ + (monotonic - known_at_);
  out.believed = out.machine <= expected + bound_ &&
                 out.machine >= expected - kMaxClockJump;
  if (!out.believed) {
    out.time = expected;
    return out;
  }
  known_ = out.machine;
  known_at_ = monotonic;
  bound_ = kMaxClockJump;
  return out;
}

}  // namespace limpid::base
