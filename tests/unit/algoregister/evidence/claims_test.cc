#include "algoregister/evidence/claims.h"

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "algoregister/evidence/interval.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/evidence/fixture.h"

namespace limpid::algoregister::evidence {
namespace {

const Counts kA = {.tp = 16, .fp = 8, .fn = 4, .tn = 12};
const Counts kB = {.tp = 15, .fp = 5, .fn = 5, .tn = 25};

CheckedClaim Check(const Claim& claim) {
  const std::vector<Claim> claims = {claim};
  return CheckClaims(EvidenceOf(TwoGroups(kA, kB)), claims).front();
}

TEST(Claims, AreRecomputedWithinTheToleranceAndNotBeyond) {
  const double third = 1.0 / 3;
  Claim claim = {.metric = "fdr", .group = "a", .value = third};
  EXPECT_EQ(Check(claim).mark, Mark::kRecomputed);
  claim.value = third + 0.9e-12;
  EXPECT_EQ(Check(claim).mark, Mark::kRecomputed);
  claim.value = third + 1.1e-12;
  EXPECT_EQ(Check(claim).mark, Mark::kDiffers);
  EXPECT_EQ(Check(claim).reason, "the value is another");
  EXPECT_EQ(Check(claim).recomputed.value, third);
}

TEST(Claims, MayBeRoundedIfTheySaySo) {
  Claim claim = {.metric = "fdr", .group = "a", .value = 0.33, .decimals = 2};
  EXPECT_EQ(Check(claim).mark, Mark::kRecomputed);
  claim.value = 0.34;
  EXPECT_EQ(Check(claim).mark, Mark::kDiffers);
  claim.value = 0.33;
  claim.decimals = 3;
  EXPECT_EQ(Check(claim).mark, Mark::kDiffers);
  claim.decimals.reset();
  EXPECT_EQ(Check(claim).mark, Mark::kDiffers);
}

// It says that it was rounded to fewer decimals than it has.
TEST(Claims, WithMoreDecimalsThanTheySayAreNotRounded) {
  // Half of what is true passed for it: 0.2 - 0.1 is less than half of 1.
  Claim claim = {.metric = "dp_difference", .value = 0.1, .decimals = 0};
  EXPECT_EQ(Check(claim).mark, Mark::kDiffers);
  claim.value = 0.25;
  claim.decimals = 1;
  EXPECT_EQ(Check(claim).mark, Mark::kDiffers);
  // Rounded, and what it was rounded from.
  claim.value = 0;
  claim.decimals = 0;
  EXPECT_EQ(Check(claim).mark, Mark::kRecomputed);
  claim = {.metric = "fdr", .group = "a", .value = 1.0 / 3, .decimals = 2};
  EXPECT_EQ(Check(claim).mark, Mark::kRecomputed);
  // Each of these is the double nearest to its decimal number.
  for (int decimals = 1; decimals <= 15; ++decimals) {
    const double scale = std::pow(10.0, decimals);
    claim.value = std::round(scale / 3) / scale;
    claim.decimals = decimals;
    EXPECT_EQ(Check(claim).mark, Mark::kRecomputed) << decimals;
  }
  const Interval ours = *WilsonInterval({8, 24}, 0.95);
  claim = {.metric = "fdr",
           .group = "a",
           .value = 0.3,
           .ci_low = ours.low - 0.04,
           .decimals = 1};
  EXPECT_EQ(Check(claim).mark, Mark::kRecomputed);
  EXPECT_EQ(Check(claim).interval_mark, Mark::kDiffers);
  claim.ci_low = std::round(ours.low * 10) / 10;
  EXPECT_EQ(Check(claim).interval_mark, Mark::kRecomputed);
}

TEST(Claims, WithTheSignTurnedDiffer) {
  Claim claim = {.metric = "dp_difference_signed", .group = "a", .value = 0.2};
  EXPECT_EQ(Check(claim).mark, Mark::kRecomputed);
  claim.value = -0.2;
  EXPECT_EQ(Check(claim).mark, Mark::kDiffers);
}

TEST(Claims, AboutSomethingUndefinedDiffer) {
  const Counts none = {.tp = 0, .fp = 0, .fn = 0, .tn = 7};
  const std::vector<Claim> claims = {
      {.metric = "tpr", .group = "a", .value = 0}};
  const auto checked =
      CheckClaims(EvidenceOf(TwoGroups(none, kB)), claims).front();
  EXPECT_EQ(checked.mark, Mark::kDiffers);
  EXPECT_EQ(checked.reason, "undefined here: 0/0");
}

TEST(Claims, NobodyCanCheckSayWhy) {
  EXPECT_EQ(Check({.metric = "goodness", .value = 1}).mark,
            Mark::kNotCheckable);
  EXPECT_EQ(Check({.metric = "goodness", .value = 1}).reason,
            "no metric of ours has this id");
  EXPECT_EQ(Check({.metric = "tpr", .group = "c", .value = 1}).reason,
            "no such group");
  EXPECT_EQ(Check({.metric = "tpr", .attribute = "age", .value = 1}).reason,
            "the evidence has no such grouping");
  const std::vector<Claim> claims = {{.metric = "tpr", .value = 1}};
  EXPECT_EQ(Uncheckable(claims, "sealed").front().reason, "sealed");
}

TEST(Claims, OverSeveralGroupingsMustNameTheirs) {
  Evidence evidence = EvidenceOf(TwoGroups(kA, kB));
  evidence.groupings.push_back(evidence.groupings.front());
  evidence.groupings.back().attribute = "age";
  const std::vector<Claim> claims = {
      {.metric = "dp_difference", .value = 0.2},
      {.metric = "dp_difference", .attribute = "age", .value = 0.2},
      // Of all cases, which are the same in both.
      {.metric = "tpr", .value = 31.0 / 40}};
  const auto checked = CheckClaims(evidence, claims);
  EXPECT_EQ(checked[0].mark, Mark::kNotCheckable);
  EXPECT_EQ(checked[1].mark, Mark::kRecomputed);
  EXPECT_EQ(checked[2].mark, Mark::kRecomputed);
}

TEST(Claims, IntervalsHaveAMarkOfTheirOwn) {
  const Interval ours = *WilsonInterval({8, 24}, 0.95);
  Claim claim = {.metric = "fdr",
                 .group = "a",
                 .value = 1.0 / 3,
                 .ci_low = ours.low,
                 .ci_high = ours.high + 0.9e-9};
  EXPECT_EQ(Check(claim).interval_mark, Mark::kRecomputed);
  claim.ci_high = ours.high + 1.2e-9;
  EXPECT_EQ(Check(claim).mark, Mark::kRecomputed);
  EXPECT_EQ(Check(claim).interval_mark, Mark::kDiffers);
  EXPECT_EQ(Check(claim).reason, "the interval is another");
  // No method of ours.
  const Claim odds = {.metric = "eq_odds", .value = 7.0 / 30, .ci_low = 0};
  EXPECT_EQ(Check(odds).mark, Mark::kRecomputed);
  EXPECT_EQ(Check(odds).interval_mark, Mark::kNotCheckable);
  const std::vector<CheckedClaim> all = {
      Check(claim), Check(odds),
      Check({.metric = "dp_difference", .value = 0.2})};
  const MarkCounts counts = CountMarks(all);
  EXPECT_EQ(counts.differs, 1U);
  EXPECT_EQ(counts.not_checkable, 1U);
  EXPECT_EQ(counts.recomputed, 1U);
}

TEST(Claims, AreReadWithTheirPlaceInErrors) {
  const auto read = [](std::string_view text) {
    return ReadClaims(json::ParseStrict(text).value(), "/claims").status();
  };
  EXPECT_THAT(read(R"([{"metric":"tpr","value":0.5,"decimals":3}])"),
              testing::IsOk());
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(read("{}"), testing::StatusIs(kInvalid));
  EXPECT_THAT(read(R"([{"metric":"tpr"}])"),
              testing::StatusSays(kInvalid, "/claims/0/value: missing"));
  EXPECT_THAT(read(R"([{"metric":"tpr","value":"0.5"}])"),
              testing::StatusSays(kInvalid, "/claims/0/value"));
  EXPECT_THAT(read(R"([{"metric":"tpr","value":1,"decimals":16}])"),
              testing::StatusSays(kInvalid, "/claims/0/decimals"));
  EXPECT_THAT(read(R"([{"metric":"tpr","value":1,"sure":true}])"),
              testing::StatusSays(kInvalid, "/claims/0/sure"));
}

}  // namespace
}  // namespace limpid::algoregister::evidence
