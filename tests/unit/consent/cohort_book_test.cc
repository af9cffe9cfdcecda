#include "consent/cohort/cohort_book.h"

#include <cstddef>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/unit/consent/fixtures.h"

namespace limpid::consent {
namespace {

const auto kVault = testing::IdOf<SourceId>(7);

TEST(CohortBook, ForgetsOtherEpochsAndIdleCohortsOverItsMemory) {
  CohortBook book;
  const CohortKey first = {testing::IdOf<AgreementId>(1), kVault, "p", "a.b"};
  const CohortKey second = {testing::IdOf<AgreementId>(2), kVault, "p", "a.b"};
  const CohortPointer kept = book.Open(first, 1, ServiceId());
  EXPECT_EQ(book.Find(first, 1), kept);
  EXPECT_EQ(book.Find(first, 2), nullptr);
  for (std::size_t i = 0; i < kMaxCohortMemory; ++i) {
    kept->contributors.emplace(RecordId::Random(), Contributor());
  }
  // Still being gathered.
  book.Open(second, 1, ServiceId());
  EXPECT_EQ(book.Find(first, 1), kept);
  kept->whole = true;
  book.Open(second, 1, ServiceId());
  EXPECT_EQ(book.Find(first, 1), nullptr);
  book.Open(first, 2, ServiceId());
  EXPECT_EQ(book.Find(second, 1), nullptr);
}

TEST(CohortBook, AFenceTakesOutEarlierRevisionsOnly) {
  CohortBook book;
  const CohortPointer cohort = book.Open({}, 1, ServiceId());
  const auto record = testing::IdOf<RecordId>(1);
  cohort->contributors[record] = {HolderId(), 2, 1, absl::InfiniteFuture()};
  book.Fence(record, 2);
  EXPECT_EQ(book.contributor_count(), 1U);
  book.Fence(testing::IdOf<RecordId>(2), 3);
  EXPECT_EQ(book.contributor_count(), 1U);
  book.Fence(record, 3);
  EXPECT_EQ(book.contributor_count(), 0U);
}

}  // namespace
}  // namespace limpid::consent
