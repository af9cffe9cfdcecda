// Erasing an account over bad days: a crash at every commit, a key store that
// fails, and older copies of either store that are put back.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "absl/status/status.h"
#include "common/receipt/erasure.h"
#include "consent/ledger/absent_key.h"
#include "consent/log/erasure_desk.h"
#include "consent/propagation/stream_reader.h"
#include "gtest/gtest.h"
#include "tests/unit/consent/account_erasure_fixture.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::Citizen;
using testing::Released;
using testing::World;

constexpr auto kNotFound = absl::StatusCode::kNotFound;

class ErasureRestart : public testing::AccountErasureWorld {
 protected:
  // A copy of both stores as they are now.
  void Backup() {
    ledger_copy_.PutBack(stores_.memory());
    keys_copy_.PutBack(keys());
  }
  void RunDue() {
    for (int i = 0; i < 12; ++i) consent().RunDue();
  }
  void Start() {
    ASSERT_THAT(world_.TryStart(), IsOk());
    RunDue();
  }
  // Nothing that waits for her key, and nothing was paused or told about her.
  void ExpectNobodyWaits() {
    const auto waiting = AbsentKeys(stores_.ledger());
    ASSERT_THAT(waiting, IsOk());
    EXPECT_TRUE(waiting->empty());
  }

  MemoryLedgerStore ledger_copy_;
  MemoryPersonKeyStore keys_copy_;
};

// A life that ends behind `commits` more commits, and the next one.
class Crash final : public ErasureRestart {
 public:
  void TestBody() override {}
  // Whether there was nothing left to crash in.
  bool Run(std::size_t commits) {
    // More than a page of entries.
    (void)Ended(ann_, static_cast<int>(kErasedRows));
    const RecordId other = world_.Granted(bob_).revision.record;
    stores_.memory().FailCommitsAfter(commits, absl::UnavailableError("disk"));
    const auto erased = Erase(ann_);
    EXPECT_EQ(erased.ok(), commits > 0);
    world_.Stop();
    stores_.memory().FailCommits(absl::OkStatus());
    EXPECT_THAT(world_.TryStart(), IsOk());
    if (commits == 0) {
      EXPECT_THAT(consent().GetAccount(ann_.id), IsOk());
      EXPECT_FALSE(*IsErased(stores_.ledger(), ann_.id));
      return false;
    }
    ExpectOut(ann_);
    RunDue();
    ExpectGone(ann_);
    ExpectNobodyWaits();
    EXPECT_TRUE(Released(world_.Read(other)));
    return erased.ok() && erased->finished;
  }
};

TEST(ErasureCrash, BehindEveryCommitTheNextStartGoesOn) {
  std::size_t commits = 0;
  for (bool whole = false; !whole; ++commits) {
    SCOPED_TRACE(commits);
    ASSERT_LT(commits, 20U);
    Crash crash;
    whole = crash.Run(commits);
  }
  // Begin, two pages of entries, one of those under embargo, and the rest.
  EXPECT_GE(commits, 6U);
}

