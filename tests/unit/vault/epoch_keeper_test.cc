// Epochs of key-encryption keys: what is under an earlier one moves on without
// loss, and its key goes only when nothing hangs on it.

#include "vault/epochs/epoch_keeper.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "common/base/wire.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_disk.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::limpid::testing::StatusSays;

constexpr char kRecord[] = "rec_00000000000000000000000000";

bool Always() { return true; }

class EpochKeeperTest : public EraserTest {
 protected:
  EpochKeeperTest() { Open(); }

  // Over the process that runs now.
  void Open() {
    keeper_ = std::make_unique<EpochKeeper>(*disk_->core, *disk_->eraser,
                                            absl::Hours(24 * 90));
  }
  void Restart() {
    keeper_.reset();
    disk_.Start();
    Open();
  }
  KeyTree& keys() { return disk_->core->keys(); }

  // A slot of Anna's sealed key, as a device brings it.
  SlotRow AddDevice(std::uint8_t id) {
    SlotRow row;
    row.owner = disk_.OwnerOf(anna_);
    row.custody = Custody::kSealed;
    row.generation = 1;
    row.slot_kind = SlotKind::kDevice;
    row.slot_id.fill(id);
    row.key_id.fill(9);
    EXPECT_THAT(keys().AddSlot(row, body_, 16), IsOk());
    return row;
  }
  // The outer key of copies as versions before this wrapped it.
  CopyKeyRow AddEarlierCopyKey() {
    CopyKeyRow row;
    row.owner = disk_.OwnerOf(anna_);
    row.record_key.fill(3);
    row.key_id.fill(4);
    row.epoch = disk_.keks.epoch;
    Aad aad;
    aad.kind = AadKind::kCopyKey;
    aad.suite = 1;
    aad.operator_name = ExampleIdentity().operator_name;
    aad.holder = row.owner.id;
    aad.attribute = kRecord;
    aad.key_id = row.key_id;
    aad.epoch = row.epoch;
    aad.custody = Custody::kSealed;
    crypto::KeyId kek_id{};
    const base::Digest32 digest =
        crypto::Sha256(base::ByteWriter("limpid/vault/kek-id/1")
                           .Lp(ExampleIdentity().operator_name)
                           .U32(row.epoch)
                           .bytes());
    std::copy_n(digest.begin(), kek_id.size(), kek_id.begin());
    row.outer = crypto::SealSecret(crypto::Suite::kXChaCha20Poly1305,
                                   *disk_.keks.Kek(row.epoch), kek_id,
                                   aad.Encode(), CountingKey(0x77));
    EXPECT_THAT(disk_.keys->InsertCopyKey(row), IsOk());
    return row;
  }

  std::uint64_t Under(std::uint32_t epoch) {
    const auto uses = disk_.keys->EpochUses().value();
    for (const EpochUse& use : uses) {
      if (use.epoch == epoch) return use.slots + use.copy_keys;
    }
    return 0;
  }
  void ExpectEverythingOpens(const SlotRow& device) {
    for (const PersonCaller& who : {anna_, bela_}) {
      EXPECT_EQ(disk_.Value(who, kDisability, 1), "true");
      disk_.ExpectSurvivors(who);
    }
    const auto sealed =
        disk_.keys->List(disk_.OwnerOf(anna_), Custody::kSealed).value();
    for (const SlotRow& row : sealed) {
      EXPECT_EQ(row.slot_id, device.slot_id);
      EXPECT_EQ(*keys().UnwrapBody(row), body_);
    }
  }
  absl::Status DestroyByTwo(std::uint32_t epoch, bool drop = false) {
    const auto first = keeper_->Destroy(epoch, drop, Counting<32>(1));
    if (!first.ok()) return first.status();
    EXPECT_EQ(*first, Destruction::kProposed);
    const auto second = keeper_->Destroy(epoch, drop, Counting<32>(2));
    if (!second.ok()) return second.status();
    EXPECT_EQ(*second, Destruction::kDone);
    return absl::OkStatus();
  }

  const base::Bytes body_ = {1, 2, 3};
  std::unique_ptr<EpochKeeper> keeper_;
};

