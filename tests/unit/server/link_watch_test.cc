// One line when a link is lost, one when it is back, and no flood.

#include "server/adapters/link_watch.h"

#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"

namespace limpid::server {
namespace {

class LinkWatchTest : public ::testing::Test {
 protected:
  // Looks twice a second for so long.
  void For(absl::Duration time, bool there) {
    constexpr absl::Duration kLook = absl::Milliseconds(500);
    for (; time > absl::ZeroDuration(); time -= kLook) {
      watch_.See(there);
      clock_.Advance(kLook);
    }
    watch_.See(there);
  }

  using Told = std::vector<std::pair<LinkNews, absl::Duration>>;
  testing::FakeClock clock_;
  Told told_;
  LinkWatch watch_{clock_, [this](LinkNews news, absl::Duration away) {
                     told_.emplace_back(news, away);
                   }};
};

TEST_F(LinkWatchTest, TellsALossOnceAndThatItIsBackOnce) {
  For(absl::Seconds(10), /*there=*/true);
  EXPECT_TRUE(told_.empty());
  For(absl::Minutes(10), /*there=*/false);
  EXPECT_EQ(told_, (Told{{LinkNews::kLost, LinkWatch::kLostAfter}}));
  For(absl::Minutes(10), /*there=*/true);
  ASSERT_EQ(told_.size(), 2U);
  EXPECT_EQ(told_[1], (std::pair(LinkNews::kBack, absl::Minutes(10))));
}

TEST_F(LinkWatchTest, ARestartOfTheOtherSideIsNotTold) {
  For(absl::Seconds(4), /*there=*/false);
  for (int i = 0; i < 10; ++i) {
    For(absl::Seconds(60), /*there=*/true);
    For(absl::Seconds(4), /*there=*/false);
  }
  EXPECT_TRUE(told_.empty());
}

TEST_F(LinkWatchTest, OneThatWasNeverThereIsTold) {
  For(absl::Seconds(5), /*there=*/false);
  EXPECT_EQ(told_.size(), 1U);
}

// As where the other side takes the connection and ends each stream.
TEST_F(LinkWatchTest, StreamsThatEndAtOnceAreALossAndNoFlood) {
  for (int i = 0; i < 1'000; ++i) {
    For(absl::Seconds(1), /*there=*/true);
    For(absl::Seconds(2), /*there=*/false);
  }
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_EQ(told_[0].first, LinkNews::kLost);
}

}  // namespace
}  // namespace limpid::server
