// The turn of the month end to end: what the register gets depends on the
// month's turn alone, and tells nobody who came or went.

#include "consent/training/facts_turn.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/receipt/consent_facts.h"
#include "consent/training/consent_facts.h"
#include "gtest/gtest.h"
#include "tests/unit/consent/training_fixture.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::Citizen;
using testing::IdOf;
using testing::kDataset;
using testing::kSnapshot;
using testing::kTrained;

// Trained on beside kSnapshot, of the same dataset.
const SnapshotId kOther = IdOf<SnapshotId>(16);

class FactsTurn : public testing::TrainingWorld {
 protected:
  // The month of the first start is counted; what is granted later in it lasts
  // into the next.
  FactsTurn() {
    RunDue();
    world_.clock().Advance(absl::Hours(24) * 19);
  }

  void ToNextMonth() {
    const absl::Time now = world_.clock().Now();
    const absl::Time next =
        absl::FromCivil(FactsMonth(now) + 1, absl::UTCTimeZone());
    world_.clock().Advance(next - now);
  }
  // As if the log had a commitment to each.
  void PublishTooMany() {
    for (std::uint16_t i = 0; i <= receipt::kMaxFactsSnapshots; ++i) {
      base::ByteArray<16> id{};
      id[0] = 7;
      id[1] = static_cast<std::uint8_t>(i >> 8U);
      id[2] = static_cast<std::uint8_t>(i & 0xffU);
      TrainingSnapshot one;
      one.id = SnapshotId(id);
      one.dataset = kDataset;
      one.stage = SnapshotStage::kPublished;
      consent().state().training.Put(one);
    }
  }
  void Turn() {
    ToNextMonth();
    RunDue();
  }
  // More persons with a release for kSnapshot; their records.
  std::vector<RecordId> TrainMore(int count) {
    std::vector<RecordId> out;
    for (int i = 0; i < count; ++i) {
      people_.push_back(world_.NewCitizen(next_++));
      out.push_back(Trained(people_.back()));
    }
    return out;
  }
  // As a read for another snapshot of the dataset would have stored it.
  void AddRead(const Citizen& who, const SnapshotId& snapshot,
               const RecordId& record) {
    auto& state = consent().state();
    const PersonKey key = state.KeyOf(who.id).value();
    TrainingRead read;
    read.use = {snapshot, kTrained, world_.service()->id, record, {}};
    read.time = world_.clock().Now();
    PersonalRow row;
    row.key = TrainingReadRowKey(state.blinder.ShardOf(who.id), who.id, 99);
    row.created_ms = absl::ToUnixMillis(read.time);
    row.payload = SealRow(*key, row.key, read.Encode());
    LedgerCommit commit;
    commit.head = ledger().Head().value();
    commit.inserts = {row};
    ASSERT_THAT(ledger().Commit(commit), IsOk());
  }
  void KnowOther() {
    world_.algorithms().Put(kOther, {kDataset, false});
    TrainingSnapshot other;
    other.id = kOther;
    other.dataset = kDataset;
    consent().state().training.Put(other);
  }
  [[nodiscard]] receipt::ConsentFacts Newest() {
    const auto entries = world_.algorithms().facts();
    if (entries.empty()) return {};
    const auto parsed = receipt::ParseConsentFacts(entries.back());
    EXPECT_THAT(parsed, IsOk());
    EXPECT_EQ(parsed->operator_key, consent().evidence_key());
    return parsed->facts;
  }
  [[nodiscard]] std::optional<receipt::SnapshotFacts> Of(
      const SnapshotId& snapshot) {
    for (const auto& one : Newest().snapshots) {
      if (one.snapshot == snapshot.bytes()) return one;
    }
    return std::nullopt;
  }

  std::vector<Citizen> people_;
  std::uint8_t next_ = 50;
};

