// What every vault::CopyStore must do.

#ifndef LIMPID_TESTS_CONFORMANCE_VAULT_COPY_STORE_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_VAULT_COPY_STORE_CONFORMANCE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/conformance/vault/store_harness.h"
#include "tests/conformance/vault/vault_store_fixture.h"
#include "tests/testing/status_matchers.h"
#include "vault/attribute/vault_store.h"
#include "vault/custody/copy_store.h"

namespace limpid::vault {

// With the values of the same database.
struct CopyRoom {
  std::unique_ptr<CopyStore> copies;
  std::unique_ptr<VaultStore> values;
};

class CopyStoreConformance
    : public ::testing::TestWithParam<Implementation<CopyRoom>> {
 protected:
  void SetUp() override {
    if (!GetParam().absent.empty()) GTEST_SKIP() << GetParam().absent;
    harness_ = GetParam().make();
  }
  CopyStore& store() { return *harness_->store().copies; }
  VaultStore& values() { return *harness_->store().values; }
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

  std::unique_ptr<StoreHarness<CopyRoom>> harness_;
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

TEST_P(CopyStoreConformance, RecordsAreThoseThatHaveCopies) {
  EXPECT_TRUE(store().Records(anna_)->empty());
  for (const CopyRow& row : {Row(anna_, 2, 1), Row(anna_, 1, 1),
                             Row(anna_, 2, 5), Row(bela_, 3, 1)}) {
    ASSERT_THAT(store().Put(row, 9), testing::IsOk());
  }
  Step();
  EXPECT_EQ(*store().Records(anna_),
            (std::vector<RecordKey>{Sixteen(1), Sixteen(2)}));
  ASSERT_THAT(store().DeleteRecord(anna_, Sixteen(2)), testing::IsOk());
  Step();
  EXPECT_EQ(*store().Records(anna_), std::vector<RecordKey>{Sixteen(1)});
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
  EXPECT_EQ(store().UsageOf(anna_)->copies, 2);
  EXPECT_EQ(store().UsageOf(bela_)->copies, 1);
  EXPECT_EQ(*store().UsageOf({4094, anna_.id}), CopyUsage());
  EXPECT_EQ(store().DeleteRecord(anna_, Sixteen(1)).value(), 2);
  EXPECT_THAT(store().Put(Row(anna_, 2, 1), 2), testing::IsOk());
}

TEST_P(CopyStoreConformance, WhatAPersonKeepsIsCopiesAndValues) {
  AttributeRow value;
  value.owner = anna_;
  value.version = 1;
  value.payload.assign(100, 7);
  ASSERT_THAT(values().Write([&](VaultTransaction& transaction) {
    return transaction.Insert(value);
  }),
              testing::IsOk());
  CopyRow large = Row(anna_, 1, 1);
  large.outer.assign(300'000, 1);
  ASSERT_THAT(store().Put(large, 9), testing::IsOk());
  ASSERT_THAT(store().Put(Row(anna_, 1, 2), 9), testing::IsOk());
  ASSERT_THAT(store().Put(Row(bela_, 1, 2), 9), testing::IsOk());
  Step();
  EXPECT_EQ(*store().UsageOf(anna_), (CopyUsage{2, 300'004}));
  EXPECT_EQ(*values().UsageOf(anna_), (Usage{1, 300'104, 300'004, 1}));
  EXPECT_EQ(*values().UsageOf(bela_), (Usage{0, 4, 4}));
}

TEST_P(CopyStoreConformance, DeletesWhatIsOverAndSaysWhose) {
  CopyRow over = Row(anna_, 1, 1);
  over.not_after_ms = 1'000;
  CopyRow over_too = Row(anna_, 1, 2);
  over_too.not_after_ms = 999;
  CopyRow later = Row(bela_, 1, 1);
  later.not_after_ms = 1'001;
  for (const CopyRow& row : {over, over_too, later}) {
    ASSERT_THAT(store().Put(row, 9), testing::IsOk());
  }
  Step();
  EXPECT_TRUE(store().DeleteOver(998)->empty());
  EXPECT_EQ(*store().DeleteOver(1'000), std::vector<Owner>{anna_});
  Step();
  EXPECT_EQ(Find(over), std::nullopt);
  EXPECT_EQ(Find(over_too), std::nullopt);
  EXPECT_EQ(Find(later), later);
  EXPECT_TRUE(store().DeleteOver(1'000)->empty());
}

TEST_P(CopyStoreConformance, DeletesThisVeryCopyAndNotTheOneInItsPlace) {
  const CopyRow first = Row(anna_, 1, 1);
  CopyRow second = first;
  second.copy_id = Sixteen(8);
  ASSERT_THAT(store().Put(second, 9), testing::IsOk());
  ASSERT_THAT(store().Put(Row(anna_, 1, 2), 9), testing::IsOk());
  Step();
  EXPECT_THAT(store().Delete(first), testing::IsOk());
  Step();
  EXPECT_EQ(Find(second), second);
  EXPECT_THAT(store().Delete(second), testing::IsOk());
  Step();
  EXPECT_EQ(Find(second), std::nullopt);
  EXPECT_EQ(Find(Row(anna_, 1, 2)), Row(anna_, 1, 2));
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
