// Bad days: a restart, a store put back from an older copy, a commit that
// fails, an answer that is lost, a full disk, a lost stop ledger. Nothing that
// was ended may come back, nothing that was not stored may leave.

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "consent/embargo/embargo_desk.h"
#include "gtest/gtest.h"
#include "tests/conformance/consent/backends.h"
#include "tests/integration/consent/restore_fixture.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using receipt::Reason;
using testing::Citizen;
using testing::Released;
using testing::World;

class ConsentRestart : public ::testing::TestWithParam<testing::Backend> {
 protected:
  std::unique_ptr<testing::Stores> stores_ = testing::MakeStores(GetParam());
  World world_{*stores_};
  Citizen ann_ = world_.NewCitizen(1);
};

TEST_P(ConsentRestart, LosesNothingThatWasAnswered) {
  const RecordView granted = world_.Granted(ann_);
  const RecordId id = granted.revision.record;
  const auto read = world_.Read(id);
  world_.Restart();
  EXPECT_EQ(world_.consent().restored_count(), 0U);
  EXPECT_EQ(world_.consent().GetRecord(ann_.id, id)->revision,
            granted.revision);
  EXPECT_TRUE(Released(world_.Read(id)));
  const auto page = world_.consent().ListAccesses(ann_.id, {}, 0, 10);
  ASSERT_EQ(page->entries.size(), 4U);
  EXPECT_EQ(page->entries[1].entry.access, read->access.bytes());
  // The chain goes on where it was.
  EXPECT_EQ(page->entries[0].entry.sequence, 4U);
  EXPECT_EQ(base::ToBytes(page->entries[0].entry.previous),
            base::ToBytes(base::ByteView(page->entries[1].leaf).subspan(1)));
  EXPECT_THAT(world_.consent().GetHistory(ann_.id, id), IsOk());
}

TEST_P(ConsentRestart, AWithdrawnRecordStaysWithdrawn) {
  const RecordId id = world_.Granted(ann_).revision.record;
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, id), IsOk());
  world_.Restart();
  EXPECT_EQ(world_.Read(id)->outcomes[0].reason, Reason::kWithdrawn);
}

