// What every vault::VaultStore must do.

#ifndef LIMPID_TESTS_CONFORMANCE_VAULT_VAULT_STORE_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_VAULT_VAULT_STORE_CONFORMANCE_H_

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "gtest/gtest.h"
#include "tests/conformance/vault/vault_store_fixture.h"
#include "tests/testing/status_matchers.h"
#include "vault/attribute/vault_store.h"

namespace limpid::vault {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

TEST_P(VaultStoreConformance, AnEmptyStoreHasNothing) {
  const NameKey name = Sixteen(5);
  EXPECT_EQ(*store().Newest(anna_, {&name, 1}),
            std::vector<std::optional<AttributeRow>>(1));
  EXPECT_EQ(*store().Find(anna_, name, 1), std::nullopt);
  EXPECT_EQ(*store().HighestVersion(anna_, name), 0);
  EXPECT_EQ(*store().FindByRequest(anna_, Sixteen(5)), std::nullopt);
  EXPECT_TRUE(store().ListNewest(anna_)->empty());
  EXPECT_TRUE(store().History(anna_, name, 0, 10)->empty());
  EXPECT_TRUE(store().Outlines(anna_, name, 0, 10)->empty());
  EXPECT_EQ(*store().Head(), LogHead());
  EXPECT_EQ(*store().FindAct({anna_, name, 1, ActKind::kPut}), std::nullopt);
  EXPECT_TRUE(store().ActsFrom(0, 10)->empty());
  EXPECT_TRUE(store().ListDefinitions()->empty());
  EXPECT_TRUE(store().Newest(anna_, {})->empty());
}

TEST_P(VaultStoreConformance, ARowComesBackAsItWas) {
  AttributeRow row = Row(anna_, 5, 1);
  row.custody = Custody::kSealed;
  ASSERT_THAT(Insert(row), IsOk());
  Step();
  EXPECT_EQ(*store().Find(anna_, row.name_key, 1), row);
  EXPECT_EQ(*store().FindByRequest(anna_, row.request_key), row);
  EXPECT_EQ(store().Newest(anna_, {&row.name_key, 1})->front(), row);
  EXPECT_EQ(store().ListNewest(anna_)->front(), OutlineOf(row));
  EXPECT_EQ(store().History(anna_, row.name_key, 0, 1)->front(),
            OutlineOf(row));
}

TEST_P(VaultStoreConformance, EmptyAndMaximalColumns) {
  AttributeRow row = Row(anna_, 5, 1);
  row.label.clear();
  row.wrap.clear();
  row.payload.assign(kMaxValueBytes + 200, 0);
  ASSERT_THAT(Insert(row), IsOk());
  Step();
  EXPECT_EQ(*store().Find(anna_, row.name_key, 1), row);
}

TEST_P(VaultStoreConformance, OwnersAreApart) {
  ASSERT_THAT(Insert(Row(anna_, 5, 1)), IsOk());
  Step();
  const AttributeRow hers = Row(bela_, 5, 1);
  ASSERT_THAT(Insert(hers), IsOk());
  Step();
  EXPECT_EQ(store().Find(bela_, hers.name_key, 1)->value().owner, bela_);
  EXPECT_EQ(store().ListNewest(bela_)->size(), 1);
  // The same holder in another shard is another owner.
  EXPECT_TRUE(store().ListNewest({4094, anna_.id})->empty());
}

TEST_P(VaultStoreConformance, UsageCountsAllVersionsAndKeptBytes) {
  EXPECT_EQ(*store().UsageOf(anna_), Usage());
  AttributeRow large = Row(anna_, 6, 1);
  large.payload.assign(kMaxValueBytes + 200, 0);
  ASSERT_THAT(Insert(Row(anna_, 5, 1)), IsOk());
  ASSERT_THAT(Insert(Row(anna_, 5, 2)), IsOk());
  ASSERT_THAT(Insert(large), IsOk());
  ASSERT_THAT(Insert(Row(bela_, 5, 1)), IsOk());
  Step();
  const std::uint64_t small = Row(anna_, 5, 1).payload.size();
  ASSERT_GT(small, 0U);
  EXPECT_EQ(*store().UsageOf(anna_),
            (Usage{3, 2 * small + large.payload.size(), 0, 3}));
  EXPECT_EQ(*store().UsageOf(bela_), (Usage{1, small, 0, 1}));
  ASSERT_THAT(Erase(large, 8), IsOk());
  Step();
  EXPECT_EQ(*store().UsageOf(anna_), (Usage{3, 2 * small, 0, 2}));
  // Inside a transaction, with what it has done.
  EXPECT_THAT(store().Write([&](VaultTransaction& transaction) {
    LIMPID_RETURN_IF_ERROR(transaction.Insert(Row(anna_, 5, 3)));
    EXPECT_EQ(*transaction.UsageOf(anna_), (Usage{4, 3 * small, 0, 3}));
    return absl::AbortedError("taken back");
  }),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(*store().UsageOf(anna_), (Usage{3, 2 * small, 0, 2}));
}

TEST_P(VaultStoreConformance, VersionsAndRequestsAreUnique) {
  ASSERT_THAT(Insert(Row(anna_, 5, 1)), IsOk());
  Step();
  AttributeRow same_version = Row(anna_, 5, 1);
  same_version.request_key = Sixteen(77);
  EXPECT_THAT(Insert(same_version), StatusIs(absl::StatusCode::kAlreadyExists));
  Step();
  AttributeRow same_request = Row(anna_, 6, 1);
  same_request.request_key = Row(anna_, 5, 1).request_key;
  EXPECT_THAT(Insert(same_request), StatusIs(absl::StatusCode::kAlreadyExists));
  Step();
  EXPECT_EQ(*store().FindByRequest(anna_, Sixteen(77)), std::nullopt);
  EXPECT_EQ(store().ListNewest(anna_)->size(), 1);
}

TEST_P(VaultStoreConformance, NewestIsTheHighestKeptInTheOrderAsked) {
  for (std::uint64_t version = 1; version <= 3; ++version) {
    ASSERT_THAT(Insert(Row(anna_, 5, version)), IsOk());
  }
  ASSERT_THAT(Insert(Row(anna_, 4, 1)), IsOk());
  Step();
  ASSERT_THAT(Erase(Row(anna_, 5, 3), 8), IsOk());
  Step();
  const std::vector<NameKey> names = {Sixteen(5), Sixteen(6), Sixteen(4)};
  const auto rows = store().Newest(anna_, names);
  ASSERT_THAT(rows, IsOk());
  ASSERT_EQ(rows->size(), 3);
  EXPECT_EQ((*rows)[0], Row(anna_, 5, 2));
  EXPECT_EQ((*rows)[1], std::nullopt);
  EXPECT_EQ((*rows)[2], Row(anna_, 4, 1));
  EXPECT_EQ(*store().HighestVersion(anna_, names[0]), 3);
  const auto list = store().ListNewest(anna_);
  ASSERT_EQ(list->size(), 2);
  EXPECT_EQ((*list)[0], OutlineOf(Row(anna_, 4, 1)));
  EXPECT_EQ((*list)[1], OutlineOf(Row(anna_, 5, 2)));
}

TEST_P(VaultStoreConformance, HistoryIsNewestFirstAndHalfOpen) {
  for (std::uint64_t version = 1; version <= 4; ++version) {
    ASSERT_THAT(Insert(Row(anna_, 5, version)), IsOk());
  }
  ASSERT_THAT(Erase(Row(anna_, 5, 3), 8), IsOk());
  Step();
  const auto all = store().History(anna_, Sixteen(5), 0, 10);
  ASSERT_EQ(all->size(), 4);
  EXPECT_EQ((*all)[0].version, 4);
  EXPECT_EQ((*all)[0], OutlineOf(Row(anna_, 5, 4)));
  EXPECT_EQ((*all)[1].state, RowState::kErased);
  EXPECT_EQ((*all)[1].erase_ms, 8);
  EXPECT_EQ((*all)[1].label, Row(anna_, 5, 3).label);
  const auto some = store().History(anna_, Sixteen(5), 4, 2);
  ASSERT_EQ(some->size(), 2);
  EXPECT_EQ((*some)[0].version, 3);
  EXPECT_EQ((*some)[1].version, 2);
  EXPECT_TRUE(store().History(anna_, Sixteen(5), 1, 2)->empty());
}

TEST_P(VaultStoreConformance, OutlinesAreKeptRowsWithoutTheirValues) {
  for (std::uint64_t version = 1; version <= 5; ++version) {
    ASSERT_THAT(Insert(Row(anna_, 5, version)), IsOk());
  }
  ASSERT_THAT(Insert(Row(anna_, 6, 1)), IsOk());
  ASSERT_THAT(Insert(Row(bela_, 5, 1)), IsOk());
  ASSERT_THAT(Erase(Row(anna_, 5, 3), 8), IsOk());
  Step();
  const auto outline = [&](std::uint64_t version) {
    return OutlineOf(Row(anna_, 5, version));
  };
  const auto outlines = [&](std::uint64_t before, std::size_t limit) {
    return *store().Outlines(anna_, Sixteen(5), before, limit);
  };
  using Rows = std::vector<AttributeRow>;
  EXPECT_EQ(outlines(0, 10),
            (Rows{outline(5), outline(4), outline(2), outline(1)}));
  // An erased one takes no place of those asked for.
  EXPECT_EQ(outlines(0, 3), (Rows{outline(5), outline(4), outline(2)}));
  EXPECT_EQ(outlines(4, 1), (Rows{outline(2)}));
  EXPECT_EQ(outlines(2, 10), (Rows{outline(1)}));
  EXPECT_TRUE(outlines(1, 10).empty());
  EXPECT_TRUE(outlines(0, 0).empty());
}

TEST_P(VaultStoreConformance, EraseEmptiesOnceAndOnlyWhatIsThere) {
  const AttributeRow row = Row(anna_, 5, 1);
  EXPECT_THAT(Erase(row, 8), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(Insert(row), IsOk());
  Step();
  EXPECT_THAT(Erase(Row(anna_, 5, 2), 8),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Erase(Row(bela_, 5, 1), 8),
              StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(Erase(row, 8), IsOk());
  Step();
  EXPECT_THAT(Erase(row, 9), StatusIs(absl::StatusCode::kNotFound));
  Step();
  AttributeRow erased = row;
  erased.state = RowState::kErased;
  erased.erase_ms = 8;
  erased.wrap.clear();
  erased.payload.clear();
  EXPECT_EQ(*store().Find(anna_, row.name_key, 1), erased);
  EXPECT_EQ(*store().FindByRequest(anna_, row.request_key), erased);
  EXPECT_TRUE(store().ListNewest(anna_)->empty());
}

TEST_P(VaultStoreConformance, ActsCountWithoutGaps) {
  EXPECT_THAT(Append(Act(2, anna_)), StatusIs(absl::StatusCode::kAborted));
  ASSERT_THAT(Append(Act(1, anna_)), IsOk());
  Step();
  EXPECT_THAT(Append(Act(1, anna_)), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(Append(Act(3, anna_)), StatusIs(absl::StatusCode::kAborted));
  ASSERT_THAT(Append(Act(2, Owner())), IsOk());
  Step();
  EXPECT_EQ(*store().Head(), (LogHead{2, Act(2, Owner()).head}));
  const auto acts = store().ActsFrom(1, 10);
  ASSERT_EQ(acts->size(), 2);
  EXPECT_EQ((*acts)[0], Act(1, anna_));
  EXPECT_EQ((*acts)[1], Act(2, Owner()));
  EXPECT_EQ(store().ActsFrom(2, 10)->size(), 1);
  EXPECT_EQ(store().ActsFrom(1, 1)->size(), 1);
  EXPECT_TRUE(store().ActsFrom(3, 10)->empty());
  EXPECT_EQ(*store().FindAct({anna_, Sixteen(9), 1, ActKind::kPut}),
            Act(1, anna_));
  EXPECT_EQ(*store().FindAct({anna_, Sixteen(9), 1, ActKind::kErase}),
            std::nullopt);
  EXPECT_EQ(*store().FindAct({bela_, Sixteen(9), 1, ActKind::kPut}),
            std::nullopt);
}

TEST_P(VaultStoreConformance, DefinitionsKeepVersionsAndCase) {
  const auto insert = [&](const DefinitionRow& row) {
    return store().Write([&](VaultTransaction& transaction) {
      return transaction.InsertDefinition(row);
    });
  };
  const std::string body("{\"a\":\"\\u0000\"}\0x", 16);
  ASSERT_THAT(insert({"b.c", 2, body}), IsOk());
  ASSERT_THAT(insert({"b.c", 1, ""}), IsOk());
  Step();
  ASSERT_THAT(insert({"B.c", 1, "{}"}), IsOk());
  EXPECT_THAT(insert({"b.c", 1, "{}"}),
              StatusIs(absl::StatusCode::kAlreadyExists));
  Step();
  const auto rows = store().ListDefinitions();
  ASSERT_EQ(rows->size(), 3);
  EXPECT_EQ((*rows)[0].id, "B.c");
  EXPECT_EQ((*rows)[1], (DefinitionRow{"b.c", 1, ""}));
  EXPECT_EQ((*rows)[2], (DefinitionRow{"b.c", 2, body}));
}

TEST_P(VaultStoreConformance, AFailedWriteLeavesNothing) {
  ASSERT_THAT(Insert(Row(anna_, 5, 1)), IsOk());
  Step();
  const absl::Status status =
      store().Write([&](VaultTransaction& transaction) -> absl::Status {
        LIMPID_RETURN_IF_ERROR(transaction.Insert(Row(anna_, 5, 2)));
        LIMPID_RETURN_IF_ERROR(transaction.Erase(anna_, Sixteen(5), 1, 8));
        LIMPID_RETURN_IF_ERROR(transaction.AppendAct(Act(1, anna_)));
        LIMPID_RETURN_IF_ERROR(transaction.InsertDefinition({"a.b", 1, "{}"}));
        // The transaction sees what it has done.
        EXPECT_EQ(*transaction.HighestVersion(anna_, Sixteen(5)), 2);
        EXPECT_EQ(transaction.Head()->counter, 1);
        return absl::AbortedError("stop");
      });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted));
  Step();
  EXPECT_EQ(*store().HighestVersion(anna_, Sixteen(5)), 1);
  EXPECT_EQ(*store().Find(anna_, Sixteen(5), 1), Row(anna_, 5, 1));
  EXPECT_EQ(store().Head()->counter, 0);
  EXPECT_TRUE(store().ListDefinitions()->empty());
}

TEST_P(VaultStoreConformance, ConcurrentWritersNeitherLoseNorDouble) {
  constexpr int kThreads = 4;
  constexpr int kWrites = 10;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < kWrites; ++j) {
        const absl::Status status =
            store().Write([&](VaultTransaction& transaction) -> absl::Status {
              LIMPID_ASSIGN_OR_RETURN(const LogHead head, transaction.Head());
              return transaction.AppendAct(Act(head.counter + 1, anna_));
            });
        EXPECT_THAT(status, IsOk());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Step();
  EXPECT_EQ(store().Head()->counter, kThreads * kWrites);
  EXPECT_EQ(store().ActsFrom(1, 1000)->size(), kThreads * kWrites);
}

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_CONFORMANCE_VAULT_VAULT_STORE_CONFORMANCE_H_