TEST_F(EpochKeeperTest, WhatIsUnderAnEarlierEpochMovesOnAndStillOpens) {
  const SlotRow device = AddDevice(1);
  const auto copy_key = keys().FindOrCreateCopyKey(
      disk_.OwnerOf(anna_), RecordKey{5}, kRecord, disk_.clock.Now());
  ASSERT_THAT(copy_key, IsOk());
  ASSERT_EQ(*keeper_->Start(), 6);
  EXPECT_EQ(Under(5), 4);
  ExpectEverythingOpens(device);
  const auto pass = keeper_->Rewrap(Always);
  ASSERT_THAT(pass, IsOk());
  EXPECT_EQ(pass->rewrapped, 4);
  EXPECT_EQ(pass->broken + pass->waiting, 0);
  EXPECT_EQ(Under(5), 0);
  EXPECT_EQ(Under(6), 4);
  disk_.keks.gone.insert(5);
  Restart();
  ExpectEverythingOpens(device);
  const auto again =
      keys().FindCopyKey(disk_.OwnerOf(anna_), RecordKey{5}, kRecord);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->key == copy_key->key);
  EXPECT_EQ(keeper_->Rewrap(Always)->rewrapped, 0);
}

TEST_F(EpochKeeperTest, KilledAtAnyWriteThePassGoesOn) {
  const SlotRow device = AddDevice(1);
  for (const bool after : {false, true}) {
    for (int die_at = 1;; ++die_at) {
      Restart();
      const std::uint32_t before = disk_.keks.epoch;
      disk_->faults.die_at = die_at;
      disk_->faults.after = after;
      const bool started = keeper_->Start().ok();
      const bool passed = keeper_->Rewrap(Always).ok();
      const bool survived = !disk_->faults.dead;
      Restart();
      ExpectEverythingOpens(device);
      ASSERT_THAT(keeper_->StartIfDue(), IsOk());
      ASSERT_THAT(keeper_->Rewrap(Always), IsOk());
      ExpectEverythingOpens(device);
      EXPECT_EQ(Under(before), 0) << die_at;
      EXPECT_EQ(Under(disk_.keks.epoch), 3) << die_at;
      EXPECT_TRUE(keeper_->List()->back().started.has_value());
      if (survived) {
        EXPECT_TRUE(started && passed);
        break;
      }
    }
  }
}

TEST_F(EpochKeeperTest, KilledAtAnyWriteADestructionGoesOn) {
  for (const bool after : {false, true}) {
    for (int die_at = 1;; ++die_at) {
      Restart();
      const std::uint32_t doomed = disk_.keks.epoch;
      ASSERT_THAT(keeper_->Start(), IsOk());
      ASSERT_THAT(keeper_->Rewrap(Always), IsOk());
      disk_->faults.writes = 0;
      disk_->faults.die_at = die_at;
      disk_->faults.after = after;
      const bool done = DestroyByTwo(doomed, /*drop=*/true).ok();
      const bool survived = !disk_->faults.dead;
      Restart();
      if (disk_.keks.Kek(doomed).ok()) {
        ASSERT_THAT(DestroyByTwo(doomed, /*drop=*/true), IsOk());
      }
      EXPECT_TRUE(keeper_->List()->at(doomed - 1).ended.has_value());
      EXPECT_FALSE(keeper_->List()->at(doomed - 1).stands);
      disk_.ExpectSurvivors(anna_);
      if (survived) {
        EXPECT_TRUE(done);
        break;
      }
    }
  }
}