TEST_F(FactsTurn, ASmallGroupDoesNotAppear) {
  TrainMore(9);
  Turn();
  EXPECT_TRUE(world_.algorithms().facts().empty());
  // The month is counted all the same, and stays: the tenth waits.
  TrainMore(1);
  RunDue();
  EXPECT_TRUE(world_.algorithms().facts().empty());
  Turn();
  ASSERT_TRUE(Of(kSnapshot).has_value());
  EXPECT_EQ(Of(kSnapshot)->persons, 10U);
  EXPECT_EQ(Of(kSnapshot)->dataset, kDataset.bytes());
}

TEST_F(FactsTurn, WithItsCommitmentASmallGroupIsFewerThanTen) {
  TrainMore(3);
  SealAndPublish();
  // Not before its month turns.
  EXPECT_TRUE(world_.algorithms().facts().empty());
  Turn();
  ASSERT_TRUE(Of(kSnapshot).has_value());
  EXPECT_EQ(Of(kSnapshot)->persons, 0U);
  EXPECT_FALSE(Of(kSnapshot)->withdrawn.has_value());
}

TEST_F(FactsTurn, ARepeatedPollGetsTheSameBytesWhateverHappens) {
  const auto records = TrainMore(25);
  Turn();
  const auto published = world_.algorithms().facts();
  ASSERT_EQ(published.size(), 1U);
  for (std::size_t i = 0; i < 12; ++i) {
    ASSERT_THAT(consent().Withdraw(people_[i].id, records[i]), IsOk());
    RunDue();
    EXPECT_EQ(world_.algorithms().facts(), published);
  }
  TrainMore(30);
  world_.Restart();
  RunDue();
  EXPECT_EQ(world_.algorithms().facts(), published);
  // A clock that goes back begins no month anew.
  world_.clock().SetWall(world_.clock().Now() - absl::Hours(24) * 40);
  RunDue();
  EXPECT_EQ(world_.algorithms().facts(), published);
}

TEST_F(FactsTurn, EachPersonCountsOnceAcrossReadsReleasesAndRecords) {
  TrainMore(10);
  // Each has three more reads under a second record.
  for (const Citizen& who : people_) Trained(who, 3);
  SealAndPublish();
  Turn();
  EXPECT_EQ(Of(kSnapshot)->persons, 10U);
  // Collected releases and open reads of one person are one person.
  KnowOther();
  for (const Citizen& who : people_) AddRead(who, kOther, Granted(who));
  Turn();
  EXPECT_EQ(Of(kSnapshot)->persons, 10U);
  EXPECT_EQ(Of(kOther)->persons, 10U);
  EXPECT_EQ(Of(kOther)->figures_of, kSnapshot.bytes());
}

TEST_F(FactsTurn, OnlyWhoWithdrewEverythingCountsAsWithdrawn) {
  const auto records = TrainMore(40);
  // Two records of one of them: one withdrawn is not both.
  Trained(people_[9]);
  for (std::size_t i = 0; i < 10; ++i) {
    ASSERT_THAT(consent().Withdraw(people_[i].id, records[i]), IsOk());
  }
  Turn();
  EXPECT_EQ(Of(kSnapshot)->persons, 40U);
  EXPECT_EQ(Of(kSnapshot)->withdrawn, 0U);
  ASSERT_THAT(consent().Withdraw(people_[10].id, records[10]), IsOk());
  Turn();
  EXPECT_EQ(Of(kSnapshot)->withdrawn, 10U);
}

TEST_F(FactsTurn, ComplementsOfFewAreSuppressed) {
  const auto records = TrainMore(30);
  for (std::size_t i = 0; i < 29; ++i) {
    ASSERT_THAT(consent().Withdraw(people_[i].id, records[i]), IsOk());
  }
  Turn();
  // 30 and 20 would look like ten; it is one.
  EXPECT_EQ(Of(kSnapshot)->persons, 30U);
  EXPECT_FALSE(Of(kSnapshot)->withdrawn.has_value());
}

