// One thread that calls functions at their time, coarsely: for deadlines of
// calls, of which nearly all are cancelled before they run.

#ifndef LIMPID_COMMON_RPC_TIMERS_H_
#define LIMPID_COMMON_RPC_TIMERS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <thread>
#include <unordered_map>
#include <utility>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace limpid::rpc {

// Thread-safe. `work` runs on the timer's thread and must be quick.
class Timers {
 public:
  // How late a function may run; setting and cancelling never wakes the thread.
  static constexpr absl::Duration kTick = absl::Milliseconds(50);

  // `clock` must outlive the timers.
  explicit Timers(const base::Clock& clock);
  // Drops what has not run.
  ~Timers();
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  // Returns a number above 0 for Cancel.
  std::uint64_t RunAt(absl::Duration at, std::function<void()> work);
  // Does nothing when it ran, runs now or is unknown.
  void Cancel(std::uint64_t timer);

 private:
  void Loop();

  const base::Clock& clock_;
  base::Mutex mutex_;
  base::ConditionVariable stop_;
  std::uint64_t next_ ABSL_GUARDED_BY(mutex_) = 1;
  std::map<std::pair<absl::Duration, std::uint64_t>, std::function<void()>>
      queue_ ABSL_GUARDED_BY(mutex_);
  std::unordered_map<std::uint64_t, absl::Duration> at_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_TIMERS_H_
