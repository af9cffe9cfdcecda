// What every vault::CopyStore must do.

#ifndef LIMPID_TESTS_CONFORMANCE_VAULT_COPY_STORE_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_VAULT_COPY_STORE_CONFORMANCE_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/conformance/vault/store_harness.h"
#include "tests/conformance/vault/vault_store_fixture.h"
#include "tests/testing/status_matchers.h"
#include "vault/custody/copy_store.h"

namespace limpid::vault {

class CopyStoreConformance
    : public ::testing::TestWithParam<Implementation<CopyStore>> {
 protected:
  void SetUp() override {
    if (!GetParam().absent.empty()) GTEST_SKIP() << GetParam().absent;
    harness_ = GetParam().make();
  }
  CopyStore& store() { return harness_->store(); }
  void Step() { harness_->Step(); }

  static CopyRow Row(const Owner& owner, std::uint8_t record,
                     std::uint8_t name) {
    CopyRow row;
    row.owner = owner;
    row.record_key = Sixteen(record);
    row.name_key = Sixteen(name);
    row.copy_id = Sixteen(9);
    row.version = 3;
    row.not_after_ms = 1'795'176'000'123;
    row.outer = {0, 255, record, name};
    return row;
  }
  std::optional<CopyRow> Find(const CopyRow& row) {
    return store().Find(row.owner, row.record_key, row.name_key).value();
  }

  std::unique_ptr<StoreHarness<CopyStore>> harness_;
  const Owner anna_{4095, HolderId(Sixteen(1))};
  const Owner bela_{0, HolderId(Sixteen(2))};
};

TEST_P(CopyStoreConformance, ACopyComesBackAndIsReplaced) {
  CopyRow row = Row(anna_, 1, 1);
  EXPECT_EQ(Find(row), std::nullopt);
  ASSERT_THAT(store().Put(row, 9), testing::IsOk());
  Step();
  EXPECT_EQ(Find(row), row);
  row.version = 4;
  row.copy_id = Sixteen(8);
  row.not_after_ms = 7;
  row.outer.assign(300'000, 1);
  ASSERT_THAT(store().Put(row, 9), testing::IsOk());
  Step();
  EXPECT_EQ(Find(row), row);
  EXPECT_EQ(Find(Row(anna_, 1, 2)), std::nullopt);
  EXPECT_EQ(Find(Row(anna_, 2, 1)), std::nullopt);
  EXPECT_EQ(Find(Row(bela_, 1, 1)), std::nullopt);
  EXPECT_EQ(Find(Row({4094, anna_.id}, 1, 1)), std::nullopt);
}

TEST_P(CopyStoreConformance, AnOwnerHasSoManyAndNoMore) {
  ASSERT_THAT(store().Put(Row(anna_, 1, 1), 2), testing::IsOk());
  ASSERT_THAT(store().Put(Row(anna_, 1, 2), 2), testing::IsOk());
  Step();
  EXPECT_THAT(store().Put(Row(anna_, 2, 1), 2),
              testing::StatusIs(absl::StatusCode::kResourceExhausted));
  // One in the place of another is not one more, nor is another person's.
  EXPECT_THAT(store().Put(Row(anna_, 1, 2), 2), testing::IsOk());
  EXPECT_THAT(store().Put(Row(bela_, 2, 1), 2), testing::IsOk());
  Step();
  EXPECT_EQ(Find(Row(anna_, 2, 1)), std::nullopt);
  EXPECT_EQ(store().Count(anna_).value(), 2);
  EXPECT_EQ(store().Count(bela_).value(), 1);
  EXPECT_EQ(store().Count({4094, anna_.id}).value(), 0);
  EXPECT_EQ(store().DeleteRecord(anna_, Sixteen(1)).value(), 2);
  EXPECT_THAT(store().Put(Row(anna_, 2, 1), 2), testing::IsOk());
}

TEST_P(CopyStoreConformance, DeletesARecordOrAVersionAndNothingElse) {
  for (const CopyRow& row : {Row(anna_, 1, 1), Row(anna_, 1, 2),
                             Row(anna_, 2, 1), Row(bela_, 1, 1)}) {
    ASSERT_THAT(store().Put(row, 9), testing::IsOk());
  }
  Step();
  EXPECT_EQ(store().DeleteRecord(anna_, Sixteen(1)).value(), 2);
  EXPECT_EQ(store().DeleteRecord(anna_, Sixteen(1)).value(), 0);
  Step();
  EXPECT_EQ(Find(Row(anna_, 1, 1)), std::nullopt);
  EXPECT_EQ(Find(Row(anna_, 1, 2)), std::nullopt);
  EXPECT_EQ(Find(Row(anna_, 2, 1)), Row(anna_, 2, 1));
  EXPECT_EQ(Find(Row(bela_, 1, 1)), Row(bela_, 1, 1));
  EXPECT_EQ(store().DeleteVersion(anna_, Sixteen(1), 2).value(), 0);
  EXPECT_EQ(store().DeleteVersion(anna_, Sixteen(1), 3).value(), 1);
  Step();
  EXPECT_EQ(Find(Row(anna_, 2, 1)), std::nullopt);
  EXPECT_EQ(Find(Row(bela_, 1, 1)), Row(bela_, 1, 1));
}

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_CONFORMANCE_VAULT_COPY_STORE_CONFORMANCE_H_
