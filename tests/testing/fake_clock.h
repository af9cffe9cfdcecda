// A clock that stands still until a test moves it. Thread-safe.

#ifndef LIMPID_TESTS_TESTING_FAKE_CLOCK_H_
#define LIMPID_TESTS_TESTING_FAKE_CLOCK_H_

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace limpid::testing {

class FakeClock final : public base::Clock {
 public:
  // 2026-01-01T00:00:00Z unless told otherwise.
  explicit FakeClock(absl::Time start = absl::FromUnixSeconds(1'767'225'600))
      : now_(start) {}

  [[nodiscard]] absl::Time Now() const override {
    const base::MutexLock lock(mutex_);
    return now_;
  }
  [[nodiscard]] absl::Duration Monotonic() const override {
    const base::MutexLock lock(mutex_);
    return monotonic_;
  }
  // Moves both clocks.
  void Advance(absl::Duration by) {
    const base::MutexLock lock(mutex_);
    now_ += by;
    monotonic_ += by;
  }
  // Moves wall time alone, as an administrator setting the clock would.
  void SetWall(absl::Time now) {
    const base::MutexLock lock(mutex_);
    now_ = now;
  }

 private:
  mutable base::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
  absl::Duration monotonic_ ABSL_GUARDED_BY(mutex_) = absl::Seconds(1000);
};

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_TESTING_FAKE_CLOCK_H_
