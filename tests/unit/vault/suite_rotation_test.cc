// Values sealed anew with another suite: nothing else about them changes, and
// no moment of it loses one.

#include "vault/suites/suite_rotation.h"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/suite_fixture.h"
#include "tests/unit/vault/vault_world.h"
#include "vault/attribute/definition.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

TEST_F(SuiteRotationTest, EveryKeptVersionMovesThereAndBack) {
  for (const crypto::Suite suite : {kSecond, kFirst, kSecond}) {
    Rotating& now = Restart(suite);
    const AttributeRow before = RowOf(disk_, anna_, {kDisability, 2});
    EXPECT_FALSE(IsIn(suite, before));
    // In the other suite it is read all the same.
    disk_.ExpectSurvivors(anna_);
    const auto put = ActOn(disk_, anna_, {kDisability, 2}, ActKind::kPut);
    const SuitePass pass = now.Run();
    EXPECT_EQ(pass.resealed, 2 * kFilled);
    EXPECT_EQ(pass.current + pass.with_agent + pass.with_devices +
                  pass.damaged + pass.changed,
              0);
    EXPECT_EQ(pass.next_shard, std::nullopt);
    ExpectSealedAnew(disk_, anna_, suite);
    ExpectSealedAnew(disk_, bela_, suite);
    // Nothing else of the row is another.
    AttributeRow after = RowOf(disk_, anna_, {kDisability, 2});
    EXPECT_NE(after.payload, before.payload);
    EXPECT_NE(after.wrap, before.wrap);
    after.label = before.label;
    after.wrap = before.wrap;
    after.payload = before.payload;
    EXPECT_EQ(after, before);
    // And the act of its put says what it said.
    EXPECT_EQ(ActOn(disk_, anna_, {kDisability, 2}, ActKind::kPut), put);
    const SuitePass again = now.Run();
    EXPECT_EQ(again.resealed, 0);
    EXPECT_EQ(again.current, 2 * kFilled);
    EXPECT_THAT(disk_->publisher.Tick(), IsOk());
  }
  EXPECT_EQ(Reseals(disk_), 3 * 2 * kFilled);
}

TEST_F(SuiteRotationTest, TheKeyIsAFreshOneAndTheOldOneGoes) {
  const AttributeRow before = RowOf(disk_, anna_, {kBirth, 1});
  Restart(kSecond).Run();
  const AttributeRow after = RowOf(disk_, anna_, {kBirth, 1});
  const auto key = disk_->core->keys().Find(after.owner, after.generation);
  ASSERT_THAT(key, IsOk());
  const RecordCodec& codec = disk_->core->codec();
  const auto old_dek = codec.OpenWrap(**key, before, kBirth);
  const auto new_dek = codec.OpenWrap(**key, after, kBirth);
  ASSERT_THAT(old_dek, IsOk());
  ASSERT_THAT(new_dek, IsOk());
  EXPECT_FALSE(*old_dek == *new_dek);
  AttributeRow mixed = after;
  mixed.payload = before.payload;
  EXPECT_THAT(codec.OpenValue(**key, mixed, kBirth),
              StatusIs(absl::StatusCode::kDataLoss));
  // An older copy opens until her key is rotated, as erasing does.
  EXPECT_THAT(codec.OpenValue(**key, before, kBirth), IsOk());
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kLanguage, 1), IsOk());
  EXPECT_THAT(disk_->core->keys().Find(before.owner, before.generation),
              StatusIs(absl::StatusCode::kNotFound));
}

