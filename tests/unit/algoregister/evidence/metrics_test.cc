// Formulas, signs and directions against numbers worked out by hand.

#include "algoregister/evidence/metrics.h"

#include <cmath>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "tests/unit/algoregister/evidence/fixture.h"

namespace limpid::algoregister::evidence {
namespace {

// a: 40 cases, 24 predicted positive; b: 50 cases, 20 predicted positive.
const Counts kA = {.tp = 16, .fp = 8, .fn = 4, .tn = 12};
const Counts kB = {.tp = 15, .fp = 5, .fn = 5, .tn = 25};

Evidence Both() { return EvidenceOf(TwoGroups(kA, kB)); }

void Expect(const MetricValue& value, int numerator, int denominator) {
  ASSERT_TRUE(value.exact.has_value()) << value.reason;
  EXPECT_TRUE(*value.exact == *Fraction::Of(numerator, denominator))
      << value.exact->value();
  EXPECT_EQ(*value.value,
            static_cast<double>(numerator) / static_cast<double>(denominator));
}

TEST(Metrics, RatesOfAGroupAreQuotientsOfItsCounts) {
  const Evidence both = Both();
  Expect(Of(both, "base_rate", "a"), 20, 40);
  Expect(Of(both, "prevalence", "a"), 20, 40);
  Expect(Of(both, "selection_rate", "a"), 24, 40);
  Expect(Of(both, "pprev", "a"), 24, 40);
  Expect(Of(both, "ppr", "a"), 24, 44);
  Expect(Of(both, "tpr", "a"), 16, 20);
  Expect(Of(both, "fpr", "a"), 8, 20);
  Expect(Of(both, "fnr", "a"), 4, 20);
  Expect(Of(both, "tnr", "a"), 12, 20);
  Expect(Of(both, "ppv", "a"), 16, 24);
  Expect(Of(both, "npv", "a"), 12, 16);
  Expect(Of(both, "fdr", "a"), 8, 24);
  Expect(Of(both, "for", "a"), 4, 16);
  Expect(Of(both, "accuracy", "a"), 28, 40);
  // Of all cases.
  Expect(Of(both, "tpr"), 31, 40);
}

TEST(Metrics, DifferencesAcrossGroupsHaveNoSign) {
  const Evidence both = Both();
  // 24/40 - 20/50, 20/50 over 24/40.
  Expect(Of(both, "dp_difference"), 1, 5);
  Expect(Of(both, "dp_ratio"), 2, 3);
  // tpr 16/20, 15/20; fpr 8/20, 5/30.
  Expect(Of(both, "eo_opportunity"), 1, 20);
  Expect(Of(both, "eq_odds"), 7, 30);
}

TEST(Metrics, SignedDifferencesAreGroupMinusReference) {
  const Evidence both = Both();
  Expect(Of(both, "dp_difference_signed", "a"), 1, 5);
  Expect(Of(both, "disparate_impact", "a"), 3, 2);
  Expect(Of(both, "eo_opportunity_signed", "a"), 1, 20);
  // Half of 1/20 + 7/30.
  Expect(Of(both, "average_odds_difference", "a"), 17, 120);
  Expect(Of(both, "fpr_disparity", "a"), 12, 5);
  Expect(Of(both, "dp_difference_signed", "b"), 0, 1);
  EXPECT_FALSE(Of(both, "dp_difference_signed", "b").interval.has_value());
}

TEST(Metrics, WhereTheNegativeClassIsFavourableSignsTurn) {
  Evidence both = Both();
  both.settings.favourable = Favourable::kNegative;
  // Favourable predictions: 16/40 beside 30/50.
  Expect(Of(both, "favourable_rate", "a"), 16, 40);
  Expect(Of(both, "dp_difference_signed", "a"), -1, 5);
  Expect(Of(both, "disparate_impact", "a"), 2, 3);
  // Of those for whom it is true: 12/20 beside 25/30.
  Expect(Of(both, "eo_opportunity_signed", "a"), -7, 30);
  // Half of -7/30 and of 4/20 - 5/20.
  Expect(Of(both, "average_odds_difference", "a"), -17, 120);
  // What has no favour in it stays.
  Expect(Of(both, "selection_rate", "a"), 24, 40);
  Expect(Of(both, "dp_difference"), 1, 5);
  Expect(Of(both, "eq_odds"), 7, 30);
}

TEST(Metrics, ParityIsWithinTauBothWays) {
  // Selection rates 4/5 and 5/4 of the reference's: the bounds are in.
  const Counts four = {.tp = 4, .fp = 0, .fn = 0, .tn = 6};
  const Counts five = {.tp = 5, .fp = 0, .fn = 0, .tn = 5};
  EXPECT_EQ(
      Of(EvidenceOf(TwoGroups(four, five)), "pprev_disparity", "a").parity,
      true);
  EXPECT_EQ(
      Of(EvidenceOf(TwoGroups(five, four)), "pprev_disparity", "a").parity,
      true);
  const Counts three = {.tp = 3, .fp = 0, .fn = 0, .tn = 7};
  EXPECT_EQ(
      Of(EvidenceOf(TwoGroups(three, four)), "pprev_disparity", "a").parity,
      false);
  EXPECT_EQ(
      Of(EvidenceOf(TwoGroups(four, three)), "pprev_disparity", "a").parity,
      false);
}

TEST(Metrics, BothHoldIsAequitasRule) {
  EXPECT_EQ(BothHold(true, true), true);
  EXPECT_EQ(BothHold(true, false), false);
  EXPECT_EQ(BothHold(true, std::nullopt), false);
  EXPECT_EQ(BothHold(std::nullopt, std::nullopt), std::nullopt);
}

TEST(Metrics, ZeroByZeroIsUndefinedAndSaysSo) {
  const Counts none = {.tp = 0, .fp = 0, .fn = 0, .tn = 7};
  const Evidence both = EvidenceOf(TwoGroups(none, kB));
  for (const char* const metric :
       {"tpr", "fnr", "ppv", "fdr", "fdr_disparity", "eo_opportunity_signed",
        "average_odds_difference"}) {
    const MetricValue value = Of(both, metric, "a");
    EXPECT_FALSE(value.value.has_value()) << metric;
    EXPECT_FALSE(value.lacking) << metric;
    EXPECT_FALSE(value.reason.empty()) << metric;
    EXPECT_FALSE(value.parity.has_value()) << metric;
  }
  // 0/7 is 0.
  Expect(Of(both, "fpr", "a"), 0, 1);
  for (const char* const metric : {"eo_opportunity", "eq_odds"}) {
    EXPECT_FALSE(Of(both, metric).value.has_value()) << metric;
  }
  // x/0: the reference group's rate is 0.
  const Evidence other = EvidenceOf(TwoGroups(kA, none));
  EXPECT_FALSE(Of(other, "fpr_disparity", "a").value.has_value());
  EXPECT_FALSE(
      Of(EvidenceOf(TwoGroups(none, none)), "dp_ratio").value.has_value());
}

TEST(Metrics, WhatTheEvidenceLacksIsNotUndefined) {
  Evidence both = Both();
  EXPECT_TRUE(Of(both, "override_rate", "a").lacking);
  EXPECT_TRUE(Of(both, "calibration_error", "a").lacking);
  EXPECT_TRUE(Of(both, "tpr", "c").lacking);
  EXPECT_TRUE(Of(both, "dp_difference", "a").lacking);
  EXPECT_TRUE(Of(both, "fpr_disparity").lacking);
  both.groupings.front().reference.reset();
  EXPECT_TRUE(Of(both, "fpr_disparity", "a").lacking);
  both.groupings.front().groups.front().counts.overridden = 4;
  Expect(Of(both, "override_rate", "a"), 4, 40);
  EXPECT_TRUE(Of(both, "override_rate").lacking);
}

// Benefits 1 of 28, 2 of 8, 0 of 4 cases: mean 44/40.
TEST(Metrics, TheilIndexIsTheEntropyOfBenefits) {
  const double mean = 1.1;
  const double expected =
      (28 / mean * std::log(1 / mean) + 8 * 2 / mean * std::log(2 / mean)) / 40;
  EXPECT_NEAR(*Of(Both(), "theil_index", "a").value, expected, 1e-14);
}

TEST(Metrics, LargeCountsStayExact) {
  const Counts large = {.tp = 333'333'333, .fp = 1, .fn = 166'666'667, .tn = 1};
  const Counts other = {.tp = 333'333'332, .fp = 1, .fn = 166'666'664, .tn = 1};
  const Evidence both = EvidenceOf(TwoGroups(large, other));
  const MetricValue gap = Of(both, "eo_opportunity_signed", "a");
  // 333333333/500000000 - 333333332/499999996, which doubles lose.
  ASSERT_TRUE(gap.exact.has_value());
  EXPECT_TRUE(*gap.exact == *Fraction::Of(Wide{333'333'333} * 499'999'996 -
                                              Wide{333'333'332} * 500'000'000,
                                          Wide{500'000'000} * 499'999'996));
  EXPECT_LT(*gap.value, 0);
}

TEST(Metrics, EveryIdIsThereOnceWithItsFormula) {
  std::set<std::string_view> ids;
  for (const MetricSpec& metric : Metrics()) {
    EXPECT_TRUE(ids.insert(metric.id).second) << metric.id;
    EXPECT_FALSE(metric.formula.empty());
    EXPECT_EQ(FindMetric(metric.id), &metric);
    EXPECT_EQ(metric.sign.empty(), metric.scope == Scope::kGroup);
  }
  EXPECT_EQ(FindMetric("fairness"), nullptr);
}

TEST(Metrics, AllOfThemAreComputed) {
  const auto all = ComputeAll(Both());
  std::set<std::string_view> ids;
  for (const ComputedMetric& one : all) ids.insert(one.metric->id);
  // All but those that need overrides or scores.
  EXPECT_EQ(ids.size(), Metrics().size() - 2);
}

}  // namespace
}  // namespace limpid::algoregister::evidence
