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