TEST_P(ConsentRestart, TheOldProcessDecidesNoMore) {
  const RecordId id = world_.Granted(ann_).revision.record;
  // Somebody else starts over the same store.
  ASSERT_THAT(stores_->ledger().TakeEpoch(), IsOk());
  EXPECT_THAT(world_.Read(id), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(world_.consent().Pause(ann_.id, id),
              StatusIs(absl::StatusCode::kUnavailable));
}

// What is not told is in no list, and must come back all the same.
TEST_P(ConsentRestart, AnEmbargoIsWhereItWas) {
  ProposedChange wanted;
  wanted.administrator = {1};
  wanted.service = world_.service()->id;
  wanted.after = LimitsOf(*world_.service());
  wanted.after.bases.push_back(receipt::LegalBasis::kPublicTask);
  wanted.after.embargo_days = 20;
  wanted.reason = "A law";
  const auto change = world_.consent().ProposeServiceChange({1}, wanted);
  ASSERT_THAT(change, IsOk());
  ASSERT_THAT(world_.consent().ApproveServiceChange({2}, change->id), IsOk());
  world_.clock().Advance(kServiceChangeDelay);
  ASSERT_THAT(world_.consent().RunServiceChanges(), IsOk());
  AgreementContent content = testing::CareContent();
  content.basis = receipt::LegalBasis::kPublicTask;
  content.embargo_days = 20;
  const RecordId id =
      world_.Granted(ann_, world_.Publish(content)).revision.record;
  const RecordId open = world_.Granted(ann_).revision.record;
  std::vector<base::ByteArray<16>> reads;
  for (int i = 0; i < 3; ++i) {
    const auto read = world_.Read(id);
    ASSERT_TRUE(Released(read));
    reads.push_back(read->access.bytes());
    world_.Restart();
  }
  ASSERT_TRUE(Released(world_.Read(open)));
  world_.Restart();
  EmbargoDesk desk(world_.consent());
  EXPECT_TRUE(desk.ListTold(ann_.id, std::nullopt, 10)->accesses.empty());
  world_.clock().Advance(absl::Hours(24 * 20));
  world_.consent().RunDue();
  world_.Restart();
  EmbargoDesk after(world_.consent());
  const auto told = after.ListTold(ann_.id, std::nullopt, 10);
  ASSERT_THAT(told, IsOk());
  ASSERT_EQ(told->accesses.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const receipt::AccessEntry& entry = told->accesses[2 - i].view.entry;
    EXPECT_EQ(entry.access, reads[i]);
    EXPECT_EQ(entry.sequence, i + 1);
  }
  // Committed to together, by the first visible entry behind them.
  std::size_t opened = 0;
  const auto openings = after.ListOpenings(ann_.id, 0, 100);
  ASSERT_THAT(openings, IsOk());
  for (const EmbargoOpening& one : openings->openings) {
    opened = std::max(opened, one.steps.size());
  }
  EXPECT_EQ(opened, 3U);
}

INSTANTIATE_TEST_SUITE_P(Stores, ConsentRestart,
                         ::testing::ValuesIn(testing::Installed()),
                         [](const auto& which) {
                           return testing::BackendName(which.param);
                         });

class ConsentRestore : public testing::RestoreFixture {};

TEST_F(ConsentRestore, WithdrawThenYesterdaysStoreThenRead) {
  const RecordId withdrawn = world_.Granted(ann_).revision.record;
  const RecordId other = world_.Granted(ann_).revision.record;
  Backup();
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, withdrawn), IsOk());
  Restore();
  EXPECT_EQ(world_.consent().restored_count(), 2U);
  // The withdrawal was replayed; what else was granted waits for the person.
  EXPECT_EQ(world_.Read(withdrawn)->outcomes[0].reason, Reason::kWithdrawn);
  EXPECT_EQ(world_.Read(other)->outcomes[0].reason, Reason::kPaused);
  EXPECT_EQ(world_.consent().GetRecord(ann_.id, other)->revision.event,
            receipt::AccessKind::kRestored);
  ASSERT_THAT(world_.consent().Resume(ann_.id, other), IsOk());
  EXPECT_TRUE(Released(world_.Read(other)));
  // Once is enough: the next start finds both at the same sequence.
  world_.Restart();
  EXPECT_EQ(world_.consent().restored_count(), 0U);
  EXPECT_TRUE(Released(world_.Read(other)));
  EXPECT_EQ(world_.Read(withdrawn)->outcomes[0].reason, Reason::kWithdrawn);
}

TEST_F(ConsentRestore, ASpentOneTimeGrantStaysSpent) {
  AgreementContent content = testing::CareContent();
  content.use_count_max = 1;
  const RecordId id =
      world_.Granted(ann_, world_.Publish(content)).revision.record;
  Backup();
  ASSERT_TRUE(Released(world_.Read(id)));
  Restore();
  EXPECT_EQ(world_.Read(id)->outcomes[0].reason, Reason::kLimit);
}

TEST_F(ConsentRestore, ALogThatIsAheadOfTheStoreGivesTheRestoreAway) {
  const RecordId id = world_.Granted(ann_).revision.record;
  Backup();
  ASSERT_TRUE(Released(world_.Read(id)));
  ASSERT_THAT(world_.consent().TickLog(), IsOk());
  Restore();
  EXPECT_EQ(world_.consent().restored_count(), 1U);
  EXPECT_EQ(world_.Read(id)->outcomes[0].reason, Reason::kPaused);
  ASSERT_THAT(world_.consent().TickLog(), IsOk());
  world_.Restart();
  EXPECT_EQ(world_.consent().restored_count(), 0U);
}