TEST_F(EpochKeeperTest, AKeyGoesOnlyWhenNothingHangsOnIt) {
  EXPECT_THAT(DestroyByTwo(5),
              StatusSays(absl::StatusCode::kFailedPrecondition, "in force"));
  EXPECT_THAT(DestroyByTwo(6), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(keeper_->Start(), IsOk());
  EXPECT_THAT(DestroyByTwo(5), StatusSays(absl::StatusCode::kFailedPrecondition,
                                          "2 key slots are under this epoch"));
  ASSERT_THAT(keeper_->Rewrap(Always), IsOk());
  ASSERT_THAT(DestroyByTwo(5), IsOk());
  EXPECT_THAT(DestroyByTwo(5), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(disk_.keks.Kek(5), StatusIs(absl::StatusCode::kNotFound));
  disk_.ExpectSurvivors(anna_);
}

TEST_F(EpochKeeperTest, ADestructionNeedsTwoWithinADay) {
  ASSERT_THAT(keeper_->Start(), IsOk());
  ASSERT_THAT(keeper_->Rewrap(Always), IsOk());
  const auto destroy = [&](std::uint8_t who, bool drop = false) {
    return keeper_->Destroy(5, drop, Counting<32>(who)).value();
  };
  EXPECT_EQ(destroy(1), Destruction::kProposed);
  EXPECT_EQ(destroy(1), Destruction::kProposed);
  // Another wants something else.
  EXPECT_EQ(destroy(2, true), Destruction::kProposed);
  EXPECT_EQ(destroy(1, false), Destruction::kProposed);
  disk_.clock.Advance(EpochKeeper::kProposalLife);
  EXPECT_EQ(destroy(2), Destruction::kProposed);
  EXPECT_THAT(disk_.keks.Kek(5), IsOk());
  EXPECT_EQ(destroy(1), Destruction::kDone);
  EXPECT_THAT(disk_.keks.Kek(5), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(EpochKeeperTest, WithItsKeyAnOlderCopyOfTheSlotsIsDead) {
  const std::vector<SlotRow> older = disk_.Slots(anna_);
  ASSERT_THAT(keeper_->Start(), IsOk());
  ASSERT_THAT(keeper_->Rewrap(Always), IsOk());
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kBirth, 1), IsOk());
  // The copy is put back beside what stands.
  for (const SlotRow& row : older) {
    ASSERT_THAT(disk_.keys->Insert(row), IsOk());
  }
  EXPECT_THAT(keys().Find(older[0].owner, older[0].generation), IsOk());
  disk_.keks.gone.insert(5);
  Restart();
  EXPECT_THAT(keys().Find(older[0].owner, older[0].generation),
              StatusIs(absl::StatusCode::kDataLoss));
  const auto dead = keeper_->Dead();
  ASSERT_THAT(dead, IsOk());
  ASSERT_EQ(dead->size(), 1);
  EXPECT_EQ(dead->front().epoch, 5);
}

TEST_F(EpochKeeperTest, AnErasureIsFinalOnceItsKeyIsDestroyed) {
  ASSERT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1), IsOk());
  const auto state = [&] {
    return disk_->desk.CertificateOfVersion(anna_, kDisability, 1)->state;
  };
  EXPECT_EQ(state(), FinalState::kWaiting);
  disk_.clock.Advance(absl::Hours(24 * 61));
  EXPECT_EQ(state(), FinalState::kKeyStands);
  ASSERT_THAT(keeper_->Start(), IsOk());
  ASSERT_THAT(keeper_->Rewrap(Always), IsOk());
  for (std::uint32_t epoch = 1; epoch < 5; ++epoch) {
    ASSERT_THAT(DestroyByTwo(epoch), IsOk());
  }
  EXPECT_EQ(state(), FinalState::kKeyStands);
  ASSERT_THAT(DestroyByTwo(5), IsOk());
  EXPECT_EQ(state(), FinalState::kFinal);
}

TEST_F(EpochKeeperTest, ASlotThatDoesNotOpenStaysAndHoldsItsKey) {
  SlotRow broken = disk_.Slots(bela_).front();
  const SlotRow whole = broken;
  broken.outer.back() ^= 1;
  const std::vector<KeyStore::SlotChange> spoil = {{whole, broken}};
  ASSERT_EQ(*disk_.keys->Replace(spoil, {}), 1);
  ASSERT_THAT(keeper_->Start(), IsOk());
  const auto pass = keeper_->Rewrap(Always);
  ASSERT_THAT(pass, IsOk());
  EXPECT_EQ(pass->rewrapped, 1);
  EXPECT_EQ(pass->broken, 1);
  EXPECT_EQ(disk_.Slots(bela_).front(), broken);
  EXPECT_THAT(DestroyByTwo(5),
              StatusSays(absl::StatusCode::kFailedPrecondition, "1 key slots"));
  const std::vector<KeyStore::SlotChange> mend = {{broken, whole}};
  ASSERT_EQ(*disk_.keys->Replace(mend, {}), 1);
  EXPECT_EQ(keeper_->Rewrap(Always)->rewrapped, 1);
  EXPECT_THAT(DestroyByTwo(5), IsOk());
}