// Each write of it, before and after it took hold, both ways.
TEST_F(SuiteRotationTest, KilledAtEveryWriteItGoesOn) {
  for (const crypto::Suite suite : {kSecond, kFirst}) {
    for (const bool after : {false, true}) {
      bool finished = false;
      for (int step = 1; !finished; ++step) {
        ASSERT_LT(step, 20);
        SCOPED_TRACE(
            absl::StrCat("write ", step, after ? " after" : " before"));
        Disk disk;
        disk.suite = suite == kFirst ? kSecond : kFirst;
        disk.Start();
        disk.Fill(anna_);
        disk.Fill(bela_);
        disk.suite = suite;
        disk.Start().faults.die_at = step;
        disk->faults.after = after;
        {
          Rotating now(disk);
          finished = now.rotation.Run(0, Never).ok();
        }
        // A kill before anything goes on: all of it is still read.
        disk.Start();
        disk.ExpectSurvivors(anna_);
        disk.ExpectSurvivors(bela_);
        const std::uint64_t done = Reseals(disk);
        const SuitePass pass = Rotating(disk).Run();
        EXPECT_EQ(pass.current, done);
        EXPECT_EQ(pass.resealed, 2 * kFilled - done);
        ExpectSealedAnew(disk, anna_, suite);
        ExpectSealedAnew(disk, bela_, suite);
        EXPECT_EQ(Reseals(disk), 2 * kFilled) << "one act for each";
        EXPECT_TRUE(!finished || done == 2 * kFilled);
        EXPECT_THAT(disk->publisher.Tick(), IsOk());
      }
    }
  }
}

// More than one page has, and each killed page is found again.
TEST_F(SuiteRotationTest, APersonWithManyVersionsMovesPageByPage) {
  constexpr std::uint64_t kMany = 2 * SuiteRotation::kPage + 10;
  for (std::uint64_t i = 0; i < kMany; ++i) {
    disk_.Put(anna_, kLanguage, "\"de\"");
  }
  std::uint64_t resealed = 0;
  bool finished = false;
  for (int step = 1; !finished; ++step) {
    ASSERT_LT(step, 20);
    Rotating& now = Restart(kSecond);
    disk_->faults.die_at = 2;
    disk_->faults.after = true;
    finished = now.rotation.Run(0, Never).ok();
    if (!finished) {
      EXPECT_GT(Reseals(disk_), resealed) << "it went on";
    }
    resealed = Reseals(disk_);
    if (resealed == kMany + 2 * kFilled) break;
  }
  const SuitePass pass = Restart(kSecond).Run();
  EXPECT_EQ(pass.current, kMany + 2 * kFilled);
  EXPECT_EQ(Reseals(disk_), kMany + 2 * kFilled);
  ExpectSealedAnew(disk_, anna_, kSecond);
  for (std::uint64_t version = 2; version <= kMany + 1; ++version) {
    EXPECT_EQ(disk_.Value(anna_, kLanguage, version), "\"de\"");
  }
}

TEST_F(SuiteRotationTest, TheLargestValuesMoveInSeveralTransactions) {
  constexpr std::uint64_t kMany = 6;
  constexpr char kLetter[] = "note.letter";
  Definition letter =
      disk_->core->catalogue().Find(kLanguage, 0).value()->definition;
  letter.id = kLetter;
  letter.schema = json::ParseStrict(R"({"type":"string"})").value();
  ASSERT_THAT(disk_->core->catalogue().Create(letter, disk_.clock.Now()),
              IsOk());
  const std::string json = "\"" + std::string(kMaxValueBytes - 2, 'x') + "\"";
  for (std::uint64_t i = 0; i < kMany; ++i) disk_.Put(anna_, kLetter, json);
  Rotating& now = Restart(kSecond);
  const SuitePass pass = now.Run();
  EXPECT_EQ(pass.resealed, kMany + 2 * kFilled);
  // Both persons', one more for what a transaction does not hold, the scrub.
  EXPECT_GE(disk_->faults.writes, 4);
  for (std::uint64_t version = 1; version <= kMany; ++version) {
    EXPECT_EQ(disk_.Value(anna_, kLetter, version), json);
    EXPECT_TRUE(IsIn(kSecond, RowOf(disk_, anna_, {kLetter, version})));
  }
}

TEST_F(SuiteRotationTest, PutsMeanwhileSurvive) {
  Rotating& now = Restart(kSecond);
  std::uint64_t puts = 0;
  disk_->faults.before_write = [&](int) {
    disk_.Put(anna_, kLanguage, "\"de\"");
    ++puts;
  };
  EXPECT_EQ(now.Run().resealed, 2 * kFilled);
  disk_->faults.before_write = nullptr;
  ASSERT_GE(puts, 3);
  ExpectSealedAnew(disk_, anna_, kSecond);
  for (std::uint64_t version = 2; version <= puts + 1; ++version) {
    EXPECT_EQ(disk_.Value(anna_, kLanguage, version), "\"de\"");
  }
  EXPECT_EQ(Restart(kSecond).Run().current, 2 * kFilled + puts);
}