TEST_F(ConsentRestore, ALostStopLedgerPausesEverything) {
  const RecordId withdrawn = world_.Granted(ann_).revision.record;
  const RecordId id = world_.Granted(ann_).revision.record;
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, withdrawn), IsOk());
  world_.Stop();
  std::filesystem::remove(world_.stop_ledger_path());
  world_.Restart();
  EXPECT_EQ(world_.Read(id)->outcomes[0].reason, Reason::kPaused);
  EXPECT_EQ(world_.Read(withdrawn)->outcomes[0].reason, Reason::kWithdrawn);
  // It is told as what it is, to the operator and to her.
  EXPECT_TRUE(world_.consent().stop_ledger_lost());
  EXPECT_NE(world_.consent()
                .GetRecord(ann_.id, id)
                ->revision.reason.find("the ledger of what was ended was lost"),
            std::string::npos);
  world_.Restart();
  EXPECT_FALSE(world_.consent().stop_ledger_lost());
}

// The start that made the new ledger failed before it paused anything.
TEST_F(ConsentRestore, ALostStopLedgerIsNotForgottenByAFailedStart) {
  const RecordId id = world_.Granted(ann_).revision.record;
  const RecordId withdrawn = world_.Granted(ann_).revision.record;
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, withdrawn), IsOk());
  world_.Stop();
  std::filesystem::remove(world_.stop_ledger_path());
  world_.FailStart();
  world_.FailStart();
  world_.Restart();
  EXPECT_EQ(world_.consent().restored_count(), 1U);
  EXPECT_EQ(world_.Read(id)->outcomes[0].reason, Reason::kPaused);
  ASSERT_THAT(world_.consent().Resume(ann_.id, id), IsOk());
  world_.Restart();
  EXPECT_TRUE(Released(world_.Read(id)));
}

// A crash right after the first stop that was ever stored loses no ledger.
TEST_F(ConsentRestore, TheFirstStopEverMayCrashToo) {
  const RecordId id = world_.Granted(ann_).revision.record;
  const RecordId other = world_.Granted(ann_).revision.record;
  const std::string before =
      limpid::testing::ReadFile(world_.stop_ledger_path());
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, id), IsOk());
  world_.Stop();
  std::ofstream(world_.stop_ledger_path(), std::ios::binary) << before;
  world_.Restart();
  EXPECT_EQ(world_.consent().restored_count(), 0U);
  EXPECT_TRUE(Released(world_.Read(other)));
}

TEST_F(ConsentRestore, AStoreAheadOfTheLedgerIsACrashAndIsRepaired) {
  const RecordId id = world_.Granted(ann_).revision.record;
  const RecordId other = world_.Granted(ann_).revision.record;
  ASSERT_THAT(world_.consent().Pause(ann_.id, other), IsOk());
  const std::string before =
      limpid::testing::ReadFile(world_.stop_ledger_path());
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, id), IsOk());
  const std::string after =
      limpid::testing::ReadFile(world_.stop_ledger_path());
  world_.Stop();
  // As if the process had died between the commit and the ledger.
  std::ofstream(world_.stop_ledger_path(), std::ios::binary) << before;
  world_.Restart();
  EXPECT_EQ(world_.consent().restored_count(), 0U);
  EXPECT_EQ(limpid::testing::ReadFile(world_.stop_ledger_path()), after);
  EXPECT_EQ(world_.Read(id)->outcomes[0].reason, Reason::kWithdrawn);
}

// The key of one person is missing; everybody else is paused as usual.
TEST_F(ConsentRestore, AKeyStoreOlderThanTheStoreStarts) {
  world_.Stop();
  stores_.BackupKeys();
  world_.Restart();
  const Citizen bob = world_.NewCitizen(2);
  const RecordId his = world_.Granted(bob).revision.record;
  const RecordId hers = world_.Granted(ann_).revision.record;
  const RecordId ended = world_.Granted(bob).revision.record;
  ASSERT_THAT(world_.consent().Withdraw(bob.id, ended), IsOk());
  world_.Stop();
  stores_.PutBackKeys();
  std::filesystem::remove(world_.stop_ledger_path());
  ASSERT_THAT(world_.TryStart(), IsOk());
  EXPECT_EQ(world_.Read(hers)->outcomes[0].reason, Reason::kPaused);
  EXPECT_FALSE(Released(world_.Read(his)));
  EXPECT_FALSE(Released(world_.Read(ended)));
}

