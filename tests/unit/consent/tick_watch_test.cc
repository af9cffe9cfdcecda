// Somebody is told when a tick takes longer than promises allow for.

#include "consent/ledger/tick_watch.h"

#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::StatusIs;
using limpid::testing::StatusSays;

constexpr absl::Duration kAllowed = absl::Minutes(1);

class TickWatchTest : public ::testing::Test {
 protected:
  limpid::testing::FakeClock clock_;
  std::vector<absl::Status> told_;
  TickWatch watch_{clock_, kAllowed,
                   [this](const absl::Status& what) { told_.push_back(what); }};
};

TEST_F(TickWatchTest, OneThatHangsIsToldOnce) {
  watch_.Begin();
  clock_.Advance(kAllowed);
  watch_.Look();
  EXPECT_TRUE(told_.empty());
  clock_.Advance(absl::Seconds(1));
  watch_.Look();
  clock_.Advance(absl::Hours(1));
  watch_.Look();
  watch_.End(absl::OkStatus());
  ASSERT_EQ(told_.size(), 1U);
  // A code that the server's log takes.
  EXPECT_THAT(told_[0], StatusSays(absl::StatusCode::kInternal,
                                   "has taken 61 s, of the 60 s"));
  // The next one is another matter.
  watch_.Begin();
  clock_.Advance(2 * kAllowed);
  watch_.Look();
  EXPECT_EQ(told_.size(), 2U);
}

TEST_F(TickWatchTest, OneThatWasSlowIsToldAtItsEnd) {
  watch_.Begin();
  clock_.Advance(2 * kAllowed);
  watch_.End(absl::OkStatus());
  EXPECT_EQ(told_.size(), 1U);
}

TEST_F(TickWatchTest, TimeBetweenTicksDoesNotCount) {
  for (int i = 0; i < 3; ++i) {
    watch_.Begin();
    clock_.Advance(kAllowed / 2);
    watch_.End(absl::OkStatus());
    clock_.Advance(absl::Hours(1));
    watch_.Look();
  }
  EXPECT_TRUE(told_.empty());
}

// From the first one on: each for itself is quick.
TEST_F(TickWatchTest, FailedOnesCountTogether) {
  for (int i = 0; i < 4; ++i) {
    watch_.Begin();
    watch_.End(absl::UnavailableError("the log is down"));
    clock_.Advance(kAllowed / 2);
  }
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_THAT(told_[0],
              StatusSays(absl::StatusCode::kInternal, "the log is down"));
}

TEST(TickOfTheLog, ThatFailsForLongerThanPromisedIsAnAlarm) {
  testing::MemoryStores stores;
  testing::World world(stores);
  (void)world.Granted(world.NewCitizen(1));
  world.log().FailBefore(true);
  EXPECT_FALSE(world.consent().TickLog().ok());
  EXPECT_TRUE(world.alarms().empty());
  world.clock().Advance(absl::Minutes(2));
  EXPECT_FALSE(world.consent().TickLog().ok());
  EXPECT_THAT(world.alarms(),
              ::testing::ElementsAre(StatusIs(absl::StatusCode::kInternal)));
  world.log().FailBefore(false);
  EXPECT_TRUE(world.consent().TickLog().ok());
  EXPECT_EQ(world.alarms().size(), 1U);
}

}  // namespace
}  // namespace limpid::consent
