#include "vault/erasure/eraser.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_disk.h"
#include "vault/erasure/person_rotation.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

TEST_F(EraserTest, RotatingMovesEverythingAndDestroysTheOldKey) {
  const SlotRow old = disk_.Slots(anna_).front();
  {
    const PersonLock::Held lock =
        disk_->eraser->LockOf(disk_.OwnerOf(anna_)).Take();
    ASSERT_THAT(disk_->eraser->Rotate(disk_.OwnerOf(anna_)), IsOk());
  }
  disk_.ExpectSurvivors(anna_);
  EXPECT_EQ(disk_.Value(anna_, kDisability, 1), "true");
  const auto slots = disk_.Slots(anna_);
  ASSERT_EQ(slots.size(), 1);
  EXPECT_EQ(slots.front().generation, 2);
  EXPECT_NE(slots.front().key_id, old.key_id);
  EXPECT_EQ(disk_.Slots(bela_).front().generation, 1);
  disk_.Start();
  disk_.ExpectSurvivors(anna_);
  disk_.Put(anna_, kBirth, "\"1990-02-27\"");
  EXPECT_EQ(disk_.Value(anna_, kBirth, 2), "\"1990-02-27\"");
  // Made and destroyed, each in the log.
  const Owner owner = disk_.OwnerOf(anna_);
  EXPECT_TRUE(
      disk_.values->FindAct({owner, NameKey(), 2, ActKind::kKey})->has_value());
  EXPECT_TRUE(disk_.values->FindAct({owner, NameKey(), 1, ActKind::kDestroy})
                  ->has_value());
}

// More rows and acts than one transaction moves.
TEST_F(EraserTest, RotatingMovesMoreThanOneBatch) {
  const auto many = PersonRotation::kBatch + 10;
  for (std::size_t i = 0; i < many; ++i) {
    disk_.Put(anna_, kLanguage, "\"de\"");
  }
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kLanguage, 7), IsOk());
  disk_.ExpectSurvivors(anna_);
  for (std::size_t version = 2; version <= many + 1; ++version) {
    EXPECT_EQ(disk_.Value(anna_, kLanguage, version),
              version == 7 ? std::nullopt : std::optional("\"de\""));
  }
  EXPECT_EQ(disk_.Slots(anna_).size(), 1);
}

// The writes of one erasure, killed at each of them, before and after it took
// hold. Nothing but what was asked for is ever lost, and the next start ends it
// or finds that it was never decided.
TEST_F(EraserTest, KilledAtEveryWriteNothingElseIsLost) {
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
      finished = disk->desk.EraseVersion(anna_, kDisability, 1).ok();
      // A kill before anything is repaired: all of it is still read.
      disk.Start();
      disk.ExpectSurvivors(anna_);
      const bool decided = *disk.keys->LastTombstone() == 1;
      ASSERT_THAT(disk->eraser->Recover(), IsOk());
      disk.ExpectSurvivors(anna_);
      disk.ExpectSurvivors(bela_);
      EXPECT_EQ(disk.Value(anna_, kDisability, 1),
                decided ? std::nullopt : std::optional("true"));
      EXPECT_EQ(disk.Slots(anna_).size(), 1);
      EXPECT_EQ(disk.Slots(anna_).front().generation > 1, decided);
      EXPECT_EQ(disk.Owed(), 0);
      EXPECT_EQ(disk.file.stones.size(), decided ? 1 : 0);
      EXPECT_TRUE(decided || !finished);
      // It can be said again, and new values come in.
      const auto again = disk->desk.EraseVersion(anna_, kDisability, 1);
      ASSERT_THAT(again, IsOk());
      EXPECT_FALSE(again->certificate.empty());
      disk.Put(anna_, kDisability, "false");
      EXPECT_EQ(disk.Value(anna_, kDisability, 4), "false");
    }
  }
}

// The same of a person who has more than one transaction moves.
TEST_F(EraserTest, KilledAtEveryWriteOfManyNothingElseIsLost) {
  const std::size_t many = PersonRotation::kBatch + 5;
  Disk disk;
  disk.Start();
  disk.Fill(anna_);
  for (std::size_t i = 0; i < many; ++i) disk.Put(anna_, kLanguage, "\"de\"");
  std::uint64_t erased = 0;
  bool finished = false;
  for (int step = 2; !finished; ++step) {
    ASSERT_LT(step, 40);
    SCOPED_TRACE(step);
    disk.Start().faults.die_at = step;
    disk->faults.after = step % 2 == 0;
    finished = disk->desk.EraseVersion(anna_, kLanguage, ++erased + 1).ok();
    disk.Start();
    ASSERT_THAT(disk->eraser->Recover(), IsOk());
    disk.ExpectSurvivors(anna_);
    EXPECT_EQ(disk.Slots(anna_).size(), 1);
    EXPECT_EQ(disk.Owed(), 0);
  }
  EXPECT_GT(erased, 8);
  for (std::uint64_t version = 2; version <= many + 1; ++version) {
    EXPECT_EQ(disk.Value(anna_, kLanguage, version),
              version <= erased + 1 ? std::nullopt : std::optional("\"de\""));
  }
}

