// A ticker that is woken: at once, once more after a call that runs, and no
// more often than that.

#include "server/ticker.h"

#include <chrono>
#include <cstddef>
#include <future>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace limpid::server {
namespace {

constexpr auto kPatience = std::chrono::seconds(10);
constexpr absl::Duration kNever = absl::Hours(1);

bool Comes(const std::future<void>& call) {
  return call.wait_for(kPatience) == std::future_status::ready;
}

TEST(Ticker, TicksWhenItIsWoken) {
  std::vector<std::promise<void>> calls(2);
  std::size_t next = 0;
  Ticker ticker(kNever, [&] { calls[next++].set_value(); });
  ticker.Wake();
  EXPECT_TRUE(Comes(calls[0].get_future()));
  ticker.Wake();
  EXPECT_TRUE(Comes(calls[1].get_future()));
}

TEST(Ticker, AWakeDuringACallIsNotLost) {
  std::vector<std::promise<void>> begun(2);
  std::promise<void> release;
  std::size_t next = 0;
  {
    Ticker ticker(kNever, [&] {
      const bool first = next == 0;
      begun[next++].set_value();
      if (first) release.get_future().wait();
    });
    ticker.Wake();
    EXPECT_TRUE(Comes(begun[0].get_future()));
    ticker.Wake();
    ticker.Wake();
    release.set_value();
    EXPECT_TRUE(Comes(begun[1].get_future()));
  }
  EXPECT_EQ(next, 2U) << "two wakes of one time are one";
}

}  // namespace
}  // namespace limpid::server