// More of them than one page has.
TEST_F(EpochKeeperTest, WhatDoesNotOpenKeepsNobodyBehind) {
  constexpr int kMany = 600;
  for (int i = 0; i < kMany; ++i) {
    SlotRow broken = disk_.Slots(bela_).front();
    broken.slot_kind = SlotKind::kDevice;
    broken.slot_id = crypto::RandomArray<16>();
    broken.custody = i % 2 == 0 ? Custody::kAssisted : Custody::kSealed;
    ASSERT_THAT(disk_.keys->Insert(broken), IsOk());
  }
  ASSERT_THAT(keeper_->Start(), IsOk());
  const auto pass = keeper_->Rewrap(Always);
  ASSERT_THAT(pass, IsOk());
  EXPECT_EQ(pass->broken, kMany);
  EXPECT_EQ(pass->rewrapped, 2);
  EXPECT_EQ(Under(5), kMany);
}

TEST_F(EpochKeeperTest, ACopyKeyUnderAnEarlierEpochMovesOnWithItsUse) {
  const auto find = [&] {
    return keys().FindOrCreateCopyKey(disk_.OwnerOf(anna_), RecordKey{5},
                                      kRecord, disk_.clock.Now());
  };
  const auto made = find();
  ASSERT_THAT(made, IsOk());
  ASSERT_THAT(keeper_->Start(), IsOk());
  EXPECT_EQ(Under(6), 0);
  EXPECT_TRUE(find()->key == made->key);
  EXPECT_EQ(Under(6), 1);
}

