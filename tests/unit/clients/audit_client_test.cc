// Accounting for every leaf of the public log.

#include "clients/cpp/audit_client.h"

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "common/tlog/leaf.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;

using limpid::testing::IsOk;
using limpid::testing::StatusIs;

class CompletenessTest : public ::testing::Test {
 protected:
  CompletenessTest() {
    Add(64, 3);
    Add(64, 0);
    Add(128, 2);
    for (int i = 0; i < 3; ++i) Name(0);
    for (int i = 0; i < 2; ++i) Name(128);
  }
  // A tick at the end of the log; `ticks_` has the newest first.
  void Add(std::uint64_t size, std::uint64_t entries) {
    receipt::Tick tick{leaves_.size(), size, entries, {}};
    tick.seed.fill(static_cast<std::uint8_t>(ticks_.size() + 1));
    for (const std::uint64_t item : receipt::TickOrder(tick.seed, size)) {
      base::Digest32 commitment{};
      commitment.fill(static_cast<std::uint8_t>(0x70 + item));
      leaves_.push_back(
          item < entries
              ? tlog::CommitmentLeaf(tlog::LeafKind::kAccess, commitment)
              : receipt::TickPadding(tick.seed, item));
    }
    ticks_.insert(ticks_.begin(), tick);
  }
  void Name(std::uint64_t tick) {
    v1::AuditEntry& entry = entries_.emplace_back();
    entry.set_content(v1::AUDIT_CONTENT_SHOWN);
    entry.set_logged(true);
    entry.set_tick_first_index(tick);
  }
  absl::StatusOr<Completeness> Check() {
    return CheckCompleteness(entries_, ticks_, leaves_, when_);
  }

  std::vector<base::Bytes> leaves_;
  std::vector<receipt::Tick> ticks_;
  std::vector<v1::AuditEntry> entries_;
  const absl::Time until_ = absl::FromUnixSeconds(1'767'225'600);
  ListedWhen when_{until_, until_};
};

TEST_F(CompletenessTest, EveryLeafIsListedOrPadding) {
  const auto found = Check();
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->complete_ticks, 3U);
  EXPECT_EQ(found->listed, 5U);
  EXPECT_EQ(found->padding, 251U);
  EXPECT_EQ(found->elsewhere + found->unexplained + found->waiting, 0U);
}

TEST_F(CompletenessTest, AnEntryLeftOutShows) {
  entries_.pop_back();
  EXPECT_EQ(Check()->elsewhere, 2U);
  EXPECT_EQ(Check()->complete_ticks, 2U);
}

// The only tick that is named is both ends of the period.
TEST_F(CompletenessTest, OneTickMayReachOverBothEnds) {
  entries_.resize(2);
  const auto found = Check();
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->elsewhere, 5U);
  EXPECT_EQ(found->left_out, 0U);
  EXPECT_THAT(AlarmOf(*found, LogSource::kServed), IsOk());
}

TEST_F(CompletenessTest, AnEntryLeftOutInTheMiddleIsNoEndOfThePeriod) {
  Add(64, 2);
  Add(64, 1);
  Name(320);
  Name(256);
  auto found = Check();
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->left_out, 1U);
  EXPECT_EQ(found->elsewhere, 0U);
  EXPECT_THAT(AlarmOf(*found, LogSource::kServed),
              StatusIs(absl::StatusCode::kDataLoss));
  // A whole tick of the middle.
  entries_.pop_back();
  found = Check();
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->left_out, 2U);
  // It is the end when nothing later is listed.
  entries_.pop_back();
  found = Check();
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->left_out, 0U);
  EXPECT_EQ(found->elsewhere, 3U);
}

TEST_F(CompletenessTest, WhatIsUnderEmbargoCountsInItsTick) {
  entries_[1].set_content(v1::AUDIT_CONTENT_UNDER_EMBARGO);
  const auto found = Check();
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->complete_ticks, 3U);
  EXPECT_EQ(found->listed, 5U);
  EXPECT_EQ(found->under_embargo, 1U);
  EXPECT_THAT(AlarmOf(*found, LogSource::kServed), IsOk());
}

TEST_F(CompletenessTest, WhatIsMissingOrUnexplainedIsAnAlarm) {
  Completeness found;
  EXPECT_THAT(AlarmOf(found, LogSource::kServed), IsOk());
  found.elsewhere = found.erased = found.waiting = 1;
  EXPECT_THAT(AlarmOf(found, LogSource::kServed), IsOk());
  for (auto* const number :
       {&found.left_out, &found.missing, &found.unexplained, &found.overdue}) {
    *number = 1;
    EXPECT_THAT(AlarmOf(found, LogSource::kServed),
                StatusIs(absl::StatusCode::kDataLoss));
    *number = 0;
  }
}

