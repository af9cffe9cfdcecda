// What every vault::VaultStore must do for erasing and rotating.

#ifndef LIMPID_TESTS_CONFORMANCE_VAULT_ERASURE_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_VAULT_ERASURE_CONFORMANCE_H_

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

TEST_P(ErasureConformance, FindsByIdAndKeptVersionsWithoutPayloads) {
  const AttributeRow first = RowOf(anna_, 5, 1, 1);
  const AttributeRow second = RowOf(anna_, 5, 2, 1);
  const AttributeRow other = RowOf(anna_, 6, 1, 1);
  for (const AttributeRow& row : {first, second, other}) {
    ASSERT_THAT(Insert(row), IsOk());
  }
  ASSERT_THAT(Erase(first, 9), IsOk());
  Step();
  EXPECT_EQ(*Read([&](const ErasureReads& reads) {
    return reads.FindById(anna_, second.id);
  }),
            Light(second));
  const auto erased = Read([&](const ErasureReads& reads) {
    return reads.FindById(anna_, first.id);
  });
  EXPECT_EQ((*erased)->state, RowState::kErased);
  EXPECT_EQ(*Read([&](const ErasureReads& reads) {
    return reads.FindById(bela_, second.id);
  }),
            std::nullopt);
  EXPECT_EQ(*Read([&](const ErasureReads& reads) {
    return reads.KeptOf(anna_, Sixteen(5));
  }),
            std::vector<AttributeRow>{Light(second)});
}

TEST_P(ErasureConformance, ForgettingAPersonLeavesBareCommitments) {
  const AttributeRow erased = RowOf(anna_, 5, 1, 1);
  AttributeRow sealed = RowOf(anna_, 7, 1, 1);
  sealed.custody = Custody::kSealed;
  for (const AttributeRow& row :
       {erased, RowOf(anna_, 5, 2, 1), sealed, RowOf(bela_, 5, 1, 1)}) {
    ASSERT_THAT(Insert(row), IsOk());
  }
  ASSERT_THAT(Erase(erased, 9), IsOk());
  ASSERT_THAT(Append(Act(1, anna_)), IsOk());
  ASSERT_THAT(Append(Act(2, bela_)), IsOk());
  ASSERT_THAT(Change([&](ErasureTransaction& store) -> absl::Status {
                absl::Status first = store.InsertHold(HoldOf(anna_, 1, 1));
                if (!first.ok()) return first;
                absl::Status second = store.InsertHold(HoldOf(bela_, 2, 1));
                if (!second.ok()) return second;
                return store.InsertCertificate({Sixteen(1), anna_, {0, 1}});
              }),
              IsOk());
  Step();
  std::int64_t kept = 0;
  ASSERT_THAT(Change([&](ErasureTransaction& store) {
                const auto forgotten = store.ForgetPerson(anna_);
                if (forgotten.ok()) kept = *forgotten;
                return forgotten.status();
              }),
              IsOk());
  EXPECT_EQ(kept, 2);
  Step();
  EXPECT_TRUE(store().ListNewest(anna_)->empty());
  EXPECT_EQ(*store().HighestVersion(anna_, Sixteen(5)), 0);
  EXPECT_EQ(*store().FindByRequest(anna_, erased.request_key), std::nullopt);
  EXPECT_TRUE(Read([&](const ErasureReads& reads) {
                return reads.Holds(anna_);
              })->empty());
  EXPECT_EQ(*Read([&](const ErasureReads& reads) {
    return reads.FindCertificate(Sixteen(1));
  }),
            std::nullopt);
  ActRow bare = Act(1, Owner());
  bare.name_key = {};
  bare.version = 0;
  bare.generation = 0;
  bare.sealed_disclosure.clear();
  EXPECT_EQ(store().ActsFrom(1, 1)->front(), bare);
  EXPECT_EQ(store().ActsFrom(2, 1)->front(), Act(2, bela_));
  EXPECT_EQ(store().ListNewest(bela_)->size(), 1);
  EXPECT_EQ(Read([&](const ErasureReads& reads) {
              return reads.Holds(bela_);
            })->size(),
            1);
  // A row of hers may come again, as from an older copy, and go again.
  EXPECT_THAT(Insert(erased), IsOk());
}

TEST_P(ErasureConformance, HoldsAreOldestFirstAndLiftedOnce) {
  const HoldRow later = HoldOf(anna_, 1, 20);
  const HoldRow sooner = HoldOf(anna_, 2, 10);
  for (const HoldRow& row : {later, sooner}) {
    ASSERT_THAT(Change([&](ErasureTransaction& store) {
                  return store.InsertHold(row);
                }),
                IsOk());
  }
  Step();
  EXPECT_EQ(
      *Read([&](const ErasureReads& reads) { return reads.Holds(anna_); }),
      (std::vector<HoldRow>{sooner, later}));
  EXPECT_THAT(Change([&](ErasureTransaction& store) {
                return store.InsertHold(later);
              }),
              StatusIs(absl::StatusCode::kAlreadyExists));
  const auto lift = [&] {
    return Change([&](ErasureTransaction& store) {
      return store.LiftHold(later.id, 30);
    });
  };
  ASSERT_THAT(lift(), IsOk());
  Step();
  HoldRow lifted = later;
  lifted.lifted_ms = 30;
  EXPECT_EQ(*Read([&](const ErasureReads& reads) {
    return reads.FindHold(later.id);
  }),
            lifted);
  EXPECT_THAT(lift(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(*Read([&](const ErasureReads& reads) {
    return reads.FindHold(Sixteen(9));
  }),
            std::nullopt);
}

TEST_P(ErasureConformance, CertificatesComeBackAsTheyWere) {
  const CertificateRow row = {Sixteen(1), bela_, {0, 255, 0}};
  const auto insert = [&] {
    return Change([&](ErasureTransaction& store) {
      return store.InsertCertificate(row);
    });
  };
  ASSERT_THAT(insert(), IsOk());
  Step();
  EXPECT_EQ(*Read([&](const ErasureReads& reads) {
    return reads.FindCertificate(row.id);
  }),
            row);
  EXPECT_THAT(insert(), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_P(ErasureConformance, AFailedTransactionChangesNothing) {
  const AttributeRow row = RowOf(anna_, 5, 1, 1);
  ASSERT_THAT(Insert(row), IsOk());
  ASSERT_THAT(Append(Act(1, anna_)), IsOk());
  Step();
  AttributeRow moved = row;
  moved.generation = 2;
  const absl::Status failed =
      Change([&](ErasureTransaction& store) -> absl::Status {
        EXPECT_THAT(store.Rewrap(moved), IsOk());
        EXPECT_THAT(store.InsertHold(HoldOf(anna_, 1, 1)), IsOk());
        // It sees what it did.
        EXPECT_EQ((*store.FindById(anna_, row.id))->generation, 2);
        EXPECT_EQ(store.Count(anna_)->highest, 2);
        EXPECT_THAT(store.ForgetPerson(anna_), IsOk());
        return absl::AbortedError("no");
      });
  EXPECT_THAT(failed, StatusIs(absl::StatusCode::kAborted));
  Step();
  EXPECT_EQ(*store().Find(anna_, row.name_key, 1), row);
  EXPECT_EQ(store().ActsFrom(1, 1)->front(), Act(1, anna_));
  EXPECT_TRUE(Read([&](const ErasureReads& reads) {
                return reads.Holds(anna_);
              })->empty());
  EXPECT_THAT(store().Scrub(), IsOk());
}

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_CONFORMANCE_VAULT_ERASURE_CONFORMANCE_H_
