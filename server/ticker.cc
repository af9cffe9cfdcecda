#include "server/ticker.h"

#include <functional>
#include <thread>
#include <utility>

#include "absl/time/time.h"
#include "common/base/clock.h"
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

void Ticker::Wake() {
  const base::MutexLock lock(mutex_);
  woken_ = true;
  wake_.NotifyAll();
}

void Ticker::Loop() {
  for (;;) {
    {
      const base::MutexLock lock(mutex_);
      // Not the wall: a clock that is put back must not stop the ticks.
      const base::SystemClock clock;
      const absl::Duration next = clock.Monotonic() + interval_;
      while (!stopping_ && !woken_ && clock.Monotonic() < next) {
        wake_.WaitFor(mutex_, next - clock.Monotonic());
      }
      if (stopping_) return;
      woken_ = false;
    }
    tick_();
  }
}

}  // namespace limpid::server
