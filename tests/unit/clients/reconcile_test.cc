// What the comparison of the two logs finds, and what it lets pass.

#include "clients/cpp/reconcile.h"

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

using testing::IsOk;
using testing::StatusIs;

const absl::Time kFrom = absl::FromUnixSeconds(1'767'225'600);
const absl::Time kAt = kFrom + absl::Minutes(10);

base::ByteArray<16> Access(std::uint8_t which) {
  base::ByteArray<16> out{};
  out.fill(which);
  return out;
}

PermittedEntry Entry(std::uint8_t which, absl::Time decided = kAt) {
  return {Access(which), decided, 2, {}, std::nullopt};
}

receipt::ReleaseNote Note(std::uint8_t which,
                          absl::Time time = kAt + absl::Milliseconds(40)) {
  receipt::ReleaseNote out;
  out.access = Access(which);
  out.handed_over = time;
  out.elapsed = absl::Milliseconds(40);
  out.lease = absl::Seconds(2);
  out.permitted = 2;
  out.released = 2;
  return out;
}

class ReconcileTest : public ::testing::Test {
 protected:
  ReconcileTest() {
    input_.from = kFrom;
    input_.until = kFrom + absl::Hours(1);
    input_.entries = {Entry(1), Entry(2)};
    input_.releases = {Note(2), Note(1)};
  }

  void ExpectAgree() {
    const Reconciliation result = Reconcile(input_);
    EXPECT_EQ(result.finding_count(), 0U);
    EXPECT_THAT(AlarmOf(result), IsOk());
  }
  void ExpectOnly(Finding finding, std::uint8_t which) {
    const Reconciliation result = Reconcile(input_);
    EXPECT_EQ(result.finding_count(), 1U);
    ASSERT_EQ(result.found.size(), 1U);
    EXPECT_EQ(result.found.front().what, finding);
    EXPECT_EQ(result.found.front().access, Access(which));
    EXPECT_EQ(result.count.at(static_cast<std::size_t>(finding)), 1U);
    EXPECT_THAT(AlarmOf(result), StatusIs(absl::StatusCode::kDataLoss));
  }

  ReconcileInput input_;
};

TEST_F(ReconcileTest, TheSameOnBothSidesAgrees) {
  ExpectAgree();
  const Reconciliation result = Reconcile(input_);
  EXPECT_EQ(result.entries, 2U);
  EXPECT_EQ(result.releases, 2U);
  EXPECT_EQ(result.matched, 2U);
}

TEST_F(ReconcileTest, TheMarginIsTheLongestLeaseAndTheTolerance) {
  EXPECT_EQ(kReconcileMargin, receipt::kMaxLease + kReconcileTolerance);
}

TEST_F(ReconcileTest, NothingAtAllAgrees) {
  input_.entries.clear();
  input_.releases.clear();
  ExpectAgree();
}

TEST_F(ReconcileTest, AReleaseWithoutEntryIsAnAlarm) {
  input_.releases.push_back(Note(3));
  ExpectOnly(Finding::kNoEntry, 3);
}

TEST_F(ReconcileTest, APermitThatWasNotUsedIsNone) {
  input_.entries.push_back(Entry(3));
  ExpectAgree();
  EXPECT_EQ(Reconcile(input_).unused, 1U);
}

TEST_F(ReconcileTest, WhatARestoreLostIsCountedApart) {
  input_.entries = {Entry(1), Entry(2), Entry(3, kAt + absl::Minutes(9))};
  input_.releases.clear();
  input_.lost_from = kAt - absl::Minutes(1);
  input_.lost_until = kAt + absl::Minutes(1);
  ExpectAgree();
  EXPECT_EQ(Reconcile(input_).not_comparable, 2U);
  EXPECT_EQ(Reconcile(input_).unused, 1U);
  // A loss excuses no release.
  input_.releases = {Note(4)};
  ExpectOnly(Finding::kNoEntry, 4);
}

TEST_F(ReconcileTest, OnePermitReleasesOnce) {
  input_.releases.push_back(Note(1, kAt + absl::Seconds(1)));
  ExpectOnly(Finding::kReleasedTwice, 1);
}

TEST_F(ReconcileTest, OneAccessHasOneEntry) {
  input_.entries.push_back(Entry(2, kAt + absl::Milliseconds(1)));
  ExpectOnly(Finding::kEntryTwice, 2);
}

TEST_F(ReconcileTest, LinesAndTheirNumberAgree) {
  input_.releases.front().lines.fill(1);
  ExpectOnly(Finding::kOtherLines, 2);
  input_.releases.front() = Note(2);
  input_.releases.front().permitted = 3;
  ExpectOnly(Finding::kOtherLines, 2);
  input_.releases.front() = Note(2);
  input_.releases.front().released = 3;
  ExpectOnly(Finding::kOtherLines, 2);
  // Fewer than permitted: there was no more.
  input_.releases.front().released = 1;
  ExpectAgree();
}

TEST_F(ReconcileTest, AfterTheLeaseOnTheVaultsOwnClock) {
  input_.releases.front().elapsed = absl::Milliseconds(2'001);
  ExpectOnly(Finding::kAfterLease, 2);
  // A shorter lease, and a longer one than there is.
  input_.releases.front().elapsed = absl::Milliseconds(600);
  input_.releases.front().lease = absl::Milliseconds(500);
  ExpectOnly(Finding::kAfterLease, 2);
  input_.releases.front().elapsed = absl::Milliseconds(2'500);
  input_.releases.front().lease = absl::Seconds(60);
  ExpectOnly(Finding::kAfterLease, 2);
}

TEST_F(ReconcileTest, AfterTheLeaseByTheEntrysTime) {
  input_.releases.front() = Note(2, kAt + kReconcileMargin);
  ExpectAgree();
  input_.releases.front() =
      Note(2, kAt + kReconcileMargin + absl::Milliseconds(1));
  ExpectOnly(Finding::kAfterLease, 2);
  input_.releases.front() = Note(2, kAt - absl::Milliseconds(1'001));
  ExpectOnly(Finding::kAfterLease, 2);
}

TEST_F(ReconcileTest, AfterAFenceThatHasReturned) {
  input_.entries.front().fenced = kAt + absl::Milliseconds(10);
  // Within the lease the act may not have returned.
  ExpectAgree();
  EXPECT_EQ(Reconcile(input_).in_fence, 1U);
  input_.releases.back() = Note(1, kAt + absl::Seconds(4));
  ExpectOnly(Finding::kAfterFence, 1);
  // Released before it.
  input_.releases.back() = Note(1, kAt + absl::Milliseconds(9));
  EXPECT_EQ(Reconcile(input_).in_fence, 0U);
}

TEST_F(ReconcileTest, AnErasedEntryExplainsOneReleaseOfItsMoment) {
  input_.releases.push_back(Note(3));
  input_.erased = {kAt};
  ExpectAgree();
  EXPECT_EQ(Reconcile(input_).explained, 1U);
  EXPECT_EQ(Reconcile(input_).erased, 1U);
  input_.releases.push_back(Note(4, kAt + absl::Milliseconds(50)));
  ExpectOnly(Finding::kNoEntry, 4);
  input_.releases.pop_back();
  for (const absl::Duration apart : {absl::Seconds(4), -absl::Seconds(2)}) {
    input_.erased = {kAt - apart};
    ExpectOnly(Finding::kNoEntry, 3);
  }
}

TEST_F(ReconcileTest, AnEntryThatDoesNotOpenIsAnAlarmOfItsOwn) {
  input_.releases.push_back(Note(3));
  input_.missing = {kAt};
  ExpectOnly(Finding::kUnreadable, 0);
  EXPECT_EQ(Reconcile(input_).explained, 1U);
}

TEST_F(ReconcileTest, APairOverAnEndOfThePeriodIsMet) {
  input_.entries = {Entry(1, kFrom - absl::Seconds(1)),
                    Entry(2, input_.until - absl::Milliseconds(1))};
  input_.releases = {Note(1, kFrom), Note(2, input_.until + absl::Seconds(1))};
  ExpectAgree();
  const Reconciliation result = Reconcile(input_);
  EXPECT_EQ(result.entries, 1U);
  EXPECT_EQ(result.releases, 1U);
  EXPECT_EQ(result.matched, 1U);
  EXPECT_EQ(result.unused, 0U);
}

TEST_F(ReconcileTest, WhatIsOutsideIsSomebodyElsesRun) {
  input_.releases.push_back(Note(3, kFrom - absl::Seconds(1)));
  input_.releases.push_back(Note(4, input_.until));
  input_.missing = {kFrom - absl::Seconds(1), input_.until};
  ExpectAgree();
}

TEST_F(ReconcileTest, AllAreCountedAndTheFirstAreShown) {
  input_.entries.clear();
  input_.releases.clear();
  for (std::size_t i = 0; i < kMaxShownFindings + 5; ++i) {
    receipt::ReleaseNote note = Note(0);
    note.access[0] = static_cast<std::uint8_t>(i);
    note.access[1] = static_cast<std::uint8_t>(i >> 8U);
    note.access[2] = 1;
    input_.releases.push_back(note);
  }
  const Reconciliation result = Reconcile(input_);
  EXPECT_EQ(result.finding_count(), kMaxShownFindings + 5);
  EXPECT_EQ(result.found.size(), kMaxShownFindings);
}

}  // namespace
}  // namespace limpid::client