TEST_F(EpochKeeperTest, EarlierKeysOfCopiesMoveOnWhenUsedOrAreDropped) {
  const CopyKeyRow earlier = AddEarlierCopyKey();
  ASSERT_THAT(keeper_->Start(), IsOk());
  EXPECT_EQ(keeper_->Rewrap(Always)->waiting, 1);
  EXPECT_THAT(DestroyByTwo(5), StatusSays(absl::StatusCode::kFailedPrecondition,
                                          "1 keys of grant copies"));
  EXPECT_THAT(keys().FindCopyKey(earlier.owner, earlier.record_key, "rec_no"),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(Under(5), 1);
  const auto used =
      keys().FindCopyKey(earlier.owner, earlier.record_key, kRecord);
  ASSERT_THAT(used, IsOk());
  EXPECT_TRUE(used->key == CountingKey(0x77));
  EXPECT_EQ(Under(5), 0);
  EXPECT_TRUE(
      keys().FindCopyKey(earlier.owner, earlier.record_key, kRecord)->key ==
      CountingKey(0x77));

  ASSERT_THAT(disk_.keys->DestroyCopyKey(earlier.owner, earlier.record_key),
              IsOk());
  disk_.keks.epoch = 5;
  AddEarlierCopyKey();
  disk_.keks.epoch = 6;
  EXPECT_THAT(DestroyByTwo(5, /*drop=*/true), IsOk());
  EXPECT_EQ(Under(5), 0);
  EXPECT_THAT(keys().FindCopyKey(earlier.owner, earlier.record_key, kRecord),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(EpochKeeperTest, AnEpochBeginsByItselfWhenTheLastIsOver) {
  EXPECT_FALSE(*keeper_->StartIfDue());
  EXPECT_TRUE(keeper_->List()->back().started.has_value());
  disk_.clock.Advance(absl::Hours(24 * 90) - absl::Milliseconds(1));
  EXPECT_FALSE(*keeper_->StartIfDue());
  disk_.clock.Advance(absl::Milliseconds(1));
  EXPECT_TRUE(*keeper_->StartIfDue());
  EXPECT_EQ(disk_.keks.epoch, 6);
  EXPECT_FALSE(*keeper_->StartIfDue());
  const auto states = keeper_->List();
  ASSERT_THAT(states, IsOk());
  ASSERT_EQ(states->size(), 6);
  EXPECT_TRUE(states->back().current);
  EXPECT_FALSE(states->at(4).current);
  EXPECT_EQ(states->at(4).slots, 2);
}

TEST_F(EpochKeeperTest, AStartThatIsRepeatedStartsNoSecond) {
  EXPECT_EQ(*keeper_->StartAfter(5), 6);
  EXPECT_EQ(*keeper_->StartAfter(5), 6);
  EXPECT_EQ(disk_.keks.epoch, 6);
  EXPECT_THAT(
      keeper_->StartAfter(4),
      StatusSays(absl::StatusCode::kFailedPrecondition, "epoch 6 is in force"));
  EXPECT_THAT(keeper_->StartAfter(7),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(EpochKeeperTest, ARingThatIsOlderThanTheKeysIsNoticed) {
  EXPECT_THAT(keeper_->CheckRing(), IsOk());
  ASSERT_THAT(keeper_->Start(), IsOk());
  ASSERT_THAT(keeper_->Rewrap(Always), IsOk());
  EXPECT_THAT(keeper_->CheckRing(), IsOk());
  disk_.keks.epoch = 5;
  EXPECT_THAT(keeper_->CheckRing(),
              StatusSays(absl::StatusCode::kFailedPrecondition,
                         "the ring is an older copy"));
}

TEST_F(EpochKeeperTest, NothingMovesWhileAnErasureOfHersIsUnderWay) {
  ASSERT_THAT(keeper_->Start(), IsOk());
  std::atomic<bool> finished = false;
  std::thread pass;
  {
    const PersonLock::Held erasing =
        disk_->eraser->LockOf(disk_.OwnerOf(anna_)).Take();
    pass = std::thread([&] {
      EXPECT_THAT(keeper_->Rewrap(Always), IsOk());
      finished = true;
    });
    absl::SleepFor(absl::Milliseconds(50));
    EXPECT_FALSE(finished);
    EXPECT_EQ(disk_.Slots(anna_).front().epoch, 5);
  }
  pass.join();
  EXPECT_EQ(disk_.Slots(anna_).front().epoch, 6);
}

// Counted as empty, an epoch could lose what is on its way into the store.
TEST_F(EpochKeeperTest, AnEpochStartsOnlyWhenWhatIsWrappedIsStored) {
  const PersonCaller carl{HolderId::Random(), key_.PublicKey()};
  const std::vector<std::function<void()>> writers = {
      [&] {
        EXPECT_THAT(keys().FindOrCreate(disk_.OwnerOf(carl), disk_.clock.Now()),
                    IsOk());
      },
      [&] { AddDevice(1); },
      [&] {
        EXPECT_THAT(
            keys().FindOrCreateCopyKey(disk_.OwnerOf(anna_), RecordKey{5},
                                       kRecord, disk_.clock.Now()),
            IsOk());
      }};
  for (const auto& write : writers) {
    std::thread starting;
    std::atomic<bool> started = false;
    disk_->faults.before_write = [&](int) {
      if (starting.joinable()) return;
      starting = std::thread([&] {
        EXPECT_THAT(keys().StartEpoch(), IsOk());
        started = true;
      });
      absl::SleepFor(absl::Milliseconds(50));
      EXPECT_FALSE(started) << "a wrap was on its way";
    };
    write();
    starting.join();
    disk_->faults.before_write = nullptr;
    EXPECT_TRUE(started);
  }
  ASSERT_THAT(keeper_->Rewrap(Always), IsOk());
  EXPECT_EQ(disk_.keys->EpochUses()->size(), 1);
}

TEST_F(EpochKeeperTest, NothingIsMadeUnderAnEpochThatIsOver) {
  constexpr int kThreads = 4;
  // The store in memory looks at each row each time.
  constexpr int kPersons = 60;
  std::vector<std::thread> threads;
  std::atomic<int> running = kThreads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int made = 0; made < kPersons; ++made) {
        const PersonCaller who{HolderId::Random(), key_.PublicKey()};
        EXPECT_THAT(keys().FindOrCreate(disk_.OwnerOf(who), disk_.clock.Now()),
                    IsOk());
      }
      --running;
    });
  }
  do {
    const std::uint32_t doomed = *keeper_->Start() - 1;
    ASSERT_THAT(keeper_->Rewrap(Always), IsOk());
    EXPECT_EQ(Under(doomed), 0);
  } while (running > 0);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace limpid::vault