// Bob's key and Carl's are not in the key store that the restoring start finds.
class AbsentKeyRestore : public ConsentRestore {
 protected:
  void SetUp() override {
    world_.Stop();
    stores_.BackupKeys();
    world_.Restart();
    bob_ = world_.NewCitizen(2);
    carl_ = world_.NewCitizen(3);
    kept_ = world_.Granted(*bob_).revision.record;
    ended_ = world_.Granted(*bob_).revision.record;
    narrowed_ = world_.Granted(*bob_).revision.record;
    carls_kept_ = world_.Granted(*carl_).revision.record;
    carls_ended_ = world_.Granted(*carl_).revision.record;
    hers_ = world_.Granted(ann_).revision.record;
    world_.Stop();
    stores_.Backup();
    world_.Restart();
    ASSERT_THAT(world_.consent().Withdraw(bob_->id, ended_), IsOk());
    ASSERT_THAT(world_.consent().Withdraw(carl_->id, carls_ended_), IsOk());
    ASSERT_THAT(world_.consent().Narrow(bob_->id, narrowed_,
                                        {{"person.name"}, std::nullopt}),
                IsOk());
    RestoreWithoutBob();
  }
  void RestoreWithoutBob() {
    world_.Stop();
    stores_.SwapKeys();
    stores_.PutBack();
    ASSERT_THAT(world_.TryStart(), IsOk());
    EXPECT_FALSE(Released(world_.Read(kept_)));
    EXPECT_FALSE(Released(world_.Read(ended_)));
  }
  void PutTheNewerKeysBack() {
    world_.Stop();
    stores_.SwapKeys();
    ASSERT_THAT(world_.TryStart(), IsOk());
  }
  Reason ReasonFor(const RecordId& record) {
    const auto read = world_.Read(record);
    EXPECT_THAT(read, IsOk());
    return read.ok() ? read->outcomes[0].reason : Reason::kReleased;
  }

  std::optional<Citizen> bob_;
  std::optional<Citizen> carl_;
  RecordId kept_;
  RecordId ended_;
  RecordId narrowed_;
  RecordId carls_kept_;
  RecordId carls_ended_;
  RecordId hers_;
};

TEST_F(AbsentKeyRestore, ANewerKeyStorePutBackLaterRevivesNothing) {
  ASSERT_THAT(world_.consent().Resume(ann_.id, hers_), IsOk());
  PutTheNewerKeysBack();
  EXPECT_EQ(world_.consent().restored_count(), 5U);
  EXPECT_EQ(ReasonFor(ended_), Reason::kWithdrawn);
  EXPECT_EQ(ReasonFor(kept_), Reason::kPaused);
  EXPECT_EQ(ReasonFor(narrowed_), Reason::kInvalidated);
  EXPECT_EQ(ReasonFor(carls_ended_), Reason::kWithdrawn);
  EXPECT_EQ(ReasonFor(carls_kept_), Reason::kPaused);
  // Nobody else is paused again.
  EXPECT_TRUE(Released(world_.Read(hers_)));
}

TEST_F(AbsentKeyRestore, IsSettledOnce) {
  PutTheNewerKeysBack();
  ASSERT_THAT(world_.consent().Resume(bob_->id, kept_), IsOk());
  world_.Restart();
  EXPECT_EQ(world_.consent().restored_count(), 0U);
  EXPECT_TRUE(Released(world_.Read(kept_)));
  EXPECT_EQ(ReasonFor(ended_), Reason::kWithdrawn);
}

TEST_F(AbsentKeyRestore, WaitsAsLongAsTheKeyIsMissing) {
  world_.Restart();
  world_.Restart();
  EXPECT_EQ(world_.consent().restored_count(), 0U);
  EXPECT_FALSE(Released(world_.Read(kept_)));
  PutTheNewerKeysBack();
  EXPECT_EQ(ReasonFor(ended_), Reason::kWithdrawn);
  EXPECT_EQ(ReasonFor(kept_), Reason::kPaused);
}