// What is wrapped anew before the transaction is of the row as it was then.
TEST_F(EraserTest, ARowSealedAnewMeanwhileIsNotMovedAsItWas) {
  bool finished = false;
  for (int step = 1; !finished; ++step) {
    ASSERT_LT(step, 40);
    SCOPED_TRACE(step);
    Disk disk;
    disk.Start();
    disk.Fill(anna_);
    const Owner owner = disk.OwnerOf(anna_);
    const NameKey name =
        disk->core->blinder().NameKeyOf(anna_.holder, kLanguage);
    disk.Start().faults.before_write = [&](int now) {
      if (now != step) return;
      AttributeRow row = **disk.values->Find(owner, name, 1);
      const auto key = disk->core->KeyOf(row);
      ASSERT_THAT(key, IsOk());
      const auto anew = disk->core->codec().Reseal(**key, row);
      ASSERT_THAT(anew, IsOk());
      ASSERT_THAT(disk.values->Write([&](VaultTransaction& transaction) {
        return transaction.erasure().Replace(row, *anew).status();
      }),
                  IsOk());
    };
    ASSERT_THAT(disk->desk.EraseVersion(anna_, kDisability, 1), IsOk());
    finished = disk->faults.writes < step;
    disk->faults.before_write = nullptr;
    disk.ExpectSurvivors(anna_);
  }
}

// Emptying one value needs less space than moving everything else.
TEST_F(EraserTest, WhatIsErasedGoesWhereTheRestCannotBeMovedWithIt) {
  for (const absl::StatusCode code :
       {absl::StatusCode::kResourceExhausted, absl::StatusCode::kDataLoss,
        absl::StatusCode::kNotFound}) {
    Disk disk;
    disk.Start();
    disk.Fill(anna_);
    disk.Start().faults.undone = absl::Status(code, "not with everything");
    ASSERT_THAT(disk->desk.EraseVersion(anna_, kDisability, 1), IsOk());
    disk.ExpectSurvivors(anna_);
    EXPECT_EQ(disk.Value(anna_, kDisability, 1), std::nullopt);
    EXPECT_EQ(disk.Slots(anna_).size(), 1);
  }
}

// The same without a start in between: the process lives, a disk came back.
TEST_F(EraserTest, AFailedErasureIsFinishedByTheNextCall) {
  bool finished = false;
  for (int step = 1; !finished; ++step) {
    ASSERT_LT(step, 40);
    SCOPED_TRACE(step);
    Disk disk;
    disk.Start();
    disk.Fill(anna_);
    disk->faults.writes = 0;
    disk->faults.die_at = step;
    finished = disk->desk.EraseVersion(anna_, kDisability, 1).ok();
    disk->faults.dead = false;
    disk->faults.die_at = 0;
    disk.ExpectSurvivors(anna_);
    disk.Put(anna_, kLanguage, "\"de\"");
    ASSERT_THAT(disk->desk.EraseVersion(anna_, kDisability, 1), IsOk());
    disk.ExpectSurvivors(anna_);
    EXPECT_EQ(disk.Value(anna_, kLanguage, 2), "\"de\"");
    EXPECT_EQ(disk.Value(anna_, kDisability, 1), std::nullopt);
    EXPECT_EQ(disk.Owed(), 0);
    EXPECT_EQ(disk.Slots(anna_).size(), 1);
  }
}

// Killed while a killed erasure is being finished, again at every write.
TEST_F(EraserTest, ARecoveryMayBeKilledToo) {
  for (int first = 2; first < 12; ++first) {
    bool recovered = false;
    for (int second = 1; !recovered; ++second) {
      SCOPED_TRACE(absl::StrCat("writes ", first, " and ", second));
      ASSERT_LT(second, 40);
      Disk disk;
      disk.Start();
      disk.Fill(anna_);
      disk.Start().faults.die_at = first;
      disk->faults.after = true;
      (void)disk->desk.EraseVersion(anna_, kDisability, 1);
      disk.Start().faults.die_at = second;
      recovered = disk->eraser->Recover().ok();
      disk.Start();
      disk.ExpectSurvivors(anna_);
      ASSERT_THAT(disk->eraser->Recover(), IsOk());
      disk.ExpectSurvivors(anna_);
      EXPECT_EQ(disk.Value(anna_, kDisability, 1), std::nullopt);
      EXPECT_EQ(disk.Slots(anna_).size(), 1);
    }
  }
}