// Two snapshots of one dataset that differ by one colleague.
TEST_F(FactsTurn, TwoSnapshotsDifferencedShowNobody) {
  TrainMore(30);
  KnowOther();
  for (std::size_t i = 0; i < 29; ++i) {
    AddRead(people_[i], kOther, Granted(people_[i]));
  }
  Turn();
  const auto whole = Of(kSnapshot);
  const auto without = Of(kOther);
  ASSERT_TRUE(whole && without);
  EXPECT_EQ(whole->persons, without->persons);
  EXPECT_EQ(whole->withdrawn, without->withdrawn);
  EXPECT_EQ(whole->figures_of, without->figures_of);
}

// The same world with and without her, a month later: no byte but the time and
// the signature differs.
TEST_F(FactsTurn, OnePersonMoreInTwoMonthsDifferencedShowsNothing) {
  TrainMore(31);
  Turn();
  const receipt::ConsentFacts before = Newest();
  const auto records = TrainMore(1);
  ASSERT_THAT(consent().Withdraw(people_.back().id, records[0]), IsOk());
  Turn();
  EXPECT_EQ(Newest().snapshots, before.snapshots);
  EXPECT_EQ(Newest().month, before.month + 1);
}

TEST_F(FactsTurn, WhoIsErasedCountsNoMore) {
  const auto records = TrainMore(20);
  Turn();
  EXPECT_EQ(Of(kSnapshot)->persons, 20U);
  ASSERT_THAT(consent().Withdraw(people_[0].id, records[0]), IsOk());
  Acknowledge();
  ASSERT_THAT(Erase(people_[0]), IsOk());
  Turn();
  EXPECT_EQ(Of(kSnapshot)->persons, 10U);
}

TEST_F(FactsTurn, IsStoredOnceAndPublishedAsStored) {
  TrainMore(10);
  ToNextMonth();
  // The answer is lost, and the process ends.
  world_.algorithms().LoseAnswers(true);
  RunDue();
  const FactsPointer stored = consent().state().facts.Newest();
  ASSERT_NE(stored, nullptr);
  world_.algorithms().LoseAnswers(false);
  TrainMore(20);
  world_.Restart();
  RunDue();
  ASSERT_EQ(world_.algorithms().facts().size(), 1U);
  EXPECT_EQ(world_.algorithms().facts()[0], stored->entry);
  EXPECT_EQ(consent().state().facts.Newest()->entry, stored->entry);
  EXPECT_TRUE(consent().state().facts.IsInLog());
  EXPECT_TRUE(world_.alarms().empty());
}

TEST_F(FactsTurn, AFailedCommitLeavesTheMonthBeforeAndIsTriedAgain) {
  TrainMore(10);
  ToNextMonth();
  const FactsPointer before = consent().state().facts.Newest();
  ledger().FailCommits(absl::UnavailableError("killed"));
  RunDue();
  ledger().FailCommits(absl::OkStatus());
  world_.Restart();
  EXPECT_EQ(consent().state().facts.Newest()->entry, before->entry);
  RunDue();
  EXPECT_EQ(Of(kSnapshot)->persons, 10U);
}

