// A background thread that does one thing again and again: publishing what
// waits for a log. Knows nothing of what it does.

#ifndef LIMPID_SERVER_TICKER_H_
#define LIMPID_SERVER_TICKER_H_

#include <functional>
#include <thread>

#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace limpid::server {

class Ticker {
 public:
  // Calls `tick` every `interval`, counted from the end of the last call.
  Ticker(absl::Duration interval, std::function<void()> tick);
  // Calls it soon, or once more when a call is running, without waiting.
  void Wake();

  // Waits for a call that runs.
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

 private:
  void Loop();

  const absl::Duration interval_;
  const std::function<void()> tick_;
  base::Mutex mutex_;
  base::ConditionVariable wake_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_TICKER_H_
