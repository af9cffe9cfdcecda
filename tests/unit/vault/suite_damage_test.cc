// Sealing values anew beside what is damaged, owed, held or out of reach.

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/crypto/random.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/suite_fixture.h"
#include "vault/erasure/hold_desk.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;

// A rotation of her key that stopped half way finds all it has not moved.
TEST_F(SuiteRotationTest, AKilledRotationOfHerKeyGoesOnAfterwards) {
  for (int step = 1; step < 12; ++step) {
    SCOPED_TRACE(step);
    Disk disk;
    disk.Start();
    disk.Fill(anna_);
    disk.suite = kSecond;
    disk.Start().faults.die_at = step;
    disk->faults.after = true;
    (void)disk->desk.EraseVersion(anna_, kDisability, 1);
    disk.Start();
    const SuitePass pass = Rotating(disk).Run();
    EXPECT_EQ(pass.damaged, 0);
    disk.ExpectSurvivors(anna_);
    ASSERT_THAT(disk->eraser->Recover(), IsOk());
    disk.ExpectSurvivors(anna_);
    EXPECT_EQ(disk.Owed(), 0);
    EXPECT_EQ(disk.Slots(anna_).size(), 1);
    const SuitePass rest = Rotating(disk).Run();
    EXPECT_EQ(rest.resealed + rest.damaged, 0);
  }
}

TEST_F(SuiteRotationTest, AnErasureOfAPersonThatIsOwedIsNoDamage) {
  disk_->faults.writes = 0;
  disk_->faults.die_at = 2;
  EXPECT_FALSE(disk_->desk.ErasePerson(anna_, Signed()).ok());
  // Her slots are gone, her rows are not: no start has looked yet.
  Rotating& now = Restart(kSecond);
  const SuitePass pass = now.Run();
  EXPECT_EQ(pass.resealed, kFilled);
  EXPECT_EQ(pass.changed, kFilled);
  EXPECT_EQ(pass.damaged, 0);
  EXPECT_TRUE(now.damaged.empty());
}

TEST_F(SuiteRotationTest, WhatDoesNotOpenIsToldAndStopsNothing) {
  const AttributeRow good = RowOf(disk_, anna_, {kLanguage, 1});
  for (base::Bytes AttributeRow::*part :
       {&AttributeRow::label, &AttributeRow::wrap, &AttributeRow::payload}) {
    AttributeRow bad = good;
    (bad.*part).back() ^= 1;
    Plant(disk_, good, bad);
    Rotating& now = Restart(kSecond);
    const SuitePass pass = now.Run();
    EXPECT_EQ(pass.damaged, 1);
    EXPECT_EQ(now.damaged, std::vector<crypto::KeyId>{good.id});
    EXPECT_EQ(pass.resealed + pass.current, 2 * kFilled - 1);
    EXPECT_EQ(RowOf(disk_, anna_, {kLanguage, 1}), bad);
    Plant(disk_, bad, good);
  }
  // Put back whole, it moves.
  const SuitePass pass = Restart(kSecond).Run();
  EXPECT_EQ(pass.resealed, 1);
  EXPECT_EQ(pass.damaged, 0);
  ExpectSealedAnew(disk_, anna_, kSecond);
}

// One that opens and that the log does not know: its act would vouch for it.
TEST_F(SuiteRotationTest, WhatTheLogDoesNotKnowIsNotSealedAnew) {
  for (const crypto::Suite suite : {kSecond, kFirst}) {
    const AttributeRow good = RowOf(disk_, anna_, {kLanguage, 1});
    const auto key = disk_->core->keys().Find(good.owner, good.generation);
    ASSERT_THAT(key, IsOk());
    const RecordCodec forger(ExampleIdentity(),
                             suite == kFirst ? kSecond : kFirst);
    const auto forged = forger.Reseal(**key, good);
    ASSERT_THAT(forged, IsOk());
    Plant(disk_, good, *forged);
    Rotating& now = Restart(suite);
    EXPECT_EQ(now.Run().damaged, 1);
    EXPECT_EQ(now.damaged, std::vector<crypto::KeyId>{good.id});
    EXPECT_EQ(RowOf(disk_, anna_, {kLanguage, 1}), *forged);
    Plant(disk_, *forged, good);
    EXPECT_EQ(now.Run().damaged, 0);
  }
}

TEST_F(SuiteRotationTest, ARowOfAnotherAttributeIsDamage) {
  AttributeRow moved = RowOf(disk_, anna_, {kLanguage, 1});
  moved.name_key =
      disk_->core->blinder().NameKeyOf(anna_.holder, "person.name");
  moved.request_key[0] ^= 1;
  ASSERT_THAT(disk_.values->Write([&](VaultTransaction& transaction) {
    return transaction.Insert(moved);
  }),
              IsOk());
  Rotating& now = Restart(kSecond);
  const SuitePass pass = now.Run();
  EXPECT_EQ(pass.damaged, 1);
  EXPECT_EQ(pass.resealed, 2 * kFilled);
  EXPECT_EQ(RowOf(disk_, anna_, {"person.name", 1}), moved);
}

