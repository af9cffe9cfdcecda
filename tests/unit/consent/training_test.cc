// Commitments to the releases of a snapshot: every release has its leaf, once,
// whatever stops in between, and nobody but the person can show it.

#include <algorithm>
#include <cstddef>
#include <set>
#include <vector>

#include "common/crypto/random.h"
#include "common/tlog/tree.h"
#include "consent/log/erasure_desk.h"
#include "consent/training/training_sealing.h"
#include "consent/training/training_tree.h"
#include "gtest/gtest.h"
#include "tests/testing/service_key_chain.h"
#include "tests/unit/consent/training_fixture.h"

namespace limpid::consent {
namespace {

using base::Digest32;
using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::Citizen;
using testing::Released;

class Training : public testing::TrainingWorld {
 protected:
  // The commitments of her reads, as her log has them.
  std::vector<Digest32> LoggedReads(const Citizen& who) {
    std::vector<Digest32> out;
    const auto page = consent().ListAccesses(who.id, {}, 0, 1'000);
    EXPECT_THAT(page, IsOk());
    for (const AccessView& view : page->entries) {
      if (view.entry.snapshot != testing::kSnapshot.bytes()) continue;
      Digest32 commitment{};
      std::copy(view.leaf.begin() + 1, view.leaf.end(), commitment.begin());
      out.insert(out.begin(), commitment);
    }
    return out;
  }
  PersonalRow AccountRow(const Citizen& who) {
    const auto rows = ledger().ListKind(
        consent().state().blinder.ShardOf(who.id), who.id, RowKind::kAccount);
    EXPECT_EQ(rows->size(), 1U);
    return rows->front();
  }
  // Behind the back of the process, which then starts again.
  void StoreBehind(const PersonalRow& row) {
    world_.Stop();
    LedgerCommit commit;
    commit.head = ledger().Head().value();
    commit.puts = {row};
    ASSERT_THAT(ledger().Commit(commit), IsOk());
    world_.Restart();
  }
  receipt::SignedErasure Erasure(const Citizen& who, std::uint64_t number,
                                 const Digest32& commitment) {
    receipt::ErasureRequest out;
    out.commitment = commitment;
    out.nonce.fill(7);
    out.operator_name = "limpid.example";
    out.person = who.id.Text();
    out.sequence = number;
    out.time = world_.clock().Now();
    return receipt::SignErasure(out, who.key);
  }
};

TEST_F(Training, IsOpenUntilTheSnapshotIsSealed) {
  Trained(ann_, 2);
  RunDue();
  const auto releases = Releases(ann_);
  ASSERT_EQ(releases.size(), 1U);
  EXPECT_EQ(releases[0].stage, SnapshotStage::kOpen);
  EXPECT_FALSE(releases[0].proof);
  EXPECT_EQ(releases[0].use.system, testing::kTrained);
  EXPECT_EQ(releases[0].dataset, testing::kDataset);
  EXPECT_EQ(releases[0].reads, LoggedReads(ann_));
  EXPECT_TRUE(world_.algorithms().entries().empty());
  EXPECT_TRUE(Releases(bob_).empty());
}

TEST_F(Training, EachPersonProvesHerOwnReleases) {
  Trained(ann_, 3);
  Trained(bob_);
  SealAndPublish();
  ExpectProved(ann_, 3);
  ExpectProved(bob_);
  EXPECT_EQ(Releases(ann_)[0].reads, LoggedReads(ann_));
  EXPECT_EQ(Releases(ann_)[0].proof->log_proof, "proof of 0");
  ASSERT_EQ(world_.algorithms().entries().size(), 1U);
  // Two persons or sixty: the entry says the same.
  EXPECT_EQ(
      receipt::ParseTrainingCommitment(world_.algorithms().entries()[0])->size,
      64U);
  // Neither has what the other would need.
  TrainingReleaseView other = Releases(bob_)[0];
  other.proof->opening = Releases(ann_)[0].proof->opening;
  EXPECT_FALSE(Verify(other).ok());
}

TEST_F(Training, EachRecordIsAReleaseOfItsOwn) {
  Trained(ann_);
  Trained(ann_);
  SealAndPublish();
  const auto releases = Releases(ann_);
  ASSERT_EQ(releases.size(), 2U);
  EXPECT_THAT(Verify(releases[0]), IsOk());
  EXPECT_THAT(Verify(releases[1]), IsOk());
  EXPECT_NE(releases[0].use.record, releases[1].use.record);
}

TEST_F(Training, ASealedSnapshotTakesNoReadWhateverTheRegisterWasHeardToSay) {
  const RecordId record = Trained(ann_);
  Seal();
  // The register's answer is remembered: still a yes.
  EXPECT_TRUE(Train(record));
  RunDue();
  EXPECT_FALSE(Train(record));
  ExpectProved(ann_, 2);
  world_.Restart();
  EXPECT_FALSE(Train(record));
  EXPECT_TRUE(Released(world_.Read(record)));
}

TEST_F(Training, StopsAtEachCommitAndPublishesOnce) {
  std::vector<Citizen> people;
  for (std::uint8_t i = 0; i < 5; ++i) {
    people.push_back(world_.NewCitizen(static_cast<std::uint8_t>(30 + i)));
    Trained(people.back(), 1 + i);
  }
  Seal();
  std::size_t failed_runs = 0;
  for (std::size_t commits = 0; commits < 12; ++commits) {
    ledger().FailCommitsAfter(commits % 3, absl::UnavailableError("killed"));
    RunDue();
    ledger().FailCommits(absl::OkStatus());
    const auto stage = consent().state().training.Find(testing::kSnapshot);
    if (stage->stage != SnapshotStage::kPublished) ++failed_runs;
    world_.Restart();
  }
  EXPECT_GT(failed_runs, 2U);
  RunDue();
  ASSERT_EQ(world_.algorithms().entries().size(), 1U);
  for (std::size_t i = 0; i < people.size(); ++i) {
    ExpectProved(people[i], 1 + i);
  }
}

TEST_F(Training, WhatWasBuiltIsPublishedAfterARestartAsItWas) {
  Trained(ann_);
  Seal();
  world_.algorithms().LoseAnswers(true);
  RunDue();
  const auto built = consent().state().training.Find(testing::kSnapshot);
  ASSERT_EQ(built->stage, SnapshotStage::kBuilt);
  EXPECT_FALSE(Releases(ann_)[0].proof);
  world_.algorithms().BeAway(true);
  RunDue();
  world_.Restart();
  RunDue();
  world_.algorithms().BeAway(false);
  world_.algorithms().LoseAnswers(false);
  RunDue();
  ASSERT_EQ(world_.algorithms().entries().size(), 1U);
  EXPECT_EQ(world_.algorithms().entries()[0], built->entry);
  ExpectProved(ann_);
  EXPECT_TRUE(world_.alarms().empty());
}

TEST_F(Training, AnOlderStoreDoesNotCommitTwice) {
  Trained(ann_);
  Seal();
  // As a store of before the sealing would, another tree was published.
  receipt::TrainingCommitment other;
  other.snapshot = testing::kSnapshot.bytes();
  other.time = absl::FromUnixSeconds(1);
  ASSERT_THAT(world_.algorithms().Publish(receipt::SignTrainingCommitment(
                  other, limpid::testing::SeededKey(1))),
              IsOk());
  RunDue();
  RunDue();
  EXPECT_EQ(world_.algorithms().entries().size(), 1U);
  EXPECT_FALSE(Releases(ann_)[0].proof);
  ASSERT_EQ(world_.alarms().size(), 1U);
  EXPECT_THAT(world_.alarms()[0], StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(Training, WhoIsErasedBeforeIsLeftOutAndAfterwardsNobodyCanOpenHerLeaf) {
  const auto ended = [this](const Citizen& who) {
    const RecordId record = Trained(who);
    EXPECT_THAT(consent().Withdraw(who.id, record), IsOk());
    Acknowledge();
  };
  const Citizen eve = world_.NewCitizen(40);
  ended(ann_);
  ended(bob_);
  Trained(eve);
  ASSERT_THAT(Erase(ann_), IsOk());
  ExpectGone(ann_);
  SealAndPublish();
  ExpectProved(bob_);
  ASSERT_THAT(Erase(bob_), IsOk());
  ExpectGone(bob_);
  ExpectProved(eve);
  world_.Restart();
  ExpectProved(eve);
}

TEST_F(Training, AnErasedEntryIsInNoLeafAndOfALaterOneTheCommitmentStays) {
  Trained(ann_, 3);
  const auto reads = LoggedReads(ann_);
  // Requested and granted are entries 1 and 2.
  ASSERT_THAT(ErasureDesk(consent()).Erase(ann_.id, Erasure(ann_, 4, reads[1])),
              IsOk());
  SealAndPublish();
  EXPECT_EQ(Releases(ann_)[0].reads,
            (std::vector<Digest32>{reads[0], reads[2]}));
  ExpectProved(ann_, 2);
  ASSERT_THAT(ErasureDesk(consent()).Erase(ann_.id, Erasure(ann_, 5, reads[2])),
              IsOk());
  ExpectProved(ann_, 2);
}

// A tree is built once: it waits for who can be repaired, and not for ever.
TEST_F(Training, AnAccountThatDoesNotOpenIsWaitedForAndThenLeftOut) {
  Trained(ann_);
  Trained(bob_);
  const PersonalRow whole = AccountRow(ann_);
  PersonalRow damaged = whole;
  damaged.payload = {1, 2, 3};
  StoreBehind(damaged);
  Seal();
  RunDue();
  const auto held = [this] {
    return consent().state().training.Find(testing::kSnapshot);
  };
  EXPECT_EQ(held()->stage, SnapshotStage::kSealing);
  EXPECT_TRUE(world_.algorithms().entries().empty());
  EXPECT_EQ(Releases(bob_)[0].stage, SnapshotStage::kSealing);
  ASSERT_EQ(world_.alarms().size(), 1U);
  EXPECT_THAT(world_.alarms()[0],
              limpid::testing::StatusSays(absl::StatusCode::kDataLoss,
                                          "1 account does not open"));
  EXPECT_EQ(world_.alarms()[0].message().find(ann_.id.Text()),
            absl::string_view::npos);
  // Repaired, it is in the tree.
  StoreBehind(whole);
  world_.clock().Advance(kUnreadableRest);
  RunDue();
  ExpectProved(ann_);
  ExpectProved(bob_);
}

TEST_F(Training, AfterHalfADayTheOthersGetTheirProofs) {
  Trained(ann_);
  Trained(bob_);
  PersonalRow damaged = AccountRow(ann_);
  damaged.payload = {1, 2, 3};
  StoreBehind(damaged);
  Seal();
  RunDue();
  world_.clock().Advance(kUnreadableGrace - absl::Seconds(1));
  RunDue();
  EXPECT_TRUE(world_.algorithms().entries().empty());
  world_.clock().Advance(kUnreadableRest);
  RunDue();
  ASSERT_EQ(world_.algorithms().entries().size(), 1U);
  ExpectProved(bob_);
  ASSERT_EQ(world_.alarms().size(), 2U);
  EXPECT_THAT(world_.alarms()[1], limpid::testing::StatusSays(
                                      absl::StatusCode::kDataLoss, "no leaf"));
}

TEST_F(Training, MoreReadsThanALeafHoldsAreAnotherLeaf) {
  const RecordId record = Granted(ann_);
  for (std::size_t i = 0; i < receipt::kMaxTrainingReads + 1; ++i) {
    ASSERT_TRUE(Train(record));
  }
  SealAndPublish();
  const auto releases = Releases(ann_);
  ASSERT_EQ(releases.size(), 2U);
  EXPECT_EQ(releases[0].reads.size() + releases[1].reads.size(),
            receipt::kMaxTrainingReads + 1);
  for (const auto& release : releases) EXPECT_THAT(Verify(release), IsOk());
}

TEST_F(Training, LeavesThatWerePutAsideInTheOrderOfPersonsGo) {
  Trained(ann_);
  Trained(bob_);
  SealAndPublish();
  const auto snapshot = consent().state().training.Find(testing::kSnapshot);
  EXPECT_EQ(snapshot->part_count, 0U);
  const auto part = ReadLeaves(stores_.ledger(), consent().state().row_key,
                               testing::kSnapshot, LeavesRow::kPart, 0);
  ASSERT_THAT(part, IsOk());
  EXPECT_TRUE(part->empty());
}

TEST_F(Training, PagesShowEachReleaseOnce) {
  for (int i = 0; i < 5; ++i) Trained(ann_);
  SealAndPublish();
  std::set<RecordId> seen;
  for (std::size_t from = 0; from < 5; from += 2) {
    const auto page = TrainingDesk(consent()).List(ann_.id, from, 2);
    ASSERT_THAT(page, IsOk());
    EXPECT_EQ(page->more, from < 4);
    for (const auto& one : page->releases) seen.insert(one.use.record);
  }
  EXPECT_EQ(seen.size(), 5U);
}

// The tree of rows is the tree of RFC 6962.
TEST(TrainingTree, HasEveryLeafAtItsPlaceForAnyNumberOfThem) {
  for (const std::size_t count : {0U, 1U, 64U, 65U, 4'096U, 4'097U, 9'000U}) {
    std::vector<Digest32> leaves;
    for (std::size_t i = 0; i < count; ++i) {
      leaves.push_back(crypto::RandomArray<32>());
    }
    const auto padded = PaddedLeaves(leaves, crypto::SystemRandom()).value();
    ASSERT_TRUE(std::is_sorted(padded.begin(), padded.end()));
    tlog::CompactRange range;
    for (const Digest32& leaf : padded) range.Append(tlog::LeafHash(leaf));
    const auto rows = ChunksOf(padded);
    std::vector<LeafChunk> chunks;
    for (const auto& row : rows) chunks.push_back(SummaryOf(row));
    EXPECT_EQ(RootOf(chunks), range.Root()) << count;
    for (std::size_t i = 0; i < leaves.size(); i += 97) {
      const std::size_t number = ChunkFor(chunks, leaves[i]);
      const auto place = PlaceOf(chunks, number, rows[number], leaves[i]);
      ASSERT_THAT(place, IsOk());
      EXPECT_THAT(tlog::VerifyInclusion(place->index, padded.size(),
                                        tlog::LeafHash(leaves[i]), place->path,
                                        range.Root()),
                  IsOk());
    }
    const Digest32 none = crypto::RandomArray<32>();
    const std::size_t number = ChunkFor(chunks, none);
    EXPECT_THAT(PlaceOf(chunks, number, rows[number], none),
                StatusIs(absl::StatusCode::kNotFound));
  }
}

TEST(TrainingTree, HidesHowManyThereAre) {
  std::set<std::size_t> sizes;
  for (std::size_t count = 0; count <= 64; ++count) {
    std::vector<Digest32> leaves(count);
    for (Digest32& leaf : leaves) leaf = crypto::RandomArray<32>();
    sizes.insert(PaddedLeaves(leaves, crypto::SystemRandom())->size());
  }
  EXPECT_EQ(sizes, (std::set<std::size_t>{64}));
}

}  // namespace
}  // namespace limpid::consent
