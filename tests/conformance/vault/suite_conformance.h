// What every vault::VaultStore must do for sealing values anew.

#ifndef LIMPID_TESTS_CONFORMANCE_VAULT_SUITE_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_VAULT_SUITE_CONFORMANCE_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/conformance/vault/erasure_fixture.h"
#include "tests/conformance/vault/vault_store_fixture.h"
#include "tests/testing/status_matchers.h"
#include "vault/erasure/erasure_store.h"

namespace limpid::vault {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

TEST_P(VaultStoreConformance, OfSeveralActsOfOneKeyTheNewestIsFound) {
  ActRow first = Act(1, anna_);
  first.kind = ActKind::kReseal;
  ActRow second = Act(2, anna_);
  second.kind = ActKind::kReseal;
  second.version = first.version;
  for (const ActRow& row : {first, second, Act(3, anna_)}) {
    ASSERT_THAT(Append(row), IsOk());
    Step();
  }
  EXPECT_EQ(
      *store().FindAct({anna_, Sixteen(9), first.version, ActKind::kReseal}),
      second);
  EXPECT_EQ(store().ActsFrom(1, 1)->front(), first);
}

TEST_P(ErasureConformance, OwnersComeOnceInTheOrderOfShardAndId) {
  const Owner carl{0, HolderId(Sixteen(255))};
  const Owner dora{4095, HolderId(Sixteen(0x80))};
  AttributeRow sealed = RowOf(dora, 5, 1, 1);
  sealed.custody = Custody::kSealed;
  for (const AttributeRow& row :
       {RowOf(anna_, 5, 1, 1), RowOf(anna_, 5, 2, 1), RowOf(anna_, 6, 1, 1),
        RowOf(bela_, 5, 1, 1), RowOf(carl, 5, 1, 1), sealed}) {
    ASSERT_THAT(Insert(row), IsOk());
  }
  // Nothing of hers is kept.
  ASSERT_THAT(Erase(RowOf(carl, 5, 1, 1), 9), IsOk());
  Step();
  const auto after = [&](const Owner& owner, std::size_t limit) {
    return *Read([&](const ErasureReads& reads) {
      return reads.OwnersAfter(owner, limit);
    });
  };
  const std::vector<Owner> all = {bela_, anna_, dora};
  EXPECT_EQ(after(Owner(), 10), all);
  EXPECT_EQ(after(Owner(), 3), all);
  EXPECT_EQ(after(Owner(), 2), (std::vector<Owner>{bela_, anna_}));
  EXPECT_EQ(after(bela_, 10), (std::vector<Owner>{anna_, dora}));
  EXPECT_EQ(after({1, HolderId()}, 1), std::vector<Owner>{anna_});
  EXPECT_EQ(after(anna_, 10), std::vector<Owner>{dora});
  EXPECT_TRUE(after(dora, 10).empty());
}

TEST_P(ErasureConformance, KeptRowsComeInOrderWithTheHeadsOfPayloads) {
  AttributeRow large = RowOf(anna_, 0xf0, 1, 1);
  large.payload = {0, 1, 255, 3, 4, 5, 6, 7, 8, 9};
  AttributeRow sealed = RowOf(anna_, 7, 2, 1);
  sealed.custody = Custody::kSealed;
  const AttributeRow erased = RowOf(anna_, 7, 1, 1);
  const AttributeRow last = RowOf(anna_, 7, 300, 1);
  for (const AttributeRow& row :
       {large, last, sealed, erased, RowOf(bela_, 5, 1, 1)}) {
    ASSERT_THAT(Insert(row), IsOk());
  }
  ASSERT_THAT(Erase(erased, 9), IsOk());
  Step();
  const auto after = [&](std::uint8_t name, std::uint64_t version,
                         std::size_t limit) {
    return *Read([&](const ErasureReads& reads) {
      return reads.KeptAfter(anna_, Sixteen(name), version, limit);
    });
  };
  large.payload.resize(kPayloadHeadBytes);
  EXPECT_EQ(after(0, 0, 10), (std::vector<AttributeRow>{sealed, last, large}));
  EXPECT_EQ(after(0, 0, 2), (std::vector<AttributeRow>{sealed, last}));
  EXPECT_EQ(after(7, 2, 10), (std::vector<AttributeRow>{last, large}));
  EXPECT_EQ(after(7, 300, 10), std::vector<AttributeRow>{large});
  EXPECT_EQ(after(8, 0, 10), std::vector<AttributeRow>{large});
  EXPECT_TRUE(after(0xf0, 1, 10).empty());
}

TEST_P(ErasureConformance, ARowIsReplacedOnlyIfItIsStillTheSame) {
  const AttributeRow was = RowOf(anna_, 5, 1, 1);
  AttributeRow sealed = RowOf(anna_, 6, 1, 1);
  sealed.custody = Custody::kSealed;
  const AttributeRow erased = RowOf(anna_, 7, 1, 1);
  for (const AttributeRow& row :
       {was, sealed, erased, RowOf(anna_, 5, 2, 1), RowOf(bela_, 5, 1, 1)}) {
    ASSERT_THAT(Insert(row), IsOk());
  }
  ASSERT_THAT(Erase(erased, 9), IsOk());
  Step();
  const auto replaces = [&](const AttributeRow& before) {
    AttributeRow now = before;
    now.label = {7, 0};
    now.wrap = {0, 7};
    now.payload.assign(kMaxValueBytes + 200, 7);
    bool out = false;
    EXPECT_THAT(Change([&](ErasureTransaction& store) {
                  const auto replaced = store.Replace(before, now);
                  if (replaced.ok()) out = *replaced;
                  return replaced.status();
                }),
                IsOk());
    Step();
    return out;
  };
  const std::vector<std::function<void(AttributeRow&)>> others = {
      [](AttributeRow& row) { row.id = Sixteen(99); },
      [](AttributeRow& row) { row.version = 9; },
      [](AttributeRow& row) { row.name_key = Sixteen(9); },
      [](AttributeRow& row) { row.owner.shard = 4094; },
      [](AttributeRow& row) { ++row.generation; },
      [](AttributeRow& row) { row.label.push_back(1); },
      [](AttributeRow& row) { row.wrap.front() ^= 1; },
      [](AttributeRow& row) { row.payload.back() ^= 1; },
  };
  for (const auto& change : others) {
    AttributeRow other = was;
    change(other);
    EXPECT_FALSE(replaces(other));
    EXPECT_EQ(*store().Find(anna_, was.name_key, 1), was);
  }
  EXPECT_FALSE(replaces(sealed));
  EXPECT_FALSE(replaces(erased));
  AttributeRow emptied = erased;
  emptied.wrap.clear();
  emptied.payload.clear();
  EXPECT_FALSE(replaces(emptied));
  EXPECT_EQ(*store().Find(anna_, sealed.name_key, 1), sealed);

  EXPECT_TRUE(replaces(was));
  AttributeRow now = was;
  now.label = {7, 0};
  now.wrap = {0, 7};
  now.payload.assign(kMaxValueBytes + 200, 7);
  EXPECT_EQ(*store().Find(anna_, was.name_key, 1), now);
  // A second time it is another already, and nobody else's row is touched.
  EXPECT_FALSE(replaces(was));
  EXPECT_EQ(*store().Find(bela_, was.name_key, 1), RowOf(bela_, 5, 1, 1));
  EXPECT_EQ(*store().Find(anna_, was.name_key, 2), RowOf(anna_, 5, 2, 1));
}

TEST_P(ErasureConformance, AReplacementThatFailsLeavesTheRowAsItWas) {
  const AttributeRow was = RowOf(anna_, 5, 1, 1);
  ASSERT_THAT(Insert(was), IsOk());
  AttributeRow now = was;
  now.payload = {7};
  const absl::Status failed =
      Change([&](ErasureTransaction& store) -> absl::Status {
        EXPECT_TRUE(*store.Replace(was, now));
        // It sees what it did.
        EXPECT_FALSE(*store.Replace(was, now));
        EXPECT_EQ(store.KeptAfter(anna_, NameKey(), 0, 1)->front().payload,
                  now.payload);
        return absl::AbortedError("no");
      });
  EXPECT_THAT(failed, StatusIs(absl::StatusCode::kAborted));
  Step();
  EXPECT_EQ(*store().Find(anna_, was.name_key, 1), was);
}

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_CONFORMANCE_VAULT_SUITE_CONFORMANCE_H_