TEST_F(EraserTest, NothingIsAnsweredBeforeTheCopyOutsideIsSynced) {
  disk_.file.fail = true;
  EXPECT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1),
              StatusIs(absl::StatusCode::kUnavailable));
  // Neither is anything of it done where an older copy could undo it unseen.
  EXPECT_EQ(disk_.Value(anna_, kDisability, 1), "true");
  disk_.file.fail = false;
  EXPECT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1), IsOk());
  EXPECT_EQ(disk_.file.stones.size(), 1);
}

// Puts between any two writes of an erasure: none is lost, none is under a key
// that goes.
TEST_F(EraserTest, PutsDuringARotationSurviveIt) {
  int puts = 0;
  disk_->faults.before_write = [&](int) {
    disk_.Put(anna_, kLanguage, "\"de\"");
    ++puts;
  };
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1), IsOk());
  disk_->faults.before_write = nullptr;
  ASSERT_GT(puts, 5);
  disk_.ExpectSurvivors(anna_);
  disk_.Start();
  for (int i = 0; i < puts; ++i) {
    EXPECT_EQ(disk_.Value(anna_, kLanguage, static_cast<std::uint64_t>(2 + i)),
              "\"de\"");
  }
  EXPECT_EQ(disk_.Slots(anna_).size(), 1);
}

// A put that took the old key out before the rotation and writes after it.
TEST_F(EraserTest, APutUnderALeftKeyTakesTheNewOne) {
  const Owner owner = disk_.OwnerOf(anna_);
  bool once = false;
  disk_->faults.before_write = [&](int) {
    if (once) return;
    once = true;
    const PersonLock::Held lock = disk_->eraser->LockOf(owner).Take();
    ASSERT_THAT(disk_->eraser->Rotate(owner), IsOk());
  };
  disk_.Put(anna_, kLanguage, "\"de\"");
  disk_->faults.before_write = nullptr;
  ASSERT_TRUE(once);
  EXPECT_EQ(disk_.Value(anna_, kLanguage, 2), "\"de\"");
  EXPECT_EQ(disk_.Slots(anna_).front().generation, 2);
}

// A read that has its row when the rotation destroys the key it is under.
TEST_F(EraserTest, ARowFromBeforeARotationFindsItsKey) {
  const Owner owner = disk_.OwnerOf(anna_);
  const NameKey name =
      disk_->core->blinder().NameKeyOf(anna_.holder, kDisability);
  AttributeRow kept = **disk_.values->Find(owner, name, 2);
  AttributeRow erased = **disk_.values->Find(owner, name, 1);
  ActRow act = **disk_.values->FindAct({owner, name, 2, ActKind::kPut});
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1), IsOk());
  const auto key = disk_->core->KeyOf(kept);
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(kept.generation, 2);
  EXPECT_THAT(disk_->core->codec().OpenValue(**key, kept, kDisability), IsOk());
  EXPECT_THAT(disk_->core->KeyOf(act), IsOk());
  EXPECT_EQ(act.generation, 2);
  ASSERT_THAT(disk_->core->KeyOf(erased), IsOk());
  EXPECT_EQ(erased.state, RowState::kErased);
  erased.version = 99;
  erased.generation = 1;
  EXPECT_THAT(disk_->core->KeyOf(erased),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(EraserTest, ReadsDuringARotationSeeEverything) {
  const auto all = [&](int) { disk_.ExpectSurvivors(anna_); };
  disk_->faults.before_write = all;
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1), IsOk());
  disk_->faults.before_write = nullptr;
  all(0);
}

