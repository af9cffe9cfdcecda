#include "common/rpc/timers.h"

#include <atomic>
#include <future>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"

namespace limpid::rpc {
namespace {

TEST(Timers, RunsAtItsTimeAndNotBefore) {
  testing::FakeClock clock;
  Timers timers(clock);
  std::promise<void> ran;
  auto waiting = ran.get_future();
  timers.RunAt(clock.Monotonic() + absl::Seconds(5), [&] { ran.set_value(); });
  clock.Advance(absl::Seconds(5) - absl::Nanoseconds(1));
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(150)),
            std::future_status::timeout);
  clock.Advance(absl::Nanoseconds(1));
  EXPECT_EQ(waiting.wait_for(std::chrono::seconds(10)),
            std::future_status::ready);
}

TEST(Timers, NeverRunsWhatWasCancelled) {
  testing::FakeClock clock;
  std::atomic<int> ran = 0;
  std::promise<void> last;
  {
    Timers timers(clock);
    const auto first = timers.RunAt(clock.Monotonic(), [&] { ++ran; });
    timers.Cancel(first);
    timers.Cancel(first);
    timers.Cancel(12345);
    timers.RunAt(clock.Monotonic(), [&] { last.set_value(); });
    last.get_future().wait();
  }
  EXPECT_EQ(ran, 0);
}

}  // namespace
}  // namespace limpid::rpc
