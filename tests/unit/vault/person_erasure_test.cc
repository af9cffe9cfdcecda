// Everything of a person, and what certificates say.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_disk.h"
#include "vault/erasure/erasure_desk.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

using CertificateTest = EraserTest;
using PersonErasureTest = EraserTest;

TEST_F(CertificateTest, ACertificateIsProvenByTheLogAndItsSecondPartWaits) {
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1), IsOk());
  ASSERT_THAT(disk_->publisher.Tick(), IsOk());
  auto view = disk_->desk.CertificateOfVersion(anna_, kDisability, 1);
  ASSERT_THAT(view, IsOk());
  const auto disclosure = Disclosure::Decode(view->proof.disclosure);
  ASSERT_THAT(disclosure, IsOk());
  const auto act = Act::Decode(disclosure->encoded_act);
  ASSERT_THAT(act, IsOk());
  EXPECT_EQ(act->body, CertificateHash(view->certificate));
  EXPECT_EQ(CommitAct(disclosure->opening, disclosure->encoded_act),
            view->proof.commitment);
  ASSERT_TRUE(view->proof.leaf.has_value());
  base::Bytes leaf = {0x03};
  leaf.insert(leaf.end(), view->proof.commitment.begin(),
              view->proof.commitment.end());
  EXPECT_EQ(disk_.log.leaves.at(view->proof.leaf->index), leaf);

  EXPECT_EQ(view->state, FinalState::kWaiting);
  // The longest retention and one epoch.
  EXPECT_EQ(view->facts.not_before(),
            view->facts.time + absl::Hours(24 * (30 + 30)));
  disk_.clock.Advance(absl::Hours(24 * 60) - absl::Milliseconds(1));
  EXPECT_EQ(disk_->desk.CertificateOfVersion(anna_, kDisability, 1)->state,
            FinalState::kWaiting);
  disk_.clock.Advance(absl::Milliseconds(1));
  EXPECT_EQ(disk_->desk.CertificateOfVersion(anna_, kDisability, 1)->state,
            FinalState::kKeyStands);
}

TEST_F(CertificateTest, ItIsFinalOnlyWithoutAnyKeyThatAnOlderCopyNeeds) {
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1), IsOk());
  disk_.clock.Advance(absl::Hours(24 * 61));
  disk_.keks.destroyed = 5;
  // FakeKeks still has the epochs before it.
  EXPECT_EQ(disk_->desk.CertificateOfVersion(anna_, kDisability, 1)->state,
            FinalState::kKeyStands);
  disk_.keks.destroyed_up_to = 5;
  EXPECT_EQ(disk_->desk.CertificateOfVersion(anna_, kDisability, 1)->state,
            FinalState::kFinal);
}