// A transaction of many is refused for one of them: each is tried alone.
TEST_F(SuiteRotationTest, WhatCannotBeStoredKeepsNothingElse) {
  Rotating& now = Restart(kSecond);
  disk_->faults.die_at = 1;
  disk_->faults.refusal = absl::DataLossError("another key of hers");
  const SuitePass pass = now.Run();
  disk_->faults.refusal = absl::OkStatus();
  EXPECT_EQ(pass.damaged, 0);
  EXPECT_EQ(pass.resealed, 2 * kFilled);
  // Alone it is refused as well.
  Rotating& back = Restart(kFirst);
  disk_->faults.before_write = [&](int write) {
    disk_->faults.die_at = write <= 2 ? write : 0;
  };
  disk_->faults.refusal = absl::DataLossError("another key of hers");
  const SuitePass rest = back.Run();
  EXPECT_EQ(rest.damaged, 1);
  EXPECT_EQ(rest.resealed, 2 * kFilled - 1);
}

// As after her store of keys alone was put back.
TEST_F(SuiteRotationTest, WhoseKeysAreAnOlderCopyStopsNobodyElse) {
  Rotating& now = Restart(kSecond);
  const Owner owner = disk_->core->blinder().OwnerOf(anna_.holder);
  const auto key = disk_->core->keys().FindOrCreate(owner, absl::Now());
  ASSERT_THAT(key, IsOk());
  Act act;
  act.kind = ActKind::kKey;
  act.value_version = (*key)->generation + 1;
  act.time = absl::FromUnixMillis(absl::ToUnixMillis(absl::Now()));
  ASSERT_THAT(disk_.values->Write([&](VaultTransaction& transaction) {
    return disk_->core->acts()
        .Append(transaction, act, owner, NameKey(), key->get())
        .status();
  }),
              IsOk());
  const SuitePass pass = now.Run();
  EXPECT_EQ(pass.resealed, kFilled);
  EXPECT_EQ(pass.damaged, kFilled);
  EXPECT_EQ(now.damaged.size(), kFilled);
  disk_.ExpectSurvivors(anna_);
}

TEST_F(SuiteRotationTest, DamageIsToldOnlySoOften) {
  constexpr std::uint64_t kMany = SuiteRotation::kMostTold + 5;
  for (std::uint64_t i = 0; i < kMany; ++i) {
    disk_.Put(anna_, kLanguage, "\"de\"");
  }
  for (std::uint64_t version = 2; version <= kMany + 1; ++version) {
    const AttributeRow good = RowOf(disk_, anna_, {kLanguage, version});
    AttributeRow bad = good;
    bad.payload.back() ^= 1;
    Plant(disk_, good, bad);
  }
  Rotating& now = Restart(kSecond);
  const SuitePass pass = now.Run();
  EXPECT_EQ(pass.damaged, kMany);
  EXPECT_EQ(pass.resealed, 2 * kFilled);
  EXPECT_EQ(now.damaged.size(), SuiteRotation::kMostTold);
}

TEST_F(SuiteRotationTest, WhatOnlyDevicesOpenIsCountedAndLeft) {
  AttributeRow sealed = RowOf(disk_, anna_, {kLanguage, 1});
  sealed.custody = Custody::kSealed;
  sealed.version = 2;
  sealed.id = crypto::RandomArray<16>();
  sealed.request_key[0] ^= 1;
  ASSERT_THAT(disk_.values->Write([&](VaultTransaction& transaction) {
    return transaction.Insert(sealed);
  }),
              IsOk());
  const SuitePass pass = Restart(kSecond).Run();
  EXPECT_EQ(pass.with_devices, 1);
  EXPECT_EQ(pass.resealed, 2 * kFilled);
  EXPECT_EQ(pass.damaged, 0);
  EXPECT_EQ(RowOf(disk_, anna_, {kLanguage, 2}), sealed);
}

TEST_F(SuiteRotationTest, AHoldKeepsNothingFromBeingSealedAnew) {
  ASSERT_THAT(HoldDesk(*disk_->core, *disk_->eraser)
                  .Place(anna_.holder, {HoldGround::kRestriction, "Art. 18"}),
              IsOk());
  EXPECT_EQ(Restart(kSecond).Run().resealed, 2 * kFilled);
  EXPECT_FALSE(disk_->desk.EraseVersion(anna_, kBirth, 1).ok());
  ExpectSealedAnew(disk_, anna_, kSecond);
}

}  // namespace
}  // namespace limpid::vault