// Ranges that overlap and add up only because 64 bits wrap.
TEST_F(CompletenessTest, RangesThatWrapDoNotCoverTheLog) {
  leaves_.clear();
  ticks_.clear();
  entries_.clear();
  Add(64, 1);
  Add(64, 0);
  Name(0);
  const receipt::Tick newest = ticks_[0];
  receipt::Tick wrapped = newest;
  wrapped.first_index = 128;
  wrapped.leaf_count = 0 - std::uint64_t{64};
  ticks_.insert(ticks_.begin() + 1, {wrapped, newest});
  EXPECT_THAT(Check(), StatusIs(absl::StatusCode::kDataLoss));
}

// An access that the operator passes off as padding.
TEST_F(CompletenessTest, AnEntryCalledPaddingShows) {
  --ticks_.back().entry_count;
  entries_.erase(entries_.begin());
  const auto found = Check();
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->unexplained, 62U);
  EXPECT_EQ(found->padding, 64U + 126U);
}

TEST_F(CompletenessTest, AnotherSeedOrLeafShows) {
  ticks_[1].seed[0] ^= 1U;
  EXPECT_EQ(Check()->unexplained, 64U);
  ticks_[1].seed[0] ^= 1U;
  leaves_[70][5] ^= 1U;
  EXPECT_EQ(Check()->unexplained, 64U);
}

TEST_F(CompletenessTest, TicksMustCoverTheLog) {
  const auto lied = StatusIs(absl::StatusCode::kDataLoss);
  auto ticks = ticks_;
  ticks_.erase(ticks_.begin() + 1);
  EXPECT_THAT(Check(), lied);
  ticks_ = ticks;
  ticks_.pop_back();
  EXPECT_THAT(Check(), lied);
  ticks_ = ticks;
  Name(0);
  EXPECT_THAT(Check(), lied);
  entries_.pop_back();
  Name(7);
  EXPECT_THAT(Check(), lied);
}

TEST_F(CompletenessTest, WhatTheLogDoesNotHaveYetWaits) {
  Name(256);
  Add(64, 1);
  leaves_.resize(256);
  v1::AuditEntry& unlogged = entries_.emplace_back();
  unlogged.set_content(v1::AUDIT_CONTENT_ERASED);
  const auto found = Check();
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->waiting, 2U);
  EXPECT_EQ(found->erased, 1U);
  EXPECT_EQ(found->complete_ticks, 3U);
}

// One that names no tick, and one whose tick the log does not have.
TEST_F(CompletenessTest, WhatIsNotLoggedAnHourLaterIsAnAlarm) {
  Name(256);
  Add(64, 1);
  leaves_.resize(256);
  entries_.back().mutable_time()->set_seconds(
      absl::ToUnixSeconds(until_ - absl::Hours(1)));
  entries_.emplace_back().set_content(v1::AUDIT_CONTENT_UNDER_EMBARGO);
  when_.now = until_ + kLogGrace;
  auto found = Check();
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->waiting, 2U);
  EXPECT_EQ(found->overdue, 0U);
  EXPECT_THAT(AlarmOf(*found, LogSource::kServed), IsOk());
  when_.now += absl::Milliseconds(1);
  found = Check();
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->overdue, 1U);
  EXPECT_EQ(found->behind_end, 1U);
  EXPECT_THAT(AlarmOf(*found, LogSource::kServed),
              StatusIs(absl::StatusCode::kDataLoss));
  // Decided in an earlier hour.
  when_.now = until_;
  entries_[entries_.size() - 2].mutable_time()->set_seconds(
      absl::ToUnixSeconds(until_ - absl::Hours(3)));
  EXPECT_EQ(Check()->overdue, 0U);
  EXPECT_EQ(Check()->behind_end, 1U);
}

// What the server says is logged, in a tick that was made after the copy.
TEST_F(CompletenessTest, ACopyThatIsTooOldSaysNothingOfTheOperator) {
  Name(256);
  Add(64, 1);
  leaves_.resize(256);
  when_.now = until_ + kLogGrace + absl::Milliseconds(1);
  auto found = Check();
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->behind_end, 1U);
  EXPECT_EQ(found->overdue, 0U);
  EXPECT_THAT(AlarmOf(*found, LogSource::kCopy),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  // A log that is served has it, or its operator lied.
  EXPECT_THAT(AlarmOf(*found, LogSource::kServed),
              StatusIs(absl::StatusCode::kDataLoss));
  // What the server itself calls not logged no newer copy has.
  entries_.emplace_back().set_content(v1::AUDIT_CONTENT_SHOWN);
  found = Check();
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->overdue, 1U);
  EXPECT_THAT(AlarmOf(*found, LogSource::kCopy),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace limpid::client