TEST_F(SuiteRotationTest, ReadsMeanwhileSeeEverything) {
  Rotating& now = Restart(kSecond);
  disk_->faults.before_write = [&](int) {
    disk_.ExpectSurvivors(anna_);
    disk_.ExpectSurvivors(bela_);
  };
  now.Run();
  disk_->faults.before_write = nullptr;
}

// Whatever another writer made of a row since it was read stands.
TEST_F(SuiteRotationTest, WhatBecameOfARowMeanwhileIsNotUndone) {
  Rotating& now = Restart(kSecond);
  const AttributeRow erased = RowOf(disk_, anna_, {kBirth, 1});
  AttributeRow rewrapped = RowOf(disk_, anna_, {kLanguage, 1});
  const auto key =
      disk_->core->keys().Find(rewrapped.owner, rewrapped.generation);
  ASSERT_THAT(key, IsOk());
  bool once = false;
  disk_->faults.before_write = [&](int) {
    if (once) return;
    once = true;
    rewrapped = *disk_->core->codec().Rewrap(**key, **key, rewrapped);
    ASSERT_THAT(
        disk_.values->Write([&](VaultTransaction& transaction) -> absl::Status {
          const absl::Status gone = transaction.Erase(
              erased.owner, erased.name_key, erased.version, 9);
          if (!gone.ok()) return gone;
          return transaction.erasure().Rewrap(rewrapped);
        }),
        IsOk());
  };
  // Hers may come first or second.
  const SuitePass pass = now.Run();
  disk_->faults.before_write = nullptr;
  EXPECT_EQ(RowOf(disk_, anna_, {kBirth, 1}).state, RowState::kErased);
  EXPECT_TRUE(RowOf(disk_, anna_, {kBirth, 1}).payload.empty());
  EXPECT_EQ(disk_.Value(anna_, kLanguage, 1), "\"nl\"");
  EXPECT_EQ(pass.damaged, 0);
  EXPECT_EQ(Restart(kSecond).Run().damaged, 0);
  EXPECT_EQ(disk_.Value(anna_, kLanguage, 1), "\"nl\"");
  EXPECT_TRUE(IsIn(kSecond, RowOf(disk_, anna_, {kLanguage, 1})));
}

TEST_F(SuiteRotationTest, ItWaitsForAnErasureOfHers) {
  Rotating& now = Restart(kSecond);
  std::atomic<bool> finished = false;
  std::thread pass;
  {
    const PersonLock::Held erasing =
        disk_->eraser->LockOf(disk_.OwnerOf(anna_)).Take();
    pass = std::thread([&] {
      now.Run();
      finished = true;
    });
    absl::SleepFor(absl::Milliseconds(50));
    EXPECT_FALSE(finished);
    EXPECT_FALSE(IsIn(kSecond, RowOf(disk_, anna_, {kBirth, 1})));
  }
  pass.join();
  ExpectSealedAnew(disk_, anna_, kSecond);
}

TEST_F(SuiteRotationTest, HerKeyIsRotatedAfterwardsAsEver) {
  Restart(kSecond).Run();
  const AttributeRow before = RowOf(disk_, anna_, {kBirth, 1});
  {
    const PersonLock::Held lock =
        disk_->eraser->LockOf(disk_.OwnerOf(anna_)).Take();
    ASSERT_THAT(disk_->eraser->Rotate(disk_.OwnerOf(anna_)), IsOk());
  }
  ExpectSealedAnew(disk_, anna_, kSecond);
  const AttributeRow after = RowOf(disk_, anna_, {kBirth, 1});
  EXPECT_EQ(after.generation, 2);
  EXPECT_EQ(after.payload, before.payload);
  Restart(kFirst).Run();
  ExpectSealedAnew(disk_, anna_, kFirst);
  EXPECT_EQ(RowOf(disk_, anna_, {kBirth, 1}).generation, 2);
}

