#include "tests/bench/load.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace limpid::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

double Percentile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(share * last)];
}

// What this process has used of its processors so far, in microseconds.
double ProcessorUs() {
  rusage used{};
  (void)::getrusage(RUSAGE_SELF, &used);
  const auto in_us = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 +
           static_cast<double>(time.tv_usec);
  };
  return in_us(used.ru_utime) + in_us(used.ru_stime);
}

// Shared by the slots of one run. Thread-safe.
class Loop {
 public:
  Loop(int in_flight, absl::Duration warm_up, absl::Duration duration,
       const StartCall& start)
      : start_(start),
        counted_from_(SteadyClock::now() + absl::ToChronoNanoseconds(warm_up)),
        end_(counted_from_ + absl::ToChronoNanoseconds(duration)),
        running_(in_flight) {
    latencies_.reserve(std::size_t{1} << 20U);
  }

  void StartSlot(int slot) {
    const SteadyClock::time_point begin = SteadyClock::now();
    start_(slot, [this, slot, begin](bool ok) { Finish(slot, begin, ok); });
  }

  LoadResult Wait() {
    const base::MutexLock lock(mutex_);
    while (running_ > 0) stopped_.Wait(mutex_);
    std::sort(latencies_.begin(), latencies_.end());
    const std::chrono::duration<double> span = end_ - counted_from_;
    LoadResult result;
    result.calls = latencies_.size();
    result.failures = failures_;
    result.per_second = static_cast<double>(result.calls) / span.count();
    result.p50_us = Percentile(latencies_, 0.50);
    result.p99_us = Percentile(latencies_, 0.99);
    if (result.calls > 0) {
      result.cpu_us =
          (cpu_end_us_ - cpu_begin_us_) / static_cast<double>(result.calls);
    }
    return result;
  }

 private:
  void Finish(int slot, SteadyClock::time_point begin, bool ok) {
    const SteadyClock::time_point now = SteadyClock::now();
    const std::chrono::duration<double, std::micro> took = now - begin;
    {
      const base::MutexLock lock(mutex_);
      if (!ok) ++failures_;
      if (now >= counted_from_ && now < end_) {
        if (latencies_.empty()) cpu_begin_us_ = ProcessorUs();
        latencies_.push_back(took.count());
      }
      if (now >= end_) {
        if (cpu_end_us_ == 0) cpu_end_us_ = ProcessorUs();
        if (--running_ == 0) stopped_.NotifyAll();
        return;
      }
    }
    StartSlot(slot);
  }

  const StartCall& start_;
  const SteadyClock::time_point counted_from_;
  const SteadyClock::time_point end_;
  base::Mutex mutex_;
  base::ConditionVariable stopped_;
  int running_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t failures_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<double> latencies_ ABSL_GUARDED_BY(mutex_);
  double cpu_begin_us_ ABSL_GUARDED_BY(mutex_) = 0;
  double cpu_end_us_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace

LoadResult RunLoad(int in_flight, absl::Duration warm_up,
                   absl::Duration duration, const StartCall& start) {
  Loop loop(in_flight, warm_up, duration, start);
  for (int slot = 0; slot < in_flight; ++slot) loop.StartSlot(slot);
  return loop.Wait();
}

}  // namespace limpid::bench
