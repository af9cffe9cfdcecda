// What every vault::KeyStore must do for epochs of key-encryption keys.

#ifndef LIMPID_TESTS_CONFORMANCE_VAULT_KEY_EPOCH_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_VAULT_KEY_EPOCH_CONFORMANCE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "gtest/gtest.h"
#include "tests/conformance/vault/key_store_conformance.h"
#include "tests/testing/status_matchers.h"
#include "vault/keys/key_store.h"

namespace limpid::vault {

TEST_P(KeyStoreConformance, WrapsAreReplacedOnlyWhereTheyAreAsTheyWereRead) {
  CopyKeyRow copies;
  copies.owner = bela_;
  copies.record_key.fill(3);
  copies.key_id.fill(4);
  copies.epoch = 6;
  copies.outer = {5};
  ASSERT_THAT(store().Insert(Slot(anna_, 1)), testing::IsOk());
  ASSERT_THAT(store().InsertBeside(Beside(SlotKind::kDevice, 1), 3),
              testing::IsOk());
  ASSERT_THAT(store().InsertCopyKey(copies), testing::IsOk());
  Step();
  const auto anew = [](auto row) {
    row.epoch = 9;
    row.outer = {9, 9};
    return row;
  };
  const SlotRow device = Beside(SlotKind::kDevice, 1);
  SlotRow stale = device;
  stale.outer = {77};
  const std::vector<KeyStore::SlotChange> slots = {
      {Slot(anna_, 1), anew(Slot(anna_, 1))},
      {stale, anew(stale)},
      {Slot(anna_, 2), anew(Slot(anna_, 2))}};
  const std::vector<KeyStore::CopyKeyChange> copy_keys = {
      {copies, anew(copies)}};
  EXPECT_EQ(*store().Replace(slots, copy_keys), 2);
  Step();
  EXPECT_EQ(AllOf(anna_), (std::vector<SlotRow>{anew(Slot(anna_, 1)), device}));
  EXPECT_EQ(*store().FindCopyKey(bela_, copies.record_key), anew(copies));
  // Both are as they were read no more.
  EXPECT_EQ(*store().Replace(slots, copy_keys), 0);
}

TEST_P(KeyStoreConformance, SaysWhatIsUnderWhichEpoch) {
  EXPECT_TRUE(store().EpochUses()->empty());
  EXPECT_TRUE(store().ShardsBelowEpoch(100)->empty());
  CopyKeyRow copies;
  copies.owner = bela_;
  copies.record_key.fill(3);
  copies.epoch = 6;
  SlotRow newer = Slot(bela_, 2);
  newer.epoch = 8;
  ASSERT_THAT(store().Insert(Slot(anna_, 1)), testing::IsOk());
  ASSERT_THAT(store().Insert(Slot(anna_, 2)), testing::IsOk());
  ASSERT_THAT(store().Insert(newer), testing::IsOk());
  ASSERT_THAT(store().InsertCopyKey(copies), testing::IsOk());
  Step();
  EXPECT_EQ(*store().EpochUses(),
            (std::vector<EpochUse>{{6, 0, 1}, {7, 2, 0}, {8, 1, 0}}));
  using Shards = std::vector<std::uint16_t>;
  EXPECT_EQ(*store().ShardsBelowEpoch(6), Shards());
  EXPECT_EQ(*store().ShardsBelowEpoch(7), Shards({0}));
  EXPECT_EQ(*store().ShardsBelowEpoch(8), Shards({0, 4095}));
  EXPECT_EQ(*store().SlotsBelowEpoch(4095, 8, 0, 9),
            (std::vector<SlotRow>{Slot(anna_, 1), Slot(anna_, 2)}));
  EXPECT_EQ(*store().SlotsBelowEpoch(4095, 8, 0, 1),
            (std::vector<SlotRow>{Slot(anna_, 1)}));
  EXPECT_EQ(*store().SlotsBelowEpoch(4095, 8, 1, 9),
            (std::vector<SlotRow>{Slot(anna_, 2)}));
  EXPECT_TRUE(store().SlotsBelowEpoch(4095, 8, 2, 9)->empty());
  EXPECT_TRUE(store().CopyKeysBelowEpoch(0, 7, 1, 9)->empty());
  EXPECT_TRUE(store().SlotsBelowEpoch(4095, 7, 0, 9)->empty());
  EXPECT_TRUE(store().SlotsBelowEpoch(0, 8, 0, 9)->empty());
  EXPECT_EQ(*store().CopyKeysBelowEpoch(0, 7, 0, 9),
            (std::vector<CopyKeyRow>{copies}));
  EXPECT_TRUE(store().CopyKeysBelowEpoch(0, 6, 0, 9)->empty());
  EXPECT_EQ(*store().DestroyCopyKeysOf(7), 0);
  EXPECT_EQ(*store().DestroyCopyKeysOf(6), 1);
  Step();
  EXPECT_EQ(*store().FindCopyKey(bela_, copies.record_key), std::nullopt);
}

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_CONFORMANCE_VAULT_KEY_EPOCH_CONFORMANCE_H_
