// What erasing and rotating ask of every key store.

#ifndef LIMPID_TESTS_CONFORMANCE_VAULT_KEY_TOMBSTONE_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_VAULT_KEY_TOMBSTONE_CONFORMANCE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/conformance/vault/key_store_conformance.h"
#include "vault/keys/key_store.h"
#include "vault/keys/tombstone.h"

namespace limpid::vault {

TEST_P(KeyStoreConformance, ListsSlotsByGenerationOfOneOwner) {
  EXPECT_TRUE(AllOf(anna_).empty());
  ASSERT_TRUE(store().Insert(Slot(anna_, 2)).ok());
  ASSERT_TRUE(store().Insert(Slot(anna_, 1)).ok());
  ASSERT_TRUE(store().Insert(Device(anna_, 2)).ok());
  ASSERT_TRUE(store().Insert(Slot(bela_, 1)).ok());
  Step();
  EXPECT_EQ(
      *store().List(anna_, Custody::kAssisted),
      (std::vector<SlotRow>{Slot(anna_, 1), Slot(anna_, 2), Device(anna_, 2)}));
  EXPECT_TRUE(AllOf({4094, anna_.id}).empty());
}

TEST_P(KeyStoreConformance, DeletesGenerationsBelowOfOneCustody) {
  for (const std::uint32_t generation : {1U, 2U, 3U}) {
    ASSERT_TRUE(store().Insert(Slot(anna_, generation)).ok());
    ASSERT_TRUE(store().Insert(Device(anna_, generation)).ok());
  }
  SlotRow sealed = Device(anna_, 1);
  sealed.custody = Custody::kSealed;
  ASSERT_TRUE(store().Insert(sealed).ok());
  ASSERT_TRUE(store().Insert(Slot(bela_, 1)).ok());
  Step();
  EXPECT_EQ(*store().DeleteSlotsBelow(anna_, Custody::kAssisted, 3), 4);
  Step();
  EXPECT_EQ(*store().FindServerSlot(anna_, 1), std::nullopt);
  EXPECT_EQ(*store().FindServerSlot(anna_, 0), Slot(anna_, 3));
  EXPECT_EQ(AllOf(anna_).size(), 3);
  EXPECT_EQ(*store().FindServerSlot(bela_, 1), Slot(bela_, 1));
  EXPECT_EQ(*store().DeleteSlotsBelow(anna_, Custody::kAssisted, 3), 0);
}

TEST_P(KeyStoreConformance, NamesWhoHasTwoGenerations) {
  ASSERT_TRUE(store().Insert(Slot(anna_, 1)).ok());
  ASSERT_TRUE(store().Insert(Device(anna_, 1)).ok());
  ASSERT_TRUE(store().Insert(Slot(bela_, 1)).ok());
  ASSERT_TRUE(store().Insert(Slot(bela_, 2)).ok());
  Step();
  EXPECT_EQ(*store().OwnersInRotation(), std::vector<Owner>{bela_});
  ASSERT_TRUE(store().DeleteSlotsBelow(bela_, Custody::kAssisted, 2).ok());
  Step();
  EXPECT_TRUE(store().OwnersInRotation()->empty());
}

TEST_P(KeyStoreConformance, TombstonesAreNumberedWithoutGaps) {
  EXPECT_EQ(*store().LastTombstone(), 0);
  EXPECT_TRUE(store().TombstonesAfter(0, 10)->empty());
  std::vector<Tombstone> stones = {Stone(anna_, 1), Stone(bela_, 2)};
  ASSERT_TRUE(store().Bury(stones).ok());
  EXPECT_EQ(stones[0].sequence, 1);
  EXPECT_EQ(stones[1].sequence, 2);
  Step();
  // Again, with another time and a new one: the first stays as it was.
  std::vector<Tombstone> again = {Stone(anna_, 1), Stone(anna_, 3)};
  again[0].time_ms = 99;
  ASSERT_TRUE(store().Bury(again).ok());
  EXPECT_EQ(again[0], stones[0]);
  EXPECT_EQ(again[1].sequence, 3);
  Step();
  EXPECT_EQ(*store().LastTombstone(), 3);
  EXPECT_EQ(*store().TombstonesAfter(1, 1), std::vector<Tombstone>{stones[1]});
  EXPECT_EQ(store().TombstonesAfter(1, 10)->size(), 2);
  EXPECT_EQ(store().TombstonesAfter(0, 10)->front(), stones[0]);
}

TEST_P(KeyStoreConformance, WhatIsUnfinishedIsListedUntilItIsFinished) {
  std::vector<Tombstone> stones = {Stone(anna_, 1), Stone(bela_, 2),
                                   Stone(anna_, 3)};
  ASSERT_TRUE(store().Bury(stones).ok());
  Step();
  EXPECT_EQ(store().Unfinished(std::nullopt)->size(), 3);
  EXPECT_EQ(*store().Unfinished(anna_),
            (std::vector<Tombstone>{stones[0], stones[2]}));
  ASSERT_TRUE(store().Finish(anna_, 1).ok());
  Step();
  EXPECT_EQ(*store().Unfinished(anna_), std::vector<Tombstone>{stones[2]});
  ASSERT_TRUE(store().Finish(anna_, 3).ok());
  EXPECT_EQ(*store().Unfinished(std::nullopt),
            std::vector<Tombstone>{stones[1]});
  Step();
  ASSERT_TRUE(store().Reopen().ok());
  Step();
  EXPECT_EQ(*store().Unfinished(std::nullopt), stones);
}

TEST_P(KeyStoreConformance, WhatIsFinishedStaysSoWhenItIsBuriedAgain) {
  std::vector<Tombstone> stones = {Stone(anna_, 1)};
  EXPECT_FALSE(*store().IsBuried(anna_, stones[0].row));
  ASSERT_TRUE(store().Bury(stones).ok());
  Step();
  EXPECT_TRUE(*store().IsBuried(anna_, stones[0].row));
  EXPECT_FALSE(*store().IsBuried(bela_, stones[0].row));
  EXPECT_FALSE(*store().IsBuried(anna_, Stone(anna_, 2).row));
  ASSERT_TRUE(store().Finish(anna_, 1).ok());
  Step();
  EXPECT_TRUE(*store().IsBuried(anna_, stones[0].row));
  std::vector<Tombstone> again = {Stone(anna_, 1)};
  again[0].time_ms = 99;
  ASSERT_TRUE(store().Bury(again).ok());
  Step();
  EXPECT_EQ(again, stones);
  EXPECT_TRUE(store().Unfinished(anna_)->empty());
  EXPECT_EQ(*store().TombstonesAfter(0, 10), stones);
}

TEST_P(KeyStoreConformance, APersonsTombstoneTakesEverySlotForEver) {
  SlotRow sealed = Device(anna_, 1);
  sealed.custody = Custody::kSealed;
  for (const SlotRow& row : {Slot(anna_, 1), Slot(anna_, 2), Device(anna_, 1),
                             sealed, Slot(bela_, 1)}) {
    ASSERT_TRUE(store().Insert(row).ok());
  }
  Step();
  CopyKeyRow copy_key;
  copy_key.owner = anna_;
  ASSERT_TRUE(store().InsertCopyKey(copy_key).ok());
  Step();
  Tombstone person = Stone(anna_, 0);
  person.kind = TombstoneKind::kPerson;
  person.row = {};
  ASSERT_TRUE(store().Bury({&person, 1}).ok());
  Step();
  EXPECT_TRUE(AllOf(anna_).empty());
  EXPECT_EQ(AllOf(bela_).size(), 1);
  EXPECT_EQ(store().Insert(Slot(anna_, 3)).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(*store().FindCopyKey(anna_, copy_key.record_key), std::nullopt);
  EXPECT_EQ(store().InsertCopyKey(copy_key).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(store().InsertBeside(Beside(SlotKind::kDevice, 1), 3).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(store().Insert(Slot(bela_, 2)).ok());
}

TEST_P(KeyStoreConformance, AdoptsWhatItHadForgotten) {
  ASSERT_TRUE(store().Insert(Slot(anna_, 1)).ok());
  ASSERT_TRUE(store().Insert(Slot(bela_, 1)).ok());
  Tombstone version = Stone(bela_, 7);
  version.sequence = 1;
  CopyKeyRow copy_key;
  copy_key.owner = anna_;
  ASSERT_TRUE(store().InsertCopyKey(copy_key).ok());
  Step();
  Tombstone person = Stone(anna_, 0);
  person.kind = TombstoneKind::kPerson;
  person.row = {};
  person.sequence = 2;
  const std::vector<Tombstone> forgotten = {version, person};
  Step();
  ASSERT_TRUE(store().Adopt(forgotten).ok());
  Step();
  EXPECT_EQ(*store().Unfinished(std::nullopt), forgotten);
  EXPECT_TRUE(AllOf(anna_).empty());
  EXPECT_EQ(*store().FindCopyKey(anna_, copy_key.record_key), std::nullopt);
  EXPECT_EQ(AllOf(bela_).size(), 1);
  EXPECT_EQ(store().Adopt(forgotten).code(), absl::StatusCode::kAlreadyExists);
  Step();
  EXPECT_EQ(*store().LastTombstone(), 2);
}

TEST_P(KeyStoreConformance, OfBurialsAtOnceNoneSharesANumber) {
  constexpr int kThreads = 4;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      Tombstone stone = Stone(anna_, static_cast<std::uint8_t>(i + 1));
      EXPECT_TRUE(store().Bury({&stone, 1}).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  Step();
  EXPECT_EQ(*store().LastTombstone(), kThreads);
  EXPECT_EQ(store().TombstonesAfter(0, 10)->size(), kThreads);
}

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_CONFORMANCE_VAULT_KEY_TOMBSTONE_CONFORMANCE_H_
