// The small rules of the ledger: which time a batch has, and which permits are
// still good.

#include <memory>

#include "common/base/guarded_clock.h"
#include "consent/ledger/clock_rule.h"
#include "consent/ledger/permits.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/unit/consent/fixtures.h"

namespace limpid::consent {
namespace {

using limpid::testing::FakeClock;
using testing::IdOf;

TEST(ClockRule, NeverGoesBack) {
  FakeClock clock;
  const absl::Time start = clock.Now();
  ClockRule rule(clock, start - absl::Hours(1));
  EXPECT_EQ(rule.Read().time, start);
  clock.SetWall(start - absl::Minutes(4));
  const auto reading = rule.Read();
  EXPECT_EQ(reading.time, start);
  EXPECT_FALSE(reading.jumped);
}

TEST(ClockRule, FiveMinutesAreACorrectionAndMoreIsAJump) {
  FakeClock clock;
  const absl::Time start = clock.Now();
  ClockRule rule(clock, start);
  clock.SetWall(start + absl::Minutes(5));
  EXPECT_FALSE(rule.Read().jumped);
  clock.SetWall(start + absl::Minutes(10) + absl::Milliseconds(1));
  const auto reading = rule.Read();
  EXPECT_TRUE(reading.jumped);
  EXPECT_EQ(reading.time, start + absl::Minutes(5));
  clock.SetWall(start + absl::Minutes(5));
  EXPECT_FALSE(rule.Read().jumped);
}

TEST(ClockRule, AStartFarBehindTheMarkIsAJump) {
  FakeClock clock;
  ClockRule rule(clock, clock.Now() + absl::Minutes(6));
  const auto reading = rule.Read();
  EXPECT_TRUE(reading.jumped);
  EXPECT_EQ(reading.time, clock.Now() + absl::Minutes(6));
}

constexpr absl::Duration kDay = absl::Hours(24);

TEST(ClockRule, ADoubtedStartKeepsTheMarkAndFollowsWhenItIsPutRight) {
  FakeClock machine;
  const absl::Time mark = machine.Now();
  machine.SetWall(mark + 3650 * kDay);
  base::GuardedClock clock(machine);
  // The server's own note is older than the ledger's mark.
  clock.Begin(mark - absl::Hours(1), 5 * kDay);
  ClockRule rule(clock, mark);
  machine.Advance(absl::Minutes(1));
  auto reading = rule.Read();
  EXPECT_TRUE(reading.jumped);
  EXPECT_EQ(reading.time, mark + absl::Minutes(1));
  machine.SetWall(mark + 2 * kDay);
  reading = rule.Read();
  EXPECT_FALSE(reading.jumped);
  EXPECT_EQ(reading.time, mark + 2 * kDay);
  // Back at the time of the note, but before the mark.
  machine.SetWall(mark + 2 * kDay - absl::Minutes(6));
  EXPECT_TRUE(rule.Read().jumped);
}

TEST(ClockRule, PutRightToBeforeTheMarkIsAJump) {
  FakeClock machine;
  const absl::Time mark = machine.Now();
  machine.SetWall(mark + 3650 * kDay);
  base::GuardedClock clock(machine);
  clock.Begin(mark - absl::Hours(1), 5 * kDay);
  ClockRule rule(clock, mark);
  EXPECT_TRUE(rule.Read().jumped);
  machine.SetWall(mark - absl::Minutes(30));
  const auto reading = rule.Read();
  EXPECT_TRUE(reading.jumped);
  EXPECT_EQ(reading.time, mark);
}

class PermitsTest : public ::testing::Test {
 protected:
  FakeClock clock_;
  Permits permits_{clock_};
  RecordId record_ = IdOf<RecordId>(1);
};

TEST_F(PermitsTest, LeaseEndsExactly) {
  const auto permit = permits_.Open(record_, 1, absl::Seconds(2));
  clock_.Advance(absl::Seconds(2) - absl::Milliseconds(1));
  EXPECT_TRUE(permit->Live());
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_FALSE(permit->Live());
  EXPECT_FALSE(permit->HandOverIfLive([] { FAIL(); }));
}

TEST_F(PermitsTest, HandsOverOnce) {
  const auto permit = permits_.Open(record_, 1, absl::Seconds(2));
  int handed = 0;
  EXPECT_TRUE(permit->HandOverIfLive([&] { ++handed; }));
  EXPECT_FALSE(permit->HandOverIfLive([&] { ++handed; }));
  permit->Close();
  EXPECT_FALSE(permit->HandOverIfLive([&] { ++handed; }));
  EXPECT_EQ(handed, 1);
}

TEST_F(PermitsTest, AFenceKillsOnlyEarlierRevisionsOfItsRecord) {
  const auto earlier = permits_.Open(record_, 1, absl::Seconds(2));
  const auto later = permits_.Open(record_, 2, absl::Seconds(2));
  const auto other = permits_.Open(IdOf<RecordId>(2), 1, absl::Seconds(2));
  bool drained = false;
  permits_.Fence(record_, 2, [&] { drained = true; });
  EXPECT_TRUE(drained);  // Nothing had been handed over.
  EXPECT_FALSE(earlier->Live());
  EXPECT_TRUE(later->Live());
  EXPECT_TRUE(other->Live());
}

TEST_F(PermitsTest, AFenceWaitsForWhatWasHandedOver) {
  auto permit = permits_.Open(record_, 1, absl::Seconds(2));
  ASSERT_TRUE(permit->HandOverIfLive([] {}));
  int drained = 0;
  permits_.Fence(record_, 2, [&] { ++drained; });
  EXPECT_EQ(drained, 0);
  EXPECT_TRUE(permits_.Poll());
  permit.reset();  // Closes.
  EXPECT_EQ(drained, 1);
  EXPECT_FALSE(permits_.Poll());
  EXPECT_EQ(permits_.open_count(), 0U);
}

TEST_F(PermitsTest, AFenceWaitsNoLongerThanTheLease) {
  const auto permit = permits_.Open(record_, 1, absl::Seconds(2));
  ASSERT_TRUE(permit->HandOverIfLive([] {}));
  int drained = 0;
  permits_.Fence(record_, 2, [&] { ++drained; });
  clock_.Advance(absl::Seconds(2));
  EXPECT_FALSE(permits_.Poll());
  EXPECT_EQ(drained, 1);
}

TEST_F(PermitsTest, AHeldFenceDrainsWhenItsTimeIsOver) {
  permits_.HoldFences(absl::Seconds(2));
  permits_.HoldFences(absl::Seconds(1));
  int drained = 0;
  permits_.Fence(record_, 2, [&] { ++drained; });
  clock_.Advance(absl::Seconds(2) - absl::Milliseconds(1));
  EXPECT_TRUE(permits_.Poll());
  EXPECT_EQ(drained, 0);
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_FALSE(permits_.Poll());
  EXPECT_EQ(drained, 1);
  permits_.Fence(record_, 2, [&] { ++drained; });
  EXPECT_EQ(drained, 2);
}

TEST_F(PermitsTest, AFenceAgainWaitsWithoutTellingAnybody) {
  int heard = 0;
  permits_.Listen([&](const RecordId& /*record*/, std::uint64_t /*revision*/) {
    ++heard;
    return true;
  });
  auto permit = permits_.Open(record_, 1, absl::Seconds(2));
  ASSERT_TRUE(permit->HandOverIfLive([] {}));
  int drained = 0;
  permits_.Fence(record_, 2, [&] { ++drained; });
  permits_.FenceAgain(record_, 2, [&] { ++drained; });
  EXPECT_EQ(drained, 0);
  permit->Close();
  EXPECT_EQ(drained, 2);
  EXPECT_EQ(heard, 1);
}

}  // namespace
}  // namespace limpid::consent
