// Embargo on bad days: starts, failed commits, an older store, tables that
// somebody edited, clocks, too many, and what an auditor and an erasure do to
// it.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/receipt/erasure.h"
#include "consent/audit/audit.h"
#include "consent/consent_state.h"
#include "consent/duty/duty_rows.h"
#include "consent/duty/opening.h"
#include "consent/log/completion_writing.h"
#include "consent/log/erasure_desk.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/embargo_fixture.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using receipt::AccessKind;
using testing::ContentUnder;
using testing::kDay;
using testing::Released;
using testing::World;

class EmbargoDays : public testing::EmbargoWorld {
 protected:
  void Damage(std::uint64_t number) {
    LedgerCommit commit;
    commit.head = stores_.ledger().Head().value();
    commit.puts.push_back(
        stores_.ledger()
            .Get(EmbargoRowKey(consent().state().blinder.ShardOf(ann_.id),
                               ann_.id, number))
            .value()
            .value());
    commit.puts[0].payload.back() ^= 1;
    ASSERT_THAT(stores_.ledger().Commit(commit), IsOk());
  }
  std::vector<AuditEntry> Audited(absl::Time hour) {
    AuditBook book(consent());
    const auto part = book.List({1}, {hour, hour + absl::Hours(1)});
    EXPECT_THAT(part, IsOk());
    return part.ok() ? (*part)->entries : std::vector<AuditEntry>();
  }
};

std::ptrdiff_t HowMany(const std::vector<AuditEntry>& all,
                       AuditContent content) {
  return std::count_if(
      all.begin(), all.end(),
      [content](const AuditEntry& one) { return one.content == content; });
}