// Stored, and the process died before the stop ledger had it.
TEST_F(ErasureRestart, ACrashBeforeTheStopLedgerIsRepaired) {
  (void)Ended(ann_);
  const std::uint64_t stops = consent().state().parts.stops.last();
  stores_.memory().LoseAnswers(absl::UnavailableError("lost"));
  EXPECT_THAT(Erase(ann_), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(consent().state().parts.stops.last(), stops);
  world_.Stop();
  stores_.memory().LoseAnswers(absl::OkStatus());
  ASSERT_THAT(world_.TryStart(), IsOk());
  EXPECT_EQ(consent().state().parts.stops.last(), stops + 1);
  ExpectOut(ann_);
  RunDue();
  ExpectGone(ann_);
}

TEST_F(ErasureRestart, AKeyStoreThatFailsIsTriedAgain) {
  const RecordId record = Ended(ann_);
  keys().FailLogKeys(absl::UnavailableError("disk"));
  const auto erased = Erase(ann_);
  ASSERT_THAT(erased, IsOk());
  EXPECT_FALSE(erased->finished);
  ExpectOut(ann_);
  EXPECT_TRUE(stores_.keys().Get(ann_.id)->has_value());
  EXPECT_EQ(Marker(ann_).stage, ErasingStage::kRest);
  // A start does not wait for it, and nothing of hers comes back meanwhile.
  Start();
  EXPECT_EQ(Marker(ann_).stage, ErasingStage::kRest);
  ExpectOut(ann_);
  EXPECT_FALSE(Released(world_.Read(record)));
  keys().FailLogKeys(absl::OkStatus());
  world_.clock().Advance(absl::Minutes(11));
  RunDue();
  ExpectGone(ann_);
}

// The keys were destroyed, and the commit after it never came.
TEST_F(ErasureRestart, ACrashBehindTheKeysNeedsThemNoMore) {
  (void)Ended(ann_);
  keys().FailLogKeys(absl::UnavailableError("disk"));
  ASSERT_THAT(Erase(ann_), IsOk());
  world_.Stop();
  keys().FailLogKeys(absl::OkStatus());
  ASSERT_THAT(keys().Erase(ann_.id), IsOk());
  Start();
  ExpectGone(ann_);
}

TEST_F(ErasureRestart, AnOlderStoreErasesHerAgain) {
  const RecordId record = world_.Granted(ann_).revision.record;
  ASSERT_TRUE(Released(world_.Read(record)));
  Backup();
  ASSERT_THAT(consent().Withdraw(ann_.id, record), IsOk());
  Acknowledge();
  ASSERT_THAT(Erase(ann_), IsOk());
  world_.Stop();
  stores_.memory().PutBack(ledger_copy_);
  ASSERT_THAT(world_.TryStart(), IsOk());
  // At once, before anything is run.
  ExpectOut(ann_);
  EXPECT_FALSE(Released(world_.Read(record)));
  RunDue();
  ExpectGone(ann_);
  ExpectNobodyWaits();
  // Their positions went with the keys.
  for (const PersonalRow& row : RowsOf(ann_.id)) {
    EXPECT_TRUE(row.payload.empty());
  }
  EXPECT_EQ(stores_.ledger().Head()->stop,
            consent().state().parts.stops.last());
  world_.Restart();
  ExpectGone(ann_);
  EXPECT_EQ(consent().restored_count(), 0U);
}

TEST_F(ErasureRestart, OlderCopiesOfBothStoresEraseHerAgain) {
  const RecordId record = world_.Granted(ann_).revision.record;
  ASSERT_TRUE(Released(world_.Read(record)));
  const RecordId other = world_.Granted(bob_).revision.record;
  Backup();
  ASSERT_THAT(consent().Withdraw(ann_.id, record), IsOk());
  Acknowledge();
  ASSERT_THAT(Erase(ann_), IsOk());
  world_.Stop();
  stores_.memory().PutBack(ledger_copy_);
  keys().PutBack(keys_copy_);
  const std::uint64_t events = stores_.ledger().Head()->event;
  ASSERT_THAT(world_.TryStart(), IsOk());
  ExpectOut(ann_);
  EXPECT_FALSE(Released(world_.Read(record)));
  RunDue();
  ExpectGone(ann_);
  ExpectNobodyWaits();
  for (const PersonalRow& row : RowsOf(ann_.id)) {
    EXPECT_NE(*StubPosition(consent().state().row_key, row), 0U);
  }
  // Bob's is paused as after any such start; Ann's is told to be over.
  EXPECT_EQ(consent().GetRecord(bob_.id, other)->state, RecordState::kPaused);
  const auto rows = stores_.ledger().Events(
      StreamOf(consent().state().blinder, world_.service()->id), events, 100);
  ASSERT_THAT(rows, IsOk());
  ASSERT_EQ(rows->size(), 2U);
  std::size_t told = 0;
  for (const EventRow& row : *rows) {
    const auto event =
        ReadStreamRow(stores_.ledger(), consent().state().person_keys, row);
    ASSERT_THAT(event, IsOk());
    told += (*event)->erased() && (*event)->record == record ? 1U : 0U;
  }
  EXPECT_EQ(told, 1U);
}

TEST_F(ErasureRestart, AnOlderKeyStoreLosesHerKeysAgain) {
  (void)Ended(ann_);
  Backup();
  ASSERT_THAT(Erase(ann_), IsOk());
  world_.Stop();
  keys().PutBack(keys_copy_);
  ASSERT_TRUE(keys().Get(ann_.id)->has_value());
  Start();
  ExpectGone(ann_);
  EXPECT_TRUE(Released(world_.Read(world_.Granted(bob_).revision.record)));
}

// Put back after the erasure had begun and before it was done.
TEST_F(ErasureRestart, AStoreFromTheMiddleGoesOn) {
  (void)Ended(ann_);
  keys().FailLogKeys(absl::UnavailableError("disk"));
  ASSERT_THAT(Erase(ann_), IsOk());
  Backup();
  keys().FailLogKeys(absl::OkStatus());
  world_.clock().Advance(absl::Minutes(11));
  RunDue();
  ExpectGone(ann_);
  (void)Ended(bob_);
  world_.Stop();
  stores_.memory().PutBack(ledger_copy_);
  Start();
  ExpectGone(ann_);
}

// A store from before she had an account at all.
TEST_F(ErasureRestart, AStoreFromBeforeHerAccountHoldsNothing) {
  Backup();
  const Citizen eve = world_.NewCitizen(13);
  (void)Ended(eve);
  ASSERT_THAT(Erase(eve), IsOk());
  world_.Stop();
  stores_.memory().PutBack(ledger_copy_);
  keys().PutBack(keys_copy_);
  Start();
  ExpectGone(eve);
  EXPECT_TRUE(RowsOf(eve.id).empty());
}

// Her key was missing at a restoring start; it comes back after her erasure.
TEST_F(ErasureRestart, SheIsNoLongerWaitedFor) {
  const RecordId record = world_.Granted(ann_).revision.record;
  Backup();
  ASSERT_THAT(consent().Withdraw(ann_.id, record), IsOk());
  Acknowledge();
  world_.Stop();
  stores_.memory().PutBack(ledger_copy_);
  ASSERT_THAT(keys().Erase(ann_.id), IsOk());
  ASSERT_THAT(world_.TryStart(), IsOk());
  ASSERT_EQ(AbsentKeys(stores_.ledger())->size(), 1U);
  MemoryLedgerStore waiting;
  waiting.PutBack(stores_.memory());
  // Back again: settled, withdrawn, and she may go.
  world_.Stop();
  keys().PutBack(keys_copy_);
  ASSERT_THAT(world_.TryStart(), IsOk());
  ASSERT_THAT(Erase(ann_, /*give_up_duties=*/true), IsOk());
  ExpectGone(ann_);
  // The store from when she was waited for, with her key.
  world_.Stop();
  stores_.memory().PutBack(waiting);
  keys().PutBack(keys_copy_);
  Start();
  ExpectGone(ann_);
  ExpectNobodyWaits();
}

// Single entries of hers were erased before; the stops of both stay.
TEST_F(ErasureRestart, ErasuresOfHerEntriesAreNoTroubleAtAStart) {
  (void)Ended(ann_);
  receipt::ErasureRequest terms;
  const auto newest = consent().ListAccesses(ann_.id, {}, 0, 1);
  ASSERT_THAT(newest, IsOk());
  const base::Bytes leaf = newest->entries[0].leaf;
  std::copy(leaf.begin() + 1, leaf.end(), terms.commitment.begin());
  terms.operator_name = "limpid.example";
  terms.person = ann_.id.Text();
  terms.sequence = newest->entries[0].entry.sequence;
  terms.time = world_.clock().Now();
  Backup();
  ASSERT_THAT(ErasureDesk(consent()).Erase(
                  ann_.id, receipt::SignErasure(terms, ann_.key)),
              IsOk());
  ASSERT_THAT(Erase(ann_), IsOk());
  Start();
  ExpectGone(ann_);
  world_.Stop();
  stores_.memory().PutBack(ledger_copy_);
  keys().PutBack(keys_copy_);
  Start();
  ExpectGone(ann_);
  ExpectNobodyWaits();
}

// Without the stop ledger nothing on the server knows; what the store alone
// brings back does not open.
TEST_F(ErasureRestart, WithoutTheStopLedgerAnOlderStoreOpensNothing) {
  const RecordId record = Ended(ann_);
  Backup();
  ASSERT_THAT(Erase(ann_), IsOk());
  world_.Stop();
  std::filesystem::remove(world_.stop_ledger_path());
  stores_.memory().PutBack(ledger_copy_);
  ASSERT_THAT(world_.TryStart(), IsOk());
  EXPECT_THAT(consent().FindKey(KeyIdOf(ann_.key.PublicKey())),
              StatusIs(kNotFound));
  EXPECT_THAT(consent().GetAccount(ann_.id), StatusIs(kNotFound));
  EXPECT_FALSE(Released(world_.Read(record)));
}

}  // namespace
}  // namespace limpid::consent
