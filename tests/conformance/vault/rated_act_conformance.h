// What every vault::VaultStore must find of the acts that have a rate.

#ifndef LIMPID_TESTS_CONFORMANCE_VAULT_RATED_ACT_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_VAULT_RATED_ACT_CONFORMANCE_H_

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "tests/conformance/vault/vault_store_fixture.h"
#include "tests/testing/status_matchers.h"
#include "vault/attribute/vault_store.h"

namespace limpid::vault {

TEST_P(VaultStoreConformance, RatedActsAreThoseOfTheSpanNewestFirst) {
  const auto append = [&](std::uint64_t counter, const Owner& owner,
                          ActKind kind, std::int64_t time_ms) {
    ActRow row = Act(counter, owner);
    row.kind = kind;
    row.time_ms = time_ms;
    return Append(row);
  };
  ASSERT_THAT(append(1, anna_, ActKind::kExport, 10), testing::IsOk());
  ASSERT_THAT(append(2, anna_, ActKind::kExport, 30), testing::IsOk());
  ASSERT_THAT(append(3, anna_, ActKind::kExport, 20), testing::IsOk());
  ASSERT_THAT(append(4, anna_, ActKind::kExport, 40), testing::IsOk());
  ASSERT_THAT(append(5, anna_, ActKind::kSourceLink, 25), testing::IsOk());
  ASSERT_THAT(append(6, bela_, ActKind::kExport, 26), testing::IsOk());
  Step();
  using Times = std::vector<std::int64_t>;
  EXPECT_EQ(*store().RatedActs(anna_, ActKind::kExport, {10, 40}, 9),
            (Times{40, 30, 20}));
  EXPECT_EQ(*store().RatedActs(anna_, ActKind::kExport, {9, 39}, 2),
            (Times{30, 20}));
  EXPECT_EQ(*store().RatedActs(anna_, ActKind::kSourceLink, {0, 99}, 9),
            Times{25});
  EXPECT_EQ(*store().RatedActs(anna_, ActKind::kSlotAdd, {0, 99}, 9), Times());
}

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_CONFORMANCE_VAULT_RATED_ACT_CONFORMANCE_H_
