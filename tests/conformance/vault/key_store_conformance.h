// What every vault::KeyStore must do.

#ifndef LIMPID_TESTS_CONFORMANCE_VAULT_KEY_STORE_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_VAULT_KEY_STORE_CONFORMANCE_H_

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/conformance/vault/store_harness.h"
#include "tests/testing/status_matchers.h"
#include "vault/keys/key_store.h"

namespace limpid::vault {

class KeyStoreConformance
    : public ::testing::TestWithParam<Implementation<KeyStore>> {
 protected:
  void SetUp() override {
    if (!GetParam().absent.empty()) GTEST_SKIP() << GetParam().absent;
    harness_ = GetParam().make();
  }
  KeyStore& store() { return harness_->store(); }
  void Step() { harness_->Step(); }

  static SlotRow Slot(const Owner& owner, std::uint32_t generation) {
    SlotRow row;
    row.owner = owner;
    row.generation = generation;
    row.key_id.fill(static_cast<std::uint8_t>(generation));
    row.epoch = 7;
    row.created_ms = 1'795'176'000'123;
    row.outer = {0, 255, 0};
    return row;
  }

  // Of both her keys.
  std::vector<SlotRow> AllOf(const Owner& owner) {
    std::vector<SlotRow> out = store().List(owner, Custody::kAssisted).value();
    const auto sealed = store().List(owner, Custody::kSealed).value();
    out.insert(out.end(), sealed.begin(), sealed.end());
    return out;
  }
  // A slot of Anna's sealed key.
  SlotRow Beside(SlotKind kind, std::uint8_t id) const {
    SlotRow row = Slot(anna_, 1);
    row.custody = Custody::kSealed;
    row.slot_kind = kind;
    row.slot_id.fill(id);
    row.outer = {id, 0};
    return row;
  }
  static SlotKey KeyOf(const SlotRow& row) {
    return {row.owner, row.custody, row.generation, row.slot_kind, row.slot_id};
  }
  static SlotRow Device(const Owner& owner, std::uint32_t generation) {
    SlotRow row = Slot(owner, generation);
    row.slot_kind = SlotKind::kDevice;
    row.slot_id.fill(3);
    return row;
  }
  static Tombstone Stone(const Owner& owner, std::uint8_t row) {
    Tombstone stone;
    stone.owner = owner;
    stone.row.fill(row);
    stone.time_ms = 1'795'176'000'123;
    return stone;
  }

  std::unique_ptr<StoreHarness<KeyStore>> harness_;
  const Owner anna_{4095, HolderId({1})};
  const Owner bela_{0, HolderId({2})};
};

TEST_P(KeyStoreConformance, FindsTheNewestOrOneGeneration) {
  EXPECT_EQ(*store().FindServerSlot(anna_, 0), std::nullopt);
  ASSERT_TRUE(store().Insert(Slot(anna_, 2)).ok());
  Step();
  ASSERT_TRUE(store().Insert(Slot(anna_, 1)).ok());
  Step();
  EXPECT_EQ(*store().FindServerSlot(anna_, 0), Slot(anna_, 2));
  EXPECT_EQ(*store().FindServerSlot(anna_, 1), Slot(anna_, 1));
  EXPECT_EQ(*store().FindServerSlot(anna_, 3), std::nullopt);
  EXPECT_EQ(*store().FindServerSlot(bela_, 0), std::nullopt);
  EXPECT_EQ(*store().FindServerSlot({4094, anna_.id}, 0), std::nullopt);
}

TEST_P(KeyStoreConformance, ASlotIsNeverReplaced) {
  ASSERT_TRUE(store().Insert(Slot(anna_, 1)).ok());
  Step();
  SlotRow other = Slot(anna_, 1);
  other.outer = {1};
  EXPECT_EQ(store().Insert(other).code(), absl::StatusCode::kAlreadyExists);
  Step();
  EXPECT_EQ(*store().FindServerSlot(anna_, 1), Slot(anna_, 1));
}

TEST_P(KeyStoreConformance, OtherKindsAndCustodiesAreNoServerSlots) {
  SlotRow device = Slot(anna_, 1);
  device.slot_kind = SlotKind::kDevice;
  device.slot_id.fill(3);
  SlotRow sealed = Slot(anna_, 1);
  sealed.custody = Custody::kSealed;
  ASSERT_TRUE(store().Insert(device).ok());
  ASSERT_TRUE(store().Insert(sealed).ok());
  Step();
  EXPECT_EQ(*store().FindServerSlot(anna_, 0), std::nullopt);
  EXPECT_EQ(*store().FindServerSlot(anna_, 1), std::nullopt);
}

TEST_P(KeyStoreConformance, SlotsOfOneKeyStandBesideOneAnother) {
  const SlotRow paper = Beside(SlotKind::kRecovery, 9);
  const SlotRow second = Beside(SlotKind::kDevice, 200);
  const SlotRow first = Beside(SlotKind::kDevice, 1);
  for (const SlotRow& row : {paper, second, first}) {
    ASSERT_THAT(store().InsertBeside(row, 3), testing::IsOk());
    Step();
  }
  // The server's slot of the other key is none of these.
  ASSERT_THAT(store().Insert(Slot(anna_, 1)), testing::IsOk());
  Step();
  EXPECT_EQ(*store().List(anna_, Custody::kSealed),
            (std::vector<SlotRow>{first, second, paper}));
  EXPECT_EQ(*store().List(anna_, Custody::kAssisted),
            (std::vector<SlotRow>{Slot(anna_, 1)}));
  EXPECT_TRUE(store().List(bela_, Custody::kSealed)->empty());
  EXPECT_TRUE(store().List({4094, anna_.id}, Custody::kSealed)->empty());
}

TEST_P(KeyStoreConformance, ASlotOfAnotherKeyIsRefused) {
  ASSERT_THAT(store().InsertBeside(Beside(SlotKind::kDevice, 1), 3),
              testing::IsOk());
  Step();
  SlotRow other_key = Beside(SlotKind::kDevice, 2);
  other_key.key_id.fill(77);
  SlotRow other_generation = Beside(SlotKind::kDevice, 2);
  other_generation.generation = 2;
  for (const SlotRow& row : {other_key, other_generation}) {
    EXPECT_THAT(store().InsertBeside(row, 3),
                testing::StatusIs(absl::StatusCode::kFailedPrecondition));
    Step();
  }
  // Another person's, and the assisted key of the same, are other keys.
  other_key.owner = bela_;
  EXPECT_THAT(store().InsertBeside(other_key, 3), testing::IsOk());
  other_generation.custody = Custody::kAssisted;
  EXPECT_THAT(store().InsertBeside(other_generation, 3), testing::IsOk());
  Step();
  EXPECT_EQ(store().List(anna_, Custody::kSealed)->size(), 1);
}

TEST_P(KeyStoreConformance, SlotsAreCountedAndNeverReplaced) {
  ASSERT_THAT(store().InsertBeside(Beside(SlotKind::kDevice, 1), 2),
              testing::IsOk());
  ASSERT_THAT(store().InsertBeside(Beside(SlotKind::kDevice, 2), 2),
              testing::IsOk());
  Step();
  EXPECT_THAT(store().InsertBeside(Beside(SlotKind::kDevice, 3), 2),
              testing::StatusIs(absl::StatusCode::kResourceExhausted));
  SlotRow again = Beside(SlotKind::kDevice, 2);
  again.outer = {9};
  EXPECT_THAT(store().InsertBeside(again, 9),
              testing::StatusIs(absl::StatusCode::kAlreadyExists));
  Step();
  EXPECT_EQ(*store().List(anna_, Custody::kSealed),
            (std::vector<SlotRow>{Beside(SlotKind::kDevice, 1),
                                  Beside(SlotKind::kDevice, 2)}));
}

TEST_P(KeyStoreConformance, DeletesOneSlotButNeverTheLast) {
  const SlotRow first = Beside(SlotKind::kDevice, 1);
  const SlotRow second = Beside(SlotKind::kRecovery, 1);
  ASSERT_THAT(store().InsertBeside(first, 3), testing::IsOk());
  ASSERT_THAT(store().InsertBeside(second, 3), testing::IsOk());
  Step();
  SlotKey absent = KeyOf(first);
  absent.slot_id.fill(5);
  EXPECT_THAT(store().Delete(absent),
              testing::StatusIs(absl::StatusCode::kNotFound));
  SlotKey foreign = KeyOf(first);
  foreign.owner = bela_;
  EXPECT_THAT(store().Delete(foreign),
              testing::StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store().Delete(KeyOf(first)), testing::IsOk());
  Step();
  EXPECT_EQ(*store().List(anna_, Custody::kSealed),
            std::vector<SlotRow>{second});
  EXPECT_THAT(store().Delete(KeyOf(first)),
              testing::StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store().Delete(KeyOf(second)),
              testing::StatusIs(absl::StatusCode::kFailedPrecondition));
  Step();
  EXPECT_EQ(*store().List(anna_, Custody::kSealed),
            std::vector<SlotRow>{second});
}

TEST_P(KeyStoreConformance, OfTwoKeysMadeAtOnceOneIsTheKey) {
  std::vector<absl::Status> results(4);
  std::vector<std::thread> threads;
  for (std::uint8_t i = 0; i < 4; ++i) {
    threads.emplace_back([this, i, &results] {
      SlotRow row = Beside(SlotKind::kDevice, i);
      row.key_id.fill(static_cast<std::uint8_t>(i + 1));
      results[i] = store().InsertBeside(row, 16);
    });
  }
  for (std::thread& thread : threads) thread.join();
  int won = 0;
  for (const absl::Status& result : results) {
    if (result.ok()) ++won;
  }
  EXPECT_EQ(won, 1);
  EXPECT_EQ(store().List(anna_, Custody::kSealed)->size(), 1);
}

TEST_P(KeyStoreConformance, KeysOfCopiesAreFoundUntilDestroyed) {
  CopyKeyRow row;
  row.owner = anna_;
  row.record_key.fill(3);
  row.key_id.fill(4);
  row.epoch = 7;
  row.created_ms = 1'795'176'000'123;
  row.outer = {0, 255, 0};
  EXPECT_EQ(*store().FindCopyKey(anna_, row.record_key), std::nullopt);
  EXPECT_THAT(store().DestroyCopyKey(anna_, row.record_key), testing::IsOk());
  ASSERT_THAT(store().InsertCopyKey(row), testing::IsOk());
  Step();
  CopyKeyRow other = row;
  other.outer = {1};
  EXPECT_THAT(store().InsertCopyKey(other),
              testing::StatusIs(absl::StatusCode::kAlreadyExists));
  CopyKeyRow belas = row;
  belas.owner = bela_;
  ASSERT_THAT(store().InsertCopyKey(belas), testing::IsOk());
  Step();
  EXPECT_EQ(*store().FindCopyKey(anna_, row.record_key), row);
  EXPECT_EQ(*store().FindCopyKey(anna_, belas.key_id), std::nullopt);
  EXPECT_EQ(*store().CopyKeyRecords(anna_),
            std::vector<RecordKey>{row.record_key});
  EXPECT_TRUE(store().CopyKeyRecords({4094, anna_.id})->empty());
  // Those that are there.
  const std::vector<RecordKey> gone = {Sixteen(0xee), row.record_key};
  ASSERT_THAT(store().DestroyCopyKeys({4094, anna_.id}, gone), testing::IsOk());
  EXPECT_EQ(*store().FindCopyKey(anna_, row.record_key), row);
  ASSERT_THAT(store().DestroyCopyKeys(anna_, gone), testing::IsOk());
  Step();
  EXPECT_TRUE(store().CopyKeyRecords(anna_)->empty());
  EXPECT_EQ(*store().FindCopyKey(bela_, row.record_key), belas);
  ASSERT_THAT(store().InsertCopyKey(row), testing::IsOk());
  Step();
  ASSERT_THAT(store().DestroyCopyKey(anna_, row.record_key), testing::IsOk());
  Step();
  EXPECT_EQ(*store().FindCopyKey(anna_, row.record_key), std::nullopt);
  EXPECT_EQ(*store().FindCopyKey(bela_, row.record_key), belas);
  ASSERT_THAT(store().InsertCopyKey(other), testing::IsOk());
  Step();
  EXPECT_EQ(*store().FindCopyKey(anna_, row.record_key), other);
}

TEST_P(KeyStoreConformance, OfInsertsAtOnceOneWins) {
  std::atomic<int> won = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      if (store().Insert(Slot(anna_, 1)).ok()) ++won;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
}

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_CONFORMANCE_VAULT_KEY_STORE_CONFORMANCE_H_