TEST_F(PersonErasureTest, APersonIsErasedWhole) {
  SlotRow device = disk_.Slots(anna_).front();
  device.slot_kind = SlotKind::kDevice;
  device.slot_id.fill(9);
  ASSERT_THAT(disk_.keys->Insert(device), IsOk());
  SlotRow sealed = device;
  sealed.custody = Custody::kSealed;
  ASSERT_THAT(disk_.keys->Insert(sealed), IsOk());
  ASSERT_THAT(disk_->publisher.Tick(), IsOk());
  const auto erased = disk_->desk.ErasePerson(anna_, Signed());
  ASSERT_THAT(erased, IsOk());
  EXPECT_EQ(erased->values, 5);
  EXPECT_TRUE(disk_.Slots(anna_).empty());
  EXPECT_TRUE(disk_->person.List(anna_)->empty());
  EXPECT_THAT(disk_->person.History(anna_, kDisability, 0, 10),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(disk_->person.Prove(anna_, kBirth, 1, ActKind::kPut),
              StatusIs(absl::StatusCode::kNotFound));
  const Owner owner = disk_.OwnerOf(anna_);
  int hers = 0;
  const auto acts = disk_.values->ActsFrom(1, 1000);
  ASSERT_THAT(acts, IsOk());
  for (const ActRow& act : *acts) {
    if (act.owner == owner) ++hers;
  }
  EXPECT_EQ(hers, 1) << "all but the erasure are bare commitments";
  // The log goes on from what it has.
  ASSERT_THAT(disk_->publisher.Tick(), IsOk());
  EXPECT_EQ(disk_.log.leaves.size(), disk_.values->Head()->counter);
  disk_.ExpectSurvivors(bela_);
}

TEST_F(PersonErasureTest, AnErasedPersonStoresNothingMoreAndAsksAgain) {
  const auto erased = disk_->desk.ErasePerson(anna_, Signed());
  ASSERT_THAT(erased, IsOk());
  NewValue value;
  value.attribute = kLanguage;
  value.value_json = "\"nl\"";
  value.request_id = crypto::RandomArray<16>();
  for (int start = 0; start < 2; ++start) {
    EXPECT_THAT(disk_->person.Put(anna_, value),
                StatusIs(absl::StatusCode::kFailedPrecondition));
    const auto again = disk_->desk.ErasePerson(anna_, Signed());
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(again->commitment, erased->commitment);
    EXPECT_EQ(again->certificate, erased->certificate);
    EXPECT_EQ(disk_->desk.CertificateOfPerson(anna_)->certificate,
              erased->certificate);
    disk_.Start();
    ASSERT_THAT(disk_->eraser->Recover(), IsOk());
  }
}

// A put that has its key already when everything is erased.
TEST_F(PersonErasureTest, APutThatMeetsThePersonsErasureLeavesNothing) {
  bool once = false;
  disk_->faults.before_write = [&](int) {
    if (once) return;
    once = true;
    ASSERT_THAT(disk_->desk.ErasePerson(anna_, Signed()), IsOk());
  };
  NewValue value;
  value.attribute = kLanguage;
  value.value_json = "\"nl\"";
  value.request_id = crypto::RandomArray<16>();
  EXPECT_THAT(disk_->person.Put(anna_, value),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_TRUE(once);
  EXPECT_TRUE(disk_.values->ListNewest(disk_.OwnerOf(anna_))->empty());
}

TEST_F(PersonErasureTest, OnlyHerFreshSignatureErasesAPerson) {
  const absl::Time now = disk_.clock.Now();
  PersonErasure other = Signed();
  other.time += absl::Milliseconds(1);
  PersonErasure spoilt = Signed();
  spoilt.signature.back() ^= 1;
  PersonErasure elsewhere = Signed();
  elsewhere.signature = base::ToBytes(
      key_.Sign(PersonErasureStatement(SourceId(Counting<16>(1)), now)));
  for (const PersonErasure& bad :
       {other, spoilt, elsewhere, PersonErasure{now, {}},
        Signed(now - absl::Minutes(6)), Signed(now + absl::Minutes(6))}) {
    EXPECT_THAT(disk_->desk.ErasePerson(anna_, bad),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(disk_->desk.ErasePerson(bela_, Signed()),
              StatusIs(absl::StatusCode::kInvalidArgument));
  disk_.ExpectSurvivors(anna_);
}

TEST_F(PersonErasureTest, KilledAtEveryWriteAPersonIsErasedOrWhole) {
  for (const bool after : {false, true}) {
    bool finished = false;
    for (int step = 1; !finished; ++step) {
      ASSERT_LT(step, 40);
      SCOPED_TRACE(absl::StrCat("write ", step, after ? " after" : " before"));
      Disk disk;
      disk.Start();
      disk.Fill(anna_);
      disk.Fill(bela_);
      disk.Start().faults.die_at = step;
      disk->faults.after = after;
      finished = disk->desk.ErasePerson(anna_, Signed(disk.clock.Now())).ok();
      disk.Start();
      ASSERT_THAT(disk->eraser->Recover(), IsOk());
      disk.ExpectSurvivors(bela_);
      const bool decided = *disk.keys->LastTombstone() == 1;
      EXPECT_TRUE(decided || !finished);
      if (decided) {
        EXPECT_TRUE(disk.Slots(anna_).empty());
        EXPECT_TRUE(disk->person.List(anna_)->empty());
        EXPECT_EQ(disk.file.stones.size(), 1);
        EXPECT_EQ(disk.Owed(), 0);
      } else {
        disk.ExpectSurvivors(anna_);
      }
    }
  }
}

}  // namespace
}  // namespace limpid::vault
