#include "algoregister/evidence/merge.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/unit/algoregister/evidence/fixture.h"

namespace limpid::algoregister::evidence {
namespace {

Counts Each(std::int64_t count) {
  return {.tp = count, .fp = count, .fn = count, .tn = count};
}

Grouping Of(std::initializer_list<Group> groups) {
  return {.attribute = "race", .groups = groups, .reference = "a"};
}

TEST(MergeSmall, LeavesLargeGroupsAlone) {
  const Grouping grouping = Of({{"a", Each(10)}, {"b", Each(10)}});
  const Merged merged = MergeSmall(grouping, 10);
  EXPECT_EQ(merged.grouping, grouping);
  EXPECT_EQ(merged.merged_count, 0U);
}

TEST(MergeSmall, OneCountBelowKMakesAGroupSmall) {
  Counts small = Each(100);
  small.fn = 9;
  const Merged merged =
      MergeSmall(Of({{"a", Each(50)}, {"b", small}, {"c", small}}), 10);
  EXPECT_EQ(merged.merged_count, 2U);
  EXPECT_EQ(merged.complement_count, 0U);
  ASSERT_EQ(merged.grouping.groups.size(), 2U);
  EXPECT_EQ(merged.grouping.groups[0].name, "a");
  EXPECT_EQ(merged.grouping.groups[1].name, kOtherGroup);
  EXPECT_EQ(merged.grouping.groups[1].counts.fn, 18);
  EXPECT_EQ(merged.grouping.reference, "a");
}

TEST(MergeSmall, OneSmallGroupTakesTheNextSmallestWithIt) {
  const Merged merged =
      MergeSmall(Of({{"a", Each(50)}, {"b", Each(3)}, {"c", Each(20)}}), 10);
  EXPECT_EQ(merged.merged_count, 2U);
  EXPECT_EQ(merged.complement_count, 1U);
  ASSERT_EQ(merged.grouping.groups.size(), 2U);
  EXPECT_EQ(merged.grouping.groups[1].counts, Each(23));
}

TEST(MergeSmall, GoesOnWhileWhatWasMergedIsSmall) {
  const Merged merged = MergeSmall(
      Of({{"a", Each(50)}, {"b", Each(3)}, {"c", Each(4)}, {"d", Each(20)}}),
      10);
  EXPECT_EQ(merged.merged_count, 3U);
  ASSERT_EQ(merged.grouping.groups.size(), 2U);
  EXPECT_EQ(merged.grouping.groups[1].counts, Each(27));
}

TEST(MergeSmall, WithholdsWhatIsSmallAltogether) {
  const Merged merged = MergeSmall(Of({{"a", Each(3)}, {"b", Each(4)}}), 10);
  EXPECT_TRUE(merged.withheld);
  EXPECT_TRUE(merged.grouping.groups.empty());
  EXPECT_FALSE(merged.grouping.reference.has_value());
}

TEST(MergeSmall, AddsToWhatThePublisherMerged) {
  const Merged merged = MergeSmall(Of({{"a", Each(50)},
                                       {"b", Each(2)},
                                       {std::string(kOtherGroup), Each(12)}}),
                                   10);
  ASSERT_EQ(merged.grouping.groups.size(), 2U);
  EXPECT_EQ(merged.grouping.groups[1].name, kOtherGroup);
  EXPECT_EQ(merged.grouping.groups[1].counts, Each(14));
}

TEST(Published, HidesTheTotalOfWhatIsWithheld) {
  Evidence evidence = EvidenceOf(Of({{"a", Each(3)}, {"b", Each(4)}}));
  const Evidence published = Published(evidence);
  EXPECT_TRUE(published.groupings.front().groups.empty());
  EXPECT_FALSE(published.total.has_value());
}

}  // namespace
}  // namespace limpid::algoregister::evidence