// A row whose wrap was spoilt: what was asked for is emptied, the old key
// stays, for it may be the only way to the spoilt one, and a start goes on.
TEST_F(EraserTest, ADamagedRowKeepsTheOldKeyAndSaysSo) {
  const Owner owner = disk_.OwnerOf(anna_);
  const NameKey name =
      disk_->core->blinder().NameKeyOf(anna_.holder, kLanguage);
  AttributeRow row = **disk_.values->Find(owner, name, 1);
  const base::Bytes good = row.wrap;
  const auto put_wrap = [&](const base::Bytes& wrap) {
    row.wrap = wrap;
    ASSERT_THAT(disk_.values->Write([&](VaultTransaction& transaction) {
      return transaction.erasure().Rewrap(row);
    }),
                IsOk());
  };
  base::Bytes bad = good;
  bad.back() ^= 1;
  put_wrap(bad);
  EXPECT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(disk_.Value(anna_, kDisability, 1), std::nullopt);
  EXPECT_EQ(disk_.Value(anna_, kBirth, 1), "\"1990-02-28\"");
  EXPECT_EQ(disk_.Slots(anna_).front().generation, 1);
  // Nothing is certified, said again it says so again, and another erasure is
  // emptied as well.
  EXPECT_THAT(disk_->desk.CertificateOfVersion(anna_, kDisability, 1),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1),
              StatusIs(absl::StatusCode::kDataLoss));
  disk_.Put(anna_, kDisability, "true");
  EXPECT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 4),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(disk_.Value(anna_, kDisability, 4), std::nullopt);
  disk_.Start();
  const auto recovery = disk_->eraser->Recover();
  ASSERT_THAT(recovery, IsOk());
  EXPECT_EQ(recovery->stuck, 1);
  EXPECT_EQ(recovery->finished, 0);
  put_wrap(good);
  EXPECT_EQ(disk_->eraser->Recover()->finished, 1);
  for (const char* const attribute : {kBirth, kLanguage, kDisability}) {
    EXPECT_THAT(disk_->person.Get(anna_, attribute, 0), IsOk());
  }
  EXPECT_THAT(disk_->desk.CertificateOfVersion(anna_, kDisability, 1), IsOk());
  EXPECT_EQ(disk_.Slots(anna_).size(), 1);
}

TEST_F(EraserTest, ARepeatedErasureAnswersAsTheFirst) {
  const auto first = disk_->desk.EraseVersion(anna_, kDisability, 1);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->values, 1);
  disk_.clock.Advance(absl::Hours(1));
  const auto again = disk_->desk.EraseVersion(anna_, kDisability, 1);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->time, first->time);
  EXPECT_EQ(again->commitment, first->commitment);
  EXPECT_EQ(again->certificate, first->certificate);
  EXPECT_EQ(disk_.Slots(anna_).front().generation, 2);
}

TEST_F(EraserTest, AnAttributeGoesWithAllItsVersions) {
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 2), IsOk());
  const auto erased = disk_->desk.EraseAttribute(anna_, kDisability);
  ASSERT_THAT(erased, IsOk());
  EXPECT_EQ(erased->values, 2);
  const auto facts = ErasureCertificate::Decode(erased->certificate);
  ASSERT_THAT(facts, IsOk());
  EXPECT_EQ(facts->attribute, kDisability);
  EXPECT_EQ(facts->versions, (std::vector<std::uint64_t>{1, 3}));
  EXPECT_EQ(facts->generation, 2);
  EXPECT_EQ(facts->epoch, 5);
  for (std::uint64_t version = 1; version <= 3; ++version) {
    EXPECT_EQ(disk_.Value(anna_, kDisability, version), std::nullopt);
  }
  EXPECT_EQ(disk_.Value(anna_, kBirth, 1), "\"1990-02-28\"");
  const auto again = disk_->desk.EraseAttribute(anna_, kDisability);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->certificate, erased->certificate);
  EXPECT_THAT(disk_->desk.EraseAttribute(anna_, "person.name"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(EraserTest, OnePersonsErasureTouchesNobodyElse) {
  EXPECT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 9),
              StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(disk_->desk.EraseAttribute(bela_, kDisability), IsOk());
  disk_.ExpectSurvivors(anna_);
  EXPECT_EQ(disk_.Slots(anna_).front().generation, 1);
  EXPECT_THAT(disk_->desk.CertificateOfVersion(anna_, kDisability, 1),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(EraserTest, AKeyStoreThatForgotIsTold) {
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1), IsOk());
  // An empty key store: the values are under keys that are nowhere.
  disk_.keys = NewMemoryKeyStore();
  disk_.Start();
  EXPECT_THAT(disk_->eraser->Recover(),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(*disk_.keys->LastTombstone(), 0) << "nothing was changed";
}

TEST_F(EraserTest, AFileOfAnotherVaultIsRefused) {
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1), IsOk());
  disk_.file.stones.front().row.fill(1);
  disk_.Start();
  EXPECT_THAT(disk_->eraser->Recover(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(EraserTest, ALostFileIsWrittenAnewFromTheKeyStore) {
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1), IsOk());
  const std::vector<Tombstone> stones = disk_.file.stones;
  disk_.file.stones.clear();
  disk_.Start();
  ASSERT_THAT(disk_->eraser->Recover(), IsOk());
  EXPECT_EQ(disk_.file.stones, stones);
}

}  // namespace
}  // namespace limpid::vault