TEST_F(AbsentKeyRestore, ASecondRestoreInBetweenForgetsNothing) {
  // A copy of the store that remembers Bob, put back over itself.
  world_.Stop();
  stores_.Backup();
  world_.Restart();
  const RecordId other = world_.Granted(ann_).revision.record;
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, other), IsOk());
  world_.Stop();
  stores_.PutBack();
  ASSERT_THAT(world_.TryStart(), IsOk());
  PutTheNewerKeysBack();
  EXPECT_EQ(ReasonFor(ended_), Reason::kWithdrawn);
  EXPECT_EQ(ReasonFor(kept_), Reason::kPaused);
}

TEST(AbsentKey, HasTheBytesOfItsPage) {
  const AbsentKey absent{testing::IdOf<PersonId>(2), 5, AbsentState::kWhole};
  const PublicRow row = RowOf(absent, 1'767'225'600'000);
  EXPECT_EQ(base::HexEncode(row.payload),
            "136c696d7069642f616273656e742d6b65792f31"
            "000000000000000500");
  EXPECT_EQ(ParseAbsentKey(row).value(), absent);
  constexpr std::size_t kNumbers = 9;
  for (std::size_t at = 0; at + kNumbers < row.payload.size(); ++at) {
    PublicRow damaged = row;
    damaged.payload[at] ^= 1;
    EXPECT_THAT(ParseAbsentKey(damaged), StatusIs(absl::StatusCode::kDataLoss));
  }
  PublicRow other = row;
  other.payload.back() = 3;
  EXPECT_THAT(ParseAbsentKey(other), StatusIs(absl::StatusCode::kDataLoss));
  other = row;
  other.payload.push_back(0);
  EXPECT_THAT(ParseAbsentKey(other), StatusIs(absl::StatusCode::kDataLoss));
  other = row;
  other.id.pop_back();
  EXPECT_THAT(ParseAbsentKey(other), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(ConsentRestore, ADamagedStopLedgerRefusesToStart) {
  const RecordId id = world_.Granted(ann_).revision.record;
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, id), IsOk());
  world_.Stop();
  std::string bytes = limpid::testing::ReadFile(world_.stop_ledger_path());
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  std::ofstream(world_.stop_ledger_path(), std::ios::binary) << bytes;
  EXPECT_THAT(world_.TryStart(), StatusIs(absl::StatusCode::kDataLoss));
}

class ConsentCommit : public ::testing::Test {
 protected:
  testing::MemoryStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(1);
};

TEST_F(ConsentCommit, AFailedCommitReleasesNothing) {
  const RecordId id = world_.Granted(ann_).revision.record;
  stores_.memory().FailCommits(absl::ResourceExhaustedError("no space"));
  EXPECT_THAT(world_.Read(id), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(world_.consent().Withdraw(ann_.id, id),
              StatusIs(absl::StatusCode::kResourceExhausted));
  stores_.memory().FailCommits(absl::OkStatus());
  // Memory did not run ahead of the store.
  EXPECT_TRUE(Released(world_.Read(id)));
  const auto page = world_.consent().ListAccesses(ann_.id, {}, 0, 10);
  EXPECT_EQ(page->entries.size(), 3U);
  EXPECT_EQ(page->entries[0].entry.sequence, 3U);
}

TEST_F(ConsentCommit, ALostAnswerGivesNoPermit) {
  const RecordId id = world_.Granted(ann_).revision.record;
  stores_.memory().LoseAnswers(absl::UnavailableError("lost"));
  EXPECT_THAT(world_.Read(id), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(ConsentCommit, AFailedCommitSpendsNoUse) {
  AgreementContent content = testing::CareContent();
  content.use_count_max = 1;
  const RecordId id =
      world_.Granted(ann_, world_.Publish(content)).revision.record;
  stores_.memory().FailCommits(absl::UnavailableError("down"));
  EXPECT_THAT(world_.Read(id), StatusIs(absl::StatusCode::kUnavailable));
  stores_.memory().FailCommits(absl::OkStatus());
  EXPECT_TRUE(Released(world_.Read(id)));
  EXPECT_EQ(world_.Read(id)->outcomes[0].reason, Reason::kLimit);
}

}  // namespace
}  // namespace limpid::consent
