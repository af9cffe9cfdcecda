#include "common/base/guarded_clock.h"

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"

namespace limpid::base {
namespace {

using ::limpid::testing::FakeClock;

constexpr absl::Duration kDay = absl::Hours(24);
constexpr absl::Duration kGap = absl::Hours(5 * 24);
constexpr absl::Duration kTick = absl::Milliseconds(1);

class GuardedClockTest : public ::testing::Test {
 protected:
  // A start when the machine is `later` than the last known time.
  void StartLater(absl::Duration later) {
    machine_.SetWall(known_ + later);
    clock_.Begin(known_, kGap);
  }

  FakeClock machine_;
  GuardedClock clock_{machine_};
  const absl::Time known_ = machine_.Now();
};

TEST_F(GuardedClockTest, IsTheMachinesBeforeItBegins) {
  machine_.SetWall(known_ + 3650 * kDay);
  EXPECT_EQ(clock_.Now(), machine_.Now());
  EXPECT_TRUE(clock_.Believed());
}

TEST_F(GuardedClockTest, BelievesAServerThatWasDownForAWeekend) {
  StartLater(3 * kDay);
  EXPECT_TRUE(clock_.Believed());
  EXPECT_EQ(clock_.Now(), known_ + 3 * kDay);
}

TEST_F(GuardedClockTest, TheGapIsBelievedToItsEndAndNoFurther) {
  StartLater(kGap);
  EXPECT_TRUE(clock_.Believed());
  FakeClock machine(known_ + kGap + kTick);
  GuardedClock other(machine);
  other.Begin(known_, kGap);
  EXPECT_FALSE(other.Believed());
}

TEST_F(GuardedClockTest, GoesOnFromTheKnownTimeWhileInDoubt) {
  StartLater(3650 * kDay);
  EXPECT_FALSE(clock_.Believed());
  EXPECT_EQ(clock_.Now(), known_);
  machine_.Advance(absl::Hours(1));
  EXPECT_EQ(clock_.Now(), known_ + absl::Hours(1));
  EXPECT_EQ(clock_.Read().machine, machine_.Now());
  EXPECT_FALSE(clock_.Believed());
}

TEST_F(GuardedClockTest, IsBelievedAgainWhenItIsPutRight) {
  StartLater(3650 * kDay);
  EXPECT_FALSE(clock_.Believed());
  machine_.Advance(absl::Hours(1));
  machine_.SetWall(known_ + 3 * kDay);
  EXPECT_TRUE(clock_.Believed());
  EXPECT_EQ(clock_.Now(), known_ + 3 * kDay);
  // The wide bound was for the start alone.
  machine_.SetWall(known_ + 4 * kDay);
  EXPECT_FALSE(clock_.Believed());
  EXPECT_EQ(clock_.Now(), known_ + 3 * kDay);
}

TEST_F(GuardedClockTest, AStartBehindTheKnownTimeIsInDoubt) {
  StartLater(-kMaxClockJump);
  EXPECT_TRUE(clock_.Believed());
  FakeClock machine(known_ - kMaxClockJump - kTick);
  GuardedClock other(machine);
  other.Begin(known_, kGap);
  EXPECT_FALSE(other.Believed());
  EXPECT_EQ(other.Now(), known_);
}

TEST_F(GuardedClockTest, FiveMinutesAreACorrectionAndMoreIsAJump) {
  StartLater(absl::ZeroDuration());
  ASSERT_TRUE(clock_.Believed());
  machine_.SetWall(known_ + kMaxClockJump);
  EXPECT_TRUE(clock_.Believed());
  machine_.SetWall(known_ + 2 * kMaxClockJump + kTick);
  EXPECT_FALSE(clock_.Believed());
  EXPECT_EQ(clock_.Now(), known_ + kMaxClockJump);
  machine_.SetWall(known_ - kTick);
  EXPECT_FALSE(clock_.Believed());
  machine_.SetWall(known_ + kMaxClockJump);
  EXPECT_TRUE(clock_.Believed());
}

}  // namespace
}  // namespace limpid::base