TEST_F(EmbargoDays, ADamagedRowHidesNoOther) {
  Give(20);
  const RecordId record = GrantedUnder(20);
  const absl::Time hour = absl::FromUnixSeconds(
      absl::ToUnixSeconds(world_.clock().Now()) / 3'600 * 3'600);
  for (int entry = 0; entry < 4; ++entry) {
    Read(record);
    Read(record);
    Visible();
  }
  ASSERT_THAT(consent().TickLog(), IsOk());
  world_.clock().Advance(absl::Hours(2));
  const std::size_t whole = Audited(hour).size();
  Damage(4);
  const std::vector<AuditEntry> all = Audited(hour);
  EXPECT_EQ(all.size(), whole);
  EXPECT_EQ(HowMany(all, AuditContent::kUnderEmbargo), 7);
  ASSERT_EQ(HowMany(all, AuditContent::kMissing), 1);
  for (const AuditEntry& one : all) {
    if (one.content != AuditContent::kMissing) continue;
    EXPECT_EQ(one.time, absl::UnixEpoch());
    EXPECT_FALSE(one.tick);
  }
  ASSERT_EQ(world_.alarms().size(), 1U);
  Advance(20 * kDay);
  // It could not be told, and somebody is called.
  ASSERT_EQ(world_.alarms().size(), 2U);
  EXPECT_THAT(world_.alarms().back(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(Told().size(), 7U);
  EXPECT_EQ(EmbargoDesk(consent()).ListTold(ann_.id, {}, 50)->unreadable, 0U);
  // Nor one that she was told of.
  Damage(6);
  EXPECT_EQ(Told().size(), 6U);
  const auto first = EmbargoDesk(consent()).ListTold(ann_.id, {}, 2);
  EXPECT_EQ(first->unreadable, 0U);
  const auto rest =
      EmbargoDesk(consent()).ListTold(ann_.id, first->next_after, 50);
  EXPECT_EQ(rest->accesses.size(), 4U);
  EXPECT_EQ(rest->unreadable, 1U);
  EXPECT_TRUE(EmbargoDesk(consent()).ListOpenings(ann_.id, 0, 50)->damaged);
  // What the other visible entries committed to is proven as before.
  const receipt::EmbargoFindings found = Judge();
  EXPECT_EQ(found.proven_count, 4U);
}

// The day's duty to delete does not open: she is told all the same, the duty is
// made anew, and somebody is called.
TEST_F(EmbargoDays, ADamagedDutyKeepsNothingFromBeingTold) {
  Give(20);
  const RecordId record = GrantedUnder(20);
  Read(record);
  PersonalRow row;
  row.key = DutyRowKey(
      consent().state().blinder.ShardOf(ann_.id), ann_.id, record,
      kFirstLifeSequence +
          static_cast<std::uint64_t>(
              (DutyDayOf(world_.clock().Now()) - absl::UnixEpoch()) / kDay));
  row.state = static_cast<std::uint8_t>(DutyState::kScheduled);
  row.payload = {1, 2, 3};
  LedgerCommit commit;
  commit.head = stores_.ledger().Head().value();
  commit.puts = {row};
  ASSERT_THAT(stores_.ledger().Commit(commit), IsOk());
  Advance(21 * kDay);
  EXPECT_EQ(CountOf(AccessKind::kEmbargoEnded), 1U);
  EXPECT_EQ(Told().size(), 1U);
  ASSERT_FALSE(world_.alarms().empty());
  EXPECT_THAT(world_.alarms().front(), StatusIs(absl::StatusCode::kDataLoss));
  const auto duties = DutiesOf(record);
  ASSERT_EQ(duties.size(), 1U);
  EXPECT_EQ(duties.front().duty.cause, DutyCause::kDataLife);
  EXPECT_TRUE(IsUnanswered(duties.front().duty.state));
}

TEST_F(EmbargoDays, ItGoesOnOverAStart) {
  Give(20);
  const RecordId record = GrantedUnder(20);
  Read(record);
  world_.Restart();
  Read(record);
  world_.Restart();
  // Commits to both.
  Visible();
  world_.Restart();
  Read(record);
  Advance(20 * kDay);
  const auto told = Told();
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(told[0].view.entry.sequence, 3U);
  ExpectProven(3);
}

TEST_F(EmbargoDays, AFailedCommitLeavesNothing) {
  Give(20);
  const RecordId record = GrantedUnder(20);
  Read(record);
  stores_.memory().FailCommits(absl::UnavailableError("down"));
  EXPECT_FALSE(world_.Read(record).ok());
  stores_.memory().FailCommits(absl::OkStatus());
  Read(record);
  Visible();
  // Nor does one that fails to tell.
  world_.clock().Advance(20 * kDay);
  stores_.memory().FailCommits(absl::UnavailableError("down"));
  consent().RunDue();
  EXPECT_TRUE(Told().empty());
  stores_.memory().FailCommits(absl::OkStatus());
  Advance(absl::Minutes(10));
  EXPECT_EQ(Told().size(), 2U);
  ExpectProven(2);
}

TEST_F(EmbargoDays, ALostAnswerIsCommittedToAllTheSame) {
  Give(20);
  const RecordId record = GrantedUnder(20);
  stores_.memory().LoseAnswers(absl::UnavailableError("lost"));
  EXPECT_FALSE(world_.Read(record).ok());
  stores_.memory().LoseAnswers(absl::OkStatus());
  world_.Restart();
  Visible();
  Advance(20 * kDay);
  EXPECT_EQ(Told().size(), 1U);
  ExpectProven(1);
}

TEST_F(EmbargoDays, WithoutAVisibleEntryTheEndMakesOne) {
  Give(20);
  const RecordId record = GrantedUnder(20);
  Read(record);
  const std::size_t entries = Log().size();
  Advance(20 * kDay);
  // That it ended, and the notice.
  EXPECT_EQ(Log().size(), entries + 2);
  ExpectProven(1);
}

TEST_F(EmbargoDays, ARefusedReadIsVisibleAtOnce) {
  Give(20);
  const RecordId record = GrantedUnder(20);
  AuthoriseRequest request = World::ReadRequestFor(record);
  request.read.purpose = testing::kMarketing;
  const std::size_t entries = Log().size();
  EXPECT_FALSE(Released(world_.Ask(request)));
  EXPECT_EQ(Log().size(), entries + 1);
  EXPECT_EQ(RecordId(Log().front().entry.record), record);
}

TEST_F(EmbargoDays, TakenFromTheServiceItEndsForNewReadsAlone) {
  Give(20);
  const RecordId record = GrantedUnder(20);
  Read(record);
  ASSERT_EQ(Propose(5)->state, ServiceChangeState::kInEffect);
  Read(record);
  ASSERT_EQ(Propose(0)->state, ServiceChangeState::kInEffect);
  const std::size_t reads = CountOf(AccessKind::kReleaseDecided);
  Read(record);
  EXPECT_EQ(CountOf(AccessKind::kReleaseDecided), reads + 1);
  EXPECT_EQ(Notices().size(), 1U);
  Advance(5 * kDay);
  EXPECT_EQ(Told().size(), 1U);
  EXPECT_EQ(Told()[0].days, 5);
  // What was under one keeps its date.
  Advance(15 * kDay - absl::Milliseconds(1));
  EXPECT_EQ(Told().size(), 1U);
  Advance(absl::Milliseconds(1));
  EXPECT_EQ(Told().size(), 2U);
  ExpectProven(2);
}

TEST_F(EmbargoDays, SoManyBetweenTwoEntriesAndNoMore) {
  Give(20);
  const RecordId record = GrantedUnder(20);
  for (std::size_t i = 0; i < kMaxOpenEmbargo; ++i) Read(record);
  EXPECT_THAT(world_.Read(record),
              StatusIs(absl::StatusCode::kResourceExhausted));
  // Nor does a start forget.
  world_.Restart();
  EXPECT_THAT(world_.Read(record),
              StatusIs(absl::StatusCode::kResourceExhausted));
  Visible();
  Read(record);
  Advance(20 * kDay);
  // As many as the clock does at a time.
  for (int i = 0; i < 100; ++i) consent().RunDue();
  EXPECT_EQ(Told(1'000).size(), kMaxOpenEmbargo + 1);
  ExpectProven(kMaxOpenEmbargo + 1);
  EXPECT_LE(CountOf(AccessKind::kEmbargoEnded), 2U);
}

// What became of a read has a place as soon as the read is allowed.
TEST_F(EmbargoDays, TheLastReadThatIsAllowedIsCompletedToo) {
  Give(20);
  const RecordId record = GrantedUnder(20);
  for (std::size_t i = 1; i < kMaxOpenEmbargo; ++i) Read(record);
  auto last = world_.Read(record);
  ASSERT_TRUE(Released(last));
  EXPECT_FALSE(Released(world_.Read(record)));
  last->release->hold->CloseWith(receipt::AccessOutcome::kReleased);
  WriteCompletions(consent().state(), /*all=*/true);
  EXPECT_TRUE(world_.alarms().empty());
  EXPECT_FALSE(Released(world_.Read(record)));
  Visible();
  Advance(20 * kDay);
  for (int i = 0; i < 100; ++i) consent().RunDue();
  const auto told = Told(1'000);
  EXPECT_EQ(told.size(), kMaxOpenEmbargo + 1);
  EXPECT_EQ(told.front().view.entry.kind, AccessKind::kAccessCompleted);
  ExpectProven(kMaxOpenEmbargo + 1);
}

TEST_F(EmbargoDays, PagesSayNothingOfWhatIsNotTold) {
  Give(30);
  const RecordId shorter = GrantedUnder(10);
  const RecordId longer = GrantedUnder(20);
  std::vector<AccessId> hidden;
  for (int i = 0; i < 7; ++i) {
    Read(shorter);
    hidden.push_back(Read(longer));
  }
  Visible();
  Advance(10 * kDay);
  for (const std::size_t size : {1U, 2U, 6U, 7U, 8U}) {
    EXPECT_EQ(Told(size).size(), 7U) << size;
  }
  EXPECT_THAT(EmbargoDesk(consent()).ListTold(ann_.id, hidden[3], 10),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(EmbargoDesk(consent()).ListTold(ann_.id, AccessId::Random(), 10),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(EmbargoDays, AnotherStateInTheTablesTellsNothing) {
  Give(20);
  const RecordId record = GrantedUnder(20);
  const AccessId access = Read(record);
  Visible();
  const RowKey key =
      EmbargoRowKey(consent().state().blinder.ShardOf(ann_.id), ann_.id, 1);
  LedgerCommit commit;
  commit.head = stores_.ledger().Head().value();
  commit.puts.push_back(stores_.ledger().Get(key).value().value());
  commit.puts[0].state = static_cast<std::uint8_t>(EmbargoRowState::kTold);
  commit.puts[0].due_ms = 0;
  ASSERT_THAT(stores_.ledger().Commit(commit), IsOk());
  EXPECT_TRUE(Told().empty());
  EXPECT_THAT(consent().GetAccessReceipt(ann_.id, access),
              StatusIs(absl::StatusCode::kNotFound));
  for (const EmbargoOpening& one : Openings()) EXPECT_TRUE(one.steps.empty());
  // Nor does another date.
  commit.puts[0].state = static_cast<std::uint8_t>(EmbargoRowState::kWaiting);
  commit.puts[0].due_ms = absl::ToUnixMillis(world_.clock().Now());
  ASSERT_THAT(stores_.ledger().Commit(commit), IsOk());
  consent().RunDue();
  EXPECT_TRUE(Told().empty());
  EXPECT_EQ(CountOf(AccessKind::kEmbargoEnded), 0U);
}

TEST_F(EmbargoDays, AClockSetForwardTellsNothing) {
  Give(20);
  const RecordId record = GrantedUnder(20);
  Read(record);
  const absl::Time now = world_.clock().Now();
  world_.clock().SetWall(now + 40 * kDay);
  consent().RunDue();
  EXPECT_TRUE(Told().empty());
  world_.clock().SetWall(now);
  consent().RunDue();
  EXPECT_TRUE(Told().empty());
}

TEST_F(EmbargoDays, AnOlderStoreLosesWhatItDoesNotHold) {
  Give(20);
  const RecordId record = GrantedUnder(20);
  Read(record);
  MemoryLedgerStore copy;
  copy.PutBack(stores_.memory());
  Read(record);
  Visible();
  ASSERT_THAT(consent().TickLog(), IsOk());
  const std::size_t entries = Log().size();
  world_.Stop();
  stores_.memory().PutBack(copy);
  world_.Restart();
  // The log is ahead: everything granted is paused, which she sees, and which
  // commits to what the copy held.
  EXPECT_GE(consent().restored_count(), 2U);
  EXPECT_NE(Log().size(), entries);
  Advance(20 * kDay);
  EXPECT_EQ(Told().size(), 1U);
  ExpectProven(1);
}

TEST_F(EmbargoDays, AnErasedEntryTakesItsProofAndNotTheAccess) {
  Give(20);
  const RecordId record = GrantedUnder(20);
  Read(record);
  Visible();
  receipt::ErasureRequest terms;
  const base::Bytes leaf = Log().front().leaf;
  std::copy(leaf.begin() + 1, leaf.end(), terms.commitment.begin());
  terms.operator_name = "limpid.example";
  terms.person = ann_.id.Text();
  terms.sequence = Log().front().entry.sequence;
  terms.time = world_.clock().Now();
  ASSERT_THAT(ErasureDesk(consent()).Erase(
                  ann_.id, receipt::SignErasure(terms, ann_.key)),
              IsOk());
  Advance(20 * kDay);
  EXPECT_EQ(Told().size(), 1U);
  const receipt::EmbargoFindings found = Judge();
  EXPECT_TRUE(found.alarms.empty()) << found.alarms.front();
  EXPECT_EQ(found.unproven_count, 1U);
  EXPECT_EQ(found.erased_count, 1U);
}

TEST_F(EmbargoDays, TheAuditorCountsItWithoutServiceOrHour) {
  Give(20);
  const RecordId record = GrantedUnder(20);
  const absl::Time from = absl::FromUnixSeconds(
      absl::ToUnixSeconds(world_.clock().Now()) / 3'600 * 3'600);
  Read(record);
  ASSERT_THAT(consent().TickLog(), IsOk());
  world_.clock().Advance(absl::Hours(2));
  const AuditPeriod period = {from, from + absl::Hours(1)};
  const auto list = [&] {
    AuditBook book(consent());
    return (*book.List({1}, period))->entries;
  };
  const auto hidden = [](const AuditEntry& one) {
    return one.content == AuditContent::kUnderEmbargo;
  };
  auto all = list();
  ASSERT_EQ(std::count_if(all.begin(), all.end(), hidden), 1);
  const AuditEntry& one = *std::find_if(all.begin(), all.end(), hidden);
  EXPECT_EQ(one.time, absl::UnixEpoch());
  EXPECT_EQ(one.entry, receipt::AccessEntry{});
  EXPECT_EQ(one.pseudonym, base::ByteArray<16>{});
  EXPECT_EQ(one.service, nullptr);
  ASSERT_TRUE(one.tick);
  // As many as the tick has.
  const auto named = std::count_if(
      all.begin(), all.end(),
      [&](const AuditEntry& entry) { return entry.tick == one.tick; });
  const auto ticks = AuditBook(consent()).Ticks(0, 100)->ticks;
  ASSERT_EQ(ticks.size(), 1U);
  // The others were entered on the days before.
  EXPECT_EQ(ticks[0].entry_count, Log().size() + 1);
  EXPECT_LE(named, 1 + static_cast<std::ptrdiff_t>(Log().size()));
  const std::size_t count = all.size();
  Advance(20 * kDay);
  all = list();
  EXPECT_EQ(all.size(), count);
  EXPECT_EQ(std::count_if(all.begin(), all.end(), hidden), 0);
  EXPECT_EQ(std::count_if(all.begin(), all.end(),
                          [&](const AuditEntry& entry) {
                            return entry.entry.kind ==
                                       AccessKind::kReleaseDecided &&
                                   entry.time == from;
                          }),
            1);
}

}  // namespace
}  // namespace limpid::consent
