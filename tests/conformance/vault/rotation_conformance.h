// What every vault::VaultStore must do for rotating a person's key.

#ifndef LIMPID_TESTS_CONFORMANCE_VAULT_ROTATION_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_VAULT_ROTATION_CONFORMANCE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/conformance/vault/erasure_fixture.h"
#include "tests/testing/status_matchers.h"
#include "vault/erasure/erasure_store.h"

namespace limpid::vault {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

TEST_P(ErasureConformance, RowsBelowAreThoseThatARotationMustMove) {
  AttributeRow sealed = RowOf(anna_, 8, 1, 1);
  sealed.custody = Custody::kSealed;
  const AttributeRow erased = RowOf(anna_, 5, 1, 1);
  for (const AttributeRow& row :
       {erased, RowOf(anna_, 5, 2, 2), RowOf(anna_, 6, 1, 3), sealed,
        RowOf(bela_, 5, 1, 1)}) {
    ASSERT_THAT(Insert(row), IsOk());
  }
  ASSERT_THAT(Erase(erased, 9), IsOk());
  Step();
  const auto below = [&](std::uint32_t generation, std::size_t limit) {
    return Read([&](const ErasureReads& reads) {
             return reads.RowsBelow(anna_, generation, {}, limit);
           })
        ->size();
  };
  EXPECT_EQ(below(1, 10), 0);
  EXPECT_EQ(below(2, 10), 1);
  EXPECT_EQ(below(3, 10), 2);
  EXPECT_EQ(below(4, 10), 3);
  EXPECT_EQ(below(4, 2), 2);
  const auto after = [&](const RowPlace& place) {
    std::vector<RowPlace> out;
    const auto rows = Read([&](const ErasureReads& reads) {
      return reads.RowsBelow(anna_, 4, place, 10);
    });
    for (const AttributeRow& row : *rows) {
      EXPECT_TRUE(row.payload.empty());
      out.push_back({row.name_key, row.version});
    }
    return out;
  };
  const RowPlace first{Sixteen(5), 1};
  const RowPlace second{Sixteen(5), 2};
  const RowPlace third{Sixteen(6), 1};
  EXPECT_EQ(after({}), (std::vector<RowPlace>{first, second, third}));
  EXPECT_EQ(after(first), (std::vector<RowPlace>{second, third}));
  EXPECT_EQ(after({Sixteen(5), 9}), std::vector<RowPlace>{third});
  EXPECT_TRUE(after(third).empty());
  const auto count =
      Read([&](const ErasureReads& reads) { return reads.Count(anna_); });
  EXPECT_EQ(*count, (PersonCount{3, 2, 0, 1, 3}));
  EXPECT_EQ(*Read([&](const ErasureReads& reads) {
    return reads.Count({4094, anna_.id});
  }),
            PersonCount());
}

TEST_P(ErasureConformance, RewrappingChangesKeyLabelAndWrapAlone) {
  AttributeRow row = RowOf(anna_, 5, 1, 1);
  ASSERT_THAT(Insert(row), IsOk());
  Step();
  row.generation = 2;
  row.label = {9, 0};
  row.wrap = {8, 0, 8};
  AttributeRow light = Light(row);
  ASSERT_THAT(
      Change([&](ErasureTransaction& store) { return store.Rewrap(light); }),
      IsOk());
  Step();
  EXPECT_EQ(*store().Find(anna_, row.name_key, 1), row);
  AttributeRow missing = light;
  missing.id = Sixteen(99);
  EXPECT_THAT(
      Change([&](ErasureTransaction& store) { return store.Rewrap(missing); }),
      StatusIs(absl::StatusCode::kNotFound));
  missing = light;
  missing.version = 2;
  EXPECT_THAT(
      Change([&](ErasureTransaction& store) { return store.Rewrap(missing); }),
      StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(ErasureConformance, ActsAreSealedAnewByTheirCounter) {
  ActRow first = Act(1, anna_);
  ActRow second = Act(2, anna_);
  second.generation = 2;
  ActRow nobodys = Act(3, anna_);
  nobodys.generation = 0;
  for (const ActRow& row : {first, second, nobodys, Act(4, bela_)}) {
    ASSERT_THAT(Append(row), IsOk());
  }
  Step();
  const auto below = [&](std::uint32_t generation, std::size_t limit) {
    return *Read([&](const ErasureReads& reads) {
      return reads.ActsBelow(anna_, generation, limit);
    });
  };
  EXPECT_TRUE(below(1, 10).empty());
  EXPECT_EQ(below(2, 10),
            (std::vector<SealedAct>{{1, 1, first.commitment, {0, 0, 1}}}));
  EXPECT_EQ(below(3, 10).size(), 2);
  EXPECT_EQ(below(3, 1).size(), 1);
  EXPECT_EQ(below(3, 1).front().counter, 1);
  const auto count = [&] {
    return *Read([&](const ErasureReads& reads) { return reads.Count(anna_); });
  };
  EXPECT_EQ(count(), (PersonCount{0, 0, 2, 1, 2}));
  ASSERT_THAT(Insert(RowOf(anna_, 5, 1, 4)), IsOk());
  EXPECT_EQ(count(), (PersonCount{1, 1, 2, 1, 4}));
  ASSERT_THAT(Insert(RowOf(bela_, 5, 1, 3)), IsOk());
  EXPECT_EQ(
      *Read([&](const ErasureReads& reads) { return reads.Count(bela_); }),
      (PersonCount{1, 1, 1, 1, 3}));
  ASSERT_THAT(Change([&](ErasureTransaction& store) {
                return store.Reseal({1, 3, first.commitment, {7}});
              }),
              IsOk());
  Step();
  // The lowest generation comes first, whatever came first.
  EXPECT_EQ(below(4, 1).front().counter, 2);
  first.generation = 3;
  first.sealed_disclosure = {7};
  EXPECT_EQ(store().ActsFrom(1, 1)->front(), first);
  EXPECT_THAT(Change([&](ErasureTransaction& store) {
                return store.Reseal({9, 3, first.commitment, {7}});
              }),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(ErasureConformance, TheNewestKeysAreThoseOfPersonsWhoAreHere) {
  const auto key = [](std::uint64_t counter, const Owner& owner,
                      std::uint64_t generation) {
    ActRow row = Act(counter, owner);
    row.kind = ActKind::kKey;
    row.name_key = {};
    row.version = generation;
    return row;
  };
  for (const ActRow& row : {key(1, anna_, 1), Act(2, anna_), key(3, bela_, 1),
                            key(4, anna_, 2), Act(5, bela_)}) {
    ASSERT_THAT(Append(row), IsOk());
  }
  Step();
  const auto newest = [&](std::size_t limit) {
    return *Read(
        [&](const ErasureReads& reads) { return reads.NewestKeys(limit); });
  };
  using Keys = std::vector<KeyMade>;
  EXPECT_EQ(newest(9), (Keys{{anna_, 2}, {bela_, 1}, {anna_, 1}}));
  EXPECT_EQ(newest(2), (Keys{{anna_, 2}, {bela_, 1}}));
  EXPECT_EQ(newest(0), Keys());
  ASSERT_THAT(Change([&](ErasureTransaction& store) {
                return store.ForgetPerson(anna_).status();
              }),
              IsOk());
  Step();
  EXPECT_EQ(newest(9), (Keys{{bela_, 1}}));
}

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_CONFORMANCE_VAULT_ROTATION_CONFORMANCE_H_
