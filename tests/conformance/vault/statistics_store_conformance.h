// What every vault::StatisticsStore must do.

#ifndef LIMPID_TESTS_CONFORMANCE_VAULT_STATISTICS_STORE_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_VAULT_STATISTICS_STORE_CONFORMANCE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/conformance/vault/store_harness.h"
#include "tests/conformance/vault/vault_store_fixture.h"
#include "tests/testing/status_matchers.h"
#include "vault/attribute/vault_store.h"
#include "vault/statistics/statistics_store.h"

namespace limpid::vault {

// With the values of the same database.
struct StatisticsRoom {
  std::unique_ptr<VaultStore> values;
  std::unique_ptr<StatisticsStore> statistics;
};

class StatisticsStoreConformance
    : public ::testing::TestWithParam<Implementation<StatisticsRoom>> {
 protected:
  void SetUp() override {
    if (!GetParam().absent.empty()) GTEST_SKIP() << GetParam().absent;
    harness_ = GetParam().make();
  }
  StatisticsStore& store() { return *harness_->store().statistics; }
  VaultStore& values() { return *harness_->store().values; }
  void Step() { harness_->Step(); }

  static BudgetKey Place(std::uint16_t shard, std::uint8_t holder,
                         std::uint8_t name) {
    return {{shard, HolderId(Sixteen(holder))}, Sixteen(name)};
  }
  // A value for each, unless it has one.
  void PutValues(const std::vector<BudgetRow>& rows) {
    for (const BudgetRow& row : rows) {
      if (*values().HighestVersion(row.key.owner, row.key.name_key) > 0) {
        continue;
      }
      AttributeRow value;
      value.owner = row.key.owner;
      value.name_key = row.key.name_key;
      value.request_key = row.key.name_key;
      value.version = 1;
      EXPECT_THAT(values().Write([&](VaultTransaction& transaction) {
        return transaction.Insert(value);
      }),
                  testing::IsOk());
    }
  }
  absl::Status Put(const std::vector<BudgetRow>& rows) {
    PutValues(rows);
    return store().PutBudgets(rows);
  }
  std::optional<base::Bytes> Get(const BudgetKey& place) {
    return store().Budgets({&place, 1}).value().at(0);
  }

  std::unique_ptr<StoreHarness<StatisticsRoom>> harness_;
};

TEST_P(StatisticsStoreConformance, AnEmptyStoreHasNothing) {
  EXPECT_EQ(Get(Place(0, 1, 1)), std::nullopt);
  EXPECT_TRUE(store().Budgets({})->empty());
  EXPECT_EQ(*store().FindAnswer({1}), std::nullopt);
  EXPECT_THAT(Put({}), testing::IsOk());
}

TEST_P(StatisticsStoreConformance, BudgetsComeBackInTheOrderAsked) {
  const BudgetKey anna = Place(4095, 1, 5);
  const BudgetKey bela = Place(0, 2, 5);
  ASSERT_THAT(Put({{anna, {0, 1, 0}}, {bela, {}}}), testing::IsOk());
  Step();
  const std::vector<BudgetKey> places = {bela, Place(0, 1, 5), anna,
                                         Place(4095, 1, 6)};
  const auto found = store().Budgets(places);
  ASSERT_THAT(found, testing::IsOk());
  EXPECT_EQ((*found)[0], base::Bytes());
  EXPECT_EQ((*found)[1], std::nullopt);
  EXPECT_EQ((*found)[2], (base::Bytes{0, 1, 0}));
  EXPECT_EQ((*found)[3], std::nullopt);
}

TEST_P(StatisticsStoreConformance, ALaterBudgetReplacesAnEarlierOne) {
  const BudgetKey place = Place(7, 1, 5);
  ASSERT_THAT(Put({{place, {1}}}), testing::IsOk());
  Step();
  ASSERT_THAT(Put({{place, {2}}, {Place(7, 1, 6), base::Bytes(200, 9)}}),
              testing::IsOk());
  Step();
  EXPECT_EQ(Get(place), base::Bytes{2});
  EXPECT_EQ(Get(Place(7, 1, 6)), base::Bytes(200, 9));
}

TEST_P(StatisticsStoreConformance, OfWhoHasNoRowNothingIsKept) {
  const BudgetRow anna = {Place(7, 1, 5), {1}};
  const BudgetRow bela = {Place(7, 2, 5), {2}};
  ASSERT_THAT(Put({anna, bela}), testing::IsOk());
  Step();
  ASSERT_THAT(values().Write([&](VaultTransaction& transaction) {
    return transaction.erasure().ForgetPerson(anna.key.owner).status();
  }),
              testing::IsOk());
  // An erased version is still a row: its budget stays spent.
  ASSERT_THAT(values().Write([&](VaultTransaction& transaction) {
    return transaction.Erase(bela.key.owner, bela.key.name_key, 1, 9);
  }),
              testing::IsOk());
  Step();
  const std::vector<BudgetRow> late = {
      {anna.key, {3}}, {bela.key, {4}}, {Place(7, 2, 6), {5}}};
  ASSERT_THAT(store().PutBudgets(late), testing::IsOk());
  Step();
  EXPECT_NE(Get(anna.key), base::Bytes{3});
  EXPECT_EQ(Get(bela.key), base::Bytes{4});
  EXPECT_EQ(Get(Place(7, 2, 6)), std::nullopt);
}

TEST_P(StatisticsStoreConformance, TheFirstAnswerStays) {
  const base::Digest32 question = {0, 1, 0};
  ASSERT_THAT(store().InsertAnswer(question, 20'454, {0, 255, 0}),
              testing::IsOk());
  Step();
  EXPECT_THAT(store().InsertAnswer(question, 20'454, {7}),
              testing::StatusIs(absl::StatusCode::kAlreadyExists));
  Step();
  EXPECT_EQ(*store().FindAnswer(question), (base::Bytes{0, 255, 0}));
  EXPECT_EQ(*store().FindAnswer({0, 2, 0}), std::nullopt);
  ASSERT_THAT(store().InsertAnswer({0, 2, 0}, 0, base::Bytes(5'000, 1)),
              testing::IsOk());
  Step();
  EXPECT_EQ(*store().FindAnswer({0, 2, 0}), base::Bytes(5'000, 1));
}

TEST_P(StatisticsStoreConformance, OfManyAnswersAtOnceOneStays) {
  constexpr std::uint8_t kWriters = 4;
  std::vector<absl::Status> results(kWriters);
  std::vector<std::thread> writers;
  for (std::uint8_t i = 0; i < kWriters; ++i) {
    writers.emplace_back([this, i, &results] {
      results[i] = store().InsertAnswer({9}, 1, {i});
    });
  }
  for (std::thread& writer : writers) writer.join();
  int stored = 0;
  for (std::uint8_t i = 0; i < kWriters; ++i) {
    if (!results[i].ok()) {
      EXPECT_THAT(results[i],
                  testing::StatusIs(absl::StatusCode::kAlreadyExists));
      continue;
    }
    ++stored;
    EXPECT_EQ(*store().FindAnswer({9}), base::Bytes{i});
  }
  EXPECT_EQ(stored, 1);
}

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_CONFORMANCE_VAULT_STATISTICS_STORE_CONFORMANCE_H_
