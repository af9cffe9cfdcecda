// A machine's clock that is not taken at its word: after a jump, and after a
// start that is further from the last known time than a server stands still,
// it goes on from the time that was known and says that it is in doubt. So what
// is stored, signed and compared with is wrong by no more than a clock that is
// believed may be.
// docs/adr/2026-11-29-clock-at-a-start.md

#ifndef LIMPID_COMMON_BASE_GUARDED_CLOCK_H_
#define LIMPID_COMMON_BASE_GUARDED_CLOCK_H_

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace limpid::base {

// Thread-safe.
class GuardedClock final : public Clock {
 public:
  struct Reading {
    // As Now.
    absl::Time time;
    // What the machine says.
    absl::Time machine;
    bool believed = true;
  };

  // `machine` must outlive it. Until Begin it is the machine's clock, believed.
  explicit GuardedClock(const Clock& machine) : machine_(machine) {}

  // `known`: a time that had been believed and has passed. From here on the
  // machine is believed while it is at most kMaxClockJump before, and, until it
  // is believed for the first time, at most `max_gap` after what `known` and
  // the monotonic time since give; later at most kMaxClockJump after it.
  // Smaller differences are followed. A clock that is put right is believed
  // again by itself.
  void Begin(absl::Time known, absl::Duration max_gap);

  // While in doubt: the last time believed plus the monotonic time since. It is
  // after the true time by no more than the believed time was, and before it by
  // as long as the machine was off or asleep.
  [[nodiscard]] absl::Time Now() const override { return Read().time; }
  [[nodiscard]] absl::Duration Monotonic() const override {
    return machine_.Monotonic();
  }
  [[nodiscard]] bool Believed() const override { return Read().believed; }
  [[nodiscard]] absl::Time Machine() const override { return machine_.Now(); }
  [[nodiscard]] Reading Read() const;

 private:
  const Clock& machine_;
  mutable Mutex mutex_;
  bool begun_ ABSL_GUARDED_BY(mutex_) = false;
  // The last time believed, when that was, and how far the machine may be after
  // what they give now.
  mutable absl::Time known_ ABSL_GUARDED_BY(mutex_);
  mutable absl::Duration known_at_ ABSL_GUARDED_BY(mutex_);
  mutable absl::Duration bound_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::base

#endif  // LIMPID_COMMON_BASE_GUARDED_CLOCK_H_
