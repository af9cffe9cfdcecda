// What every vault::TrailStore must do.

#ifndef LIMPID_TESTS_CONFORMANCE_VAULT_TRAIL_STORE_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_VAULT_TRAIL_STORE_CONFORMANCE_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/conformance/vault/store_harness.h"
#include "tests/testing/status_matchers.h"
#include "vault/trail/trail_store.h"

namespace limpid::vault {

class TrailStoreConformance
    : public ::testing::TestWithParam<Implementation<TrailStore>> {
 protected:
  void SetUp() override {
    if (!GetParam().absent.empty()) GTEST_SKIP() << GetParam().absent;
    harness_ = GetParam().make();
  }
  TrailStore& store() { return harness_->store(); }
  void Step() { harness_->Step(); }

  static TrailRow Row(std::uint64_t number, std::int64_t last_ms) {
    return {number, last_ms,
            base::Bytes(number, static_cast<std::uint8_t>(number))};
  }

  std::unique_ptr<StoreHarness<TrailStore>> harness_;
};

TEST_P(TrailStoreConformance, AnEmptyOneHasNothing) {
  EXPECT_FALSE(*store().Newest());
  EXPECT_TRUE(store().From(1, 10)->empty());
  EXPECT_EQ(*store().FirstSince(0), 0U);
}

TEST_P(TrailStoreConformance, RowsComeByNumberAndFromATimeOn) {
  for (std::uint64_t number = 1; number <= 3; ++number) {
    ASSERT_THAT(
        store().Insert(Row(number, static_cast<std::int64_t>(number * 100))),
        testing::IsOk());
    Step();
  }
  EXPECT_EQ(**store().Newest(), Row(3, 300));
  const auto two = *store().From(2, 2);
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[0], Row(2, 200));
  EXPECT_EQ(two[1], Row(3, 300));
  EXPECT_EQ(store().From(1, 2)->size(), 2U);
  EXPECT_TRUE(store().From(4, 2)->empty());
  EXPECT_EQ(*store().FirstSince(0), 1U);
  EXPECT_EQ(*store().FirstSince(200), 2U);
  EXPECT_EQ(*store().FirstSince(201), 3U);
  EXPECT_EQ(*store().FirstSince(301), 0U);
}

TEST_P(TrailStoreConformance, ANumberIsGivenOnce) {
  ASSERT_THAT(store().Insert(Row(1, 100)), testing::IsOk());
  EXPECT_THAT(store().Insert({1, 200, {}}),
              testing::StatusIs(absl::StatusCode::kAlreadyExists));
  Step();
  EXPECT_EQ(**store().Newest(), Row(1, 100));
}

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_CONFORMANCE_VAULT_TRAIL_STORE_CONFORMANCE_H_