TEST_F(SuiteRotationTest, AnErasedVersionStaysErased) {
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1), IsOk());
  const AttributeRow before = RowOf(disk_, anna_, {kDisability, 1});
  const SuitePass pass = Restart(kSecond).Run();
  EXPECT_EQ(pass.resealed, 2 * kFilled - 1);
  EXPECT_EQ(RowOf(disk_, anna_, {kDisability, 1}), before);
  EXPECT_EQ(ActOn(disk_, anna_, {kDisability, 1}, ActKind::kReseal),
            std::nullopt);
  // And one that was sealed anew is erased as any other.
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 3), IsOk());
  EXPECT_EQ(disk_.Value(anna_, kDisability, 3), std::nullopt);
  EXPECT_EQ(disk_.Value(anna_, kDisability, 2), "false");
  EXPECT_EQ(disk_.Owed(), 0);
  ASSERT_THAT(
      disk_->desk.ErasePerson(anna_, Signed(disk_.clock.Now())).status(),
      IsOk());
  EXPECT_EQ(Restart(kFirst).Run().resealed, kFilled) << "the other person's";
}

TEST_F(SuiteRotationTest, ACallEndsBetweenTwoShardsAndTheNextGoesOn) {
  Rotating& now = Restart(kSecond);
  std::uint64_t resealed = 0;
  int calls = 0;
  std::optional<std::uint16_t> next = 0;
  while (next) {
    ASSERT_LT(calls, 3);
    const auto pass = now.rotation.Run(*next, [] { return true; });
    ASSERT_THAT(pass, IsOk());
    resealed += pass->resealed;
    EXPECT_TRUE(!pass->next_shard || *pass->next_shard > *next);
    next = pass->next_shard;
    ++calls;
  }
  EXPECT_EQ(resealed, 2 * kFilled);
  const bool apart = disk_.OwnerOf(anna_).shard != disk_.OwnerOf(bela_).shard;
  EXPECT_EQ(calls, apart ? 2 : 1);
}

TEST_F(SuiteRotationTest, AServerThatStopsWaitsForAPageAtMost) {
  Rotating& now = Restart(kSecond);
  disk_->faults.before_write = [&](int) { now.rotation.Stop(); };
  EXPECT_THAT(now.rotation.Run(0, Never),
              StatusIs(absl::StatusCode::kUnavailable));
  disk_->faults.before_write = nullptr;
  EXPECT_EQ(Reseals(disk_), kFilled);
  EXPECT_EQ(Restart(kSecond).Run().resealed, kFilled);
}

TEST(SuiteRotationWorld, AServiceReadsTheSameUnderThePermitItHas) {
  VaultWorld world;
  world.gate.GrantOver(kBirth, 18);
  world.gate.Grant(kLanguage);
  world.Put(world.anna, kBirth, "\"1990-02-28\"");
  world.Put(world.anna, kLanguage, "\"nl\"");
  const auto before = world.Read({kBirth, kLanguage});
  ASSERT_THAT(before, IsOk());
  const auto core =
      VaultCore::Open({ExampleIdentity(), kSecond, 16},
                      {world.keks, *world.keys, *world.store, world.clock})
          .value();
  const auto eraser =
      Eraser::Open(*core, world.tombstones, *world.copies, {30, 7, 14, 30})
          .value();
  SuiteRotation rotation(*core, *eraser,
                         [](const crypto::KeyId&) { ADD_FAILURE(); });
  const auto pass = rotation.Run(0, Never);
  ASSERT_THAT(pass, IsOk());
  EXPECT_EQ(pass->resealed, 2);
  const auto after = world.Read({kBirth, kLanguage});
  ASSERT_THAT(after, IsOk());
  ASSERT_EQ(after->lines.size(), before->lines.size());
  for (std::size_t i = 0; i < after->lines.size(); ++i) {
    EXPECT_EQ(after->lines[i].value_json, before->lines[i].value_json);
    EXPECT_FALSE(after->lines[i].value_json.empty());
  }
}

}  // namespace
}  // namespace limpid::vault
