#include "server/ticker.h"

#include <functional>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace limpid::server {

Ticker::Ticker(absl::Duration interval, std::function<void()> tick)
    : interval_(interval),
      tick_(std::move(tick)),
      thread_([this] { Loop(); }) {}

Ticker::~Ticker() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    wake_.NotifyAll();
  }
  thread_.join();
}

void Ticker::Loop() {
  for (;;) {
    {
      const base::MutexLock lock(mutex_);
      const absl::Time next = absl::Now() + interval_;
      while (!stopping_ && absl::Now() < next) {
        wake_.WaitFor(mutex_, next - absl::Now());
      }
      if (stopping_) return;
    }
    tick_();
  }
}

}  // namespace limpid::server