TEST_F(FactsTurn, AnOlderStorePublishesNoOtherFactsOfTheMonth) {
  TrainMore(10);
  ToNextMonth();
  receipt::ConsentFactsEntry other;
  other.time = world_.clock().Now();
  other.facts.month = FactsMonth(other.time);
  ASSERT_THAT(world_.algorithms().PublishFacts(receipt::SignConsentFacts(
                  other, consent().state().keys.evidence)),
              IsOk());
  RunDue();
  world_.clock().Advance(absl::Hours(1));
  RunDue();
  EXPECT_EQ(world_.algorithms().facts().size(), 1U);
  ASSERT_EQ(world_.alarms().size(), 1U);
  EXPECT_THAT(world_.alarms()[0], StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(FactsTurn, APersonWithDamagedRowsIsLeftOutAndTheAlarmNamesNobody) {
  TrainMore(11);
  LedgerCommit damage;
  damage.head = ledger().Head().value();
  for (PersonalRow row : RowsOf(people_[0].id)) {
    if (row.key.kind != RowKind::kTrainingRead) continue;
    row.payload.back() ^= 1U;
    damage.puts.push_back(row);
  }
  ASSERT_EQ(damage.puts.size(), 1U);
  ASSERT_THAT(ledger().Commit(damage), IsOk());
  Turn();
  EXPECT_EQ(Of(kSnapshot)->persons, 10U);
  ASSERT_EQ(world_.alarms().size(), 1U);
  EXPECT_EQ(world_.alarms()[0].message().find(people_[0].id.Text()),
            absl::string_view::npos);
  // A turn that fails is tried again each minute, and is no further alarm.
  ToNextMonth();
  ledger().FailCommits(absl::UnavailableError("full"));
  for (int i = 0; i < 3; ++i) {
    RunDue();
    world_.clock().Advance(kFactsRest);
  }
  ledger().FailCommits(absl::OkStatus());
  RunDue();
  EXPECT_EQ(world_.alarms().size(), 2U);
}

TEST_F(FactsTurn, AMonthThatTheLogMissedIsPublishedBeforeTheNext) {
  TrainMore(10);
  // The register says whose the snapshot is.
  RunDue();
  world_.algorithms().BeAway(true);
  Turn();
  const absl::CivilMonth missed = FactsMonth(world_.clock().Now());
  Turn();
  EXPECT_TRUE(world_.algorithms().facts().empty());
  // Also by a process that did not count it.
  world_.Restart();
  world_.algorithms().BeAway(false);
  Turn();
  const auto entries = world_.algorithms().facts();
  ASSERT_EQ(entries.size(), 3U);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(receipt::ParseConsentFacts(entries[static_cast<std::size_t>(i)])
                  ->facts.month,
              missed + i);
  }
  // What is there already is sent again after a restart, and is no other.
  world_.Restart();
  RunDue();
  EXPECT_EQ(world_.algorithms().facts(), entries);
  EXPECT_TRUE(consent().state().facts.IsInLog());
  EXPECT_TRUE(world_.alarms().empty());
}

// A month that is stored is the register's to have, whatever becomes of later
// ones.
TEST_F(FactsTurn, AStoredMonthIsPublishedWhileTurnsRest) {
  TrainMore(10);
  RunDue();
  world_.algorithms().BeAway(true);
  Turn();
  PublishTooMany();
  Turn();
  EXPECT_EQ(world_.alarms().size(), 1U);
  world_.algorithms().BeAway(false);
  world_.clock().Advance(kFactsRest);
  RunDue();
  EXPECT_EQ(world_.algorithms().facts().size(), 1U);
  EXPECT_TRUE(consent().state().facts.IsInLog());
}

TEST_F(FactsTurn, MoreSnapshotsThanAnEntryHoldsAreOneAlarmAndCountNobody) {
  TrainMore(11);
  PublishTooMany();
  // Who counts meets this, and says so.
  LedgerCommit damage;
  damage.head = ledger().Head().value();
  for (PersonalRow row : RowsOf(people_[0].id)) {
    if (row.key.kind != RowKind::kTrainingRead) continue;
    row.payload.back() ^= 1U;
    damage.puts.push_back(row);
  }
  ASSERT_THAT(ledger().Commit(damage), IsOk());
  ToNextMonth();
  for (int i = 0; i < 3; ++i) {
    RunDue();
    EXPECT_FALSE(consent().state().facts.MayTurn(world_.clock().Monotonic() +
                                                 absl::Hours(24) * (27 - i)));
    world_.clock().Advance(absl::Hours(24));
  }
  EXPECT_TRUE(world_.algorithms().facts().empty());
  ASSERT_EQ(world_.alarms().size(), 1U);
  EXPECT_THAT(world_.alarms()[0],
              StatusIs(absl::StatusCode::kFailedPrecondition));
  // The next month is a new attempt, and said again.
  EXPECT_TRUE(consent().state().facts.MayTurn(world_.clock().Monotonic() +
                                              absl::Hours(24) * 28));
  ToNextMonth();
  RunDue();
  EXPECT_EQ(world_.alarms().size(), 2U);
}

}  // namespace
}  // namespace limpid::consent
