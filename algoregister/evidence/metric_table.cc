// What each id means. A row is never changed once it was published: claims of
// years ago are recomputed with it. Names of other tools: fairlearn.metrics,
// aif360.metrics.ClassificationMetric, aequitas.group and aequitas.bias.

#include "algoregister/evidence/metric_table.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "algoregister/evidence/metrics.h"

namespace limpid::algoregister::evidence {
namespace {

constexpr std::string_view kWorse = "below 0: the group is worse off";
constexpr std::string_view kWorseRatio = "below 1: the group is worse off";
constexpr std::string_view kMore = "above 1: the group has more of it";

constexpr MetricSpec Rate(std::string_view id, std::string_view formula,
                          Direction direction, std::string_view fairlearn,
                          std::string_view aif360, std::string_view aequitas) {
  return {.id = id,
          .formula = formula,
          .scope = Scope::kGroup,
          .direction = direction,
          .sign = "",
          .fairlearn = fairlearn,
          .aif360 = aif360,
          .aequitas = aequitas};
}

// The same name in Aequitas.
constexpr MetricSpec Disparity(std::string_view id, std::string_view formula,
                               std::string_view aequitas) {
  return {.id = id,
          .formula = formula,
          .scope = Scope::kReference,
          .direction = Direction::kOne,
          .sign = kMore,
          .fairlearn = "",
          .aif360 = "",
          .aequitas = aequitas,
          .parity = true};
}

constexpr auto kMetrics = std::to_array<MetricSpec>({
    Rate("base_rate", "(TP + FN) / n", Direction::kNone, "", "base_rate",
         "prev"),
    Rate("selection_rate", "(TP + FP) / n", Direction::kNone, "selection_rate",
         "selection_rate", "pprev"),
    Rate("favourable_rate",
         "(TP + FP) / n, or (TN + FN) / n where the favourable class is "
         "negative",
         Direction::kHigher, "", "selection_rate", ""),
    Rate("ppr", "(TP + FP) / (TP + FP of all groups)", Direction::kNone, "", "",
         "ppr"),
    Rate("tpr", "TP / (TP + FN)", Direction::kHigher, "true_positive_rate",
         "true_positive_rate", "tpr"),
    Rate("fpr", "FP / (FP + TN)", Direction::kLower, "false_positive_rate",
         "false_positive_rate", "fpr"),
    Rate("fnr", "FN / (TP + FN)", Direction::kLower, "false_negative_rate",
         "false_negative_rate", "fnr"),
    Rate("tnr", "TN / (FP + TN)", Direction::kHigher, "true_negative_rate",
         "true_negative_rate", "tnr"),
    Rate("ppv", "TP / (TP + FP)", Direction::kHigher, "precision",
         "positive_predictive_value", "precision"),
    Rate("npv", "TN / (TN + FN)", Direction::kHigher, "",
         "negative_predictive_value", "npv"),
    Rate("fdr", "FP / (TP + FP)", Direction::kLower, "", "false_discovery_rate",
         "fdr"),
    Rate("for", "FN / (TN + FN)", Direction::kLower, "", "false_omission_rate",
         "for"),
    Rate("accuracy", "(TP + TN) / n", Direction::kHigher, "accuracy_score",
         "accuracy", ""),
    Rate("override_rate", "overridden / n", Direction::kNone, "", "", ""),
    Rate("calibration_error",
         "sum over ten bins of |positives - sum of scores| / n",
         Direction::kZero, "", "", ""),
    Rate("theil_index",
         "mean of (b / m) ln(b / m) with b = prediction - outcome + 1 of the "
         "favourable class, m = mean of b",
         Direction::kZero, "", "theil_index", ""),
    Disparity("selection_rate_disparity",
              "selection_rate of group / of reference", "pprev_disparity"),
    Disparity("ppr_disparity", "ppr of group / of reference", "ppr_disparity"),
    Disparity("tpr_disparity", "tpr of group / of reference", "tpr_disparity"),
    Disparity("fpr_disparity", "fpr of group / of reference", "fpr_disparity"),
    Disparity("fnr_disparity", "fnr of group / of reference", "fnr_disparity"),
    Disparity("tnr_disparity", "tnr of group / of reference", "tnr_disparity"),
    Disparity("ppv_disparity", "ppv of group / of reference",
              "precision_disparity"),
    Disparity("npv_disparity", "npv of group / of reference", "npv_disparity"),
    Disparity("fdr_disparity", "fdr of group / of reference", "fdr_disparity"),
    Disparity("for_disparity", "for of group / of reference", "for_disparity"),
    {.id = "disparate_impact",
     .formula = "favourable_rate of group / of reference",
     .scope = Scope::kReference,
     .direction = Direction::kOne,
     .sign = kWorseRatio,
     .fairlearn = "",
     .aif360 = "disparate_impact",
     .aequitas = "",
     .parity = true},
    {.id = "dp_difference_signed",
     .formula = "favourable_rate of group - of reference",
     .scope = Scope::kReference,
     .direction = Direction::kZero,
     .sign = kWorse,
     .fairlearn = "",
     .aif360 = "statistical_parity_difference",
     .aequitas = ""},
    {.id = "eo_opportunity_signed",
     .formula = "tpr of the favourable class, of group - of reference",
     .scope = Scope::kReference,
     .direction = Direction::kZero,
     .sign = kWorse,
     .fairlearn = "",
     .aif360 = "equal_opportunity_difference",
     .aequitas = ""},
    {.id = "average_odds_difference",
     .formula = "mean of the differences of tpr and fpr of the favourable "
                "class, each of group - of reference",
     .scope = Scope::kReference,
     .direction = Direction::kZero,
     .sign = kWorse,
     .fairlearn = "",
     .aif360 = "average_odds_difference",
     .aequitas = ""},
    {.id = "dp_difference",
     .formula = "largest - smallest selection_rate",
     .scope = Scope::kAcross,
     .direction = Direction::kZero,
     .sign = "never below 0",
     .fairlearn = "demographic_parity_difference",
     .aif360 = "",
     .aequitas = ""},
    {.id = "dp_ratio",
     .formula = "smallest / largest selection_rate",
     .scope = Scope::kAcross,
     .direction = Direction::kOne,
     .sign = "never above 1",
     .fairlearn = "demographic_parity_ratio",
     .aif360 = "",
     .aequitas = "",
     .parity = true},
    {.id = "eo_opportunity",
     .formula = "largest - smallest tpr of the favourable class",
     .scope = Scope::kAcross,
     .direction = Direction::kZero,
     .sign = "never below 0",
     .fairlearn = "equal_opportunity_difference",
     .aif360 = "",
     .aequitas = ""},
    {.id = "eq_odds",
     .formula = "the larger of (largest - smallest tpr) and (largest - "
                "smallest fpr)",
     .scope = Scope::kAcross,
     .direction = Direction::kZero,
     .sign = "never below 0",
     .fairlearn = "equalized_odds_difference",
     .aif360 = "",
     .aequitas = ""},
});

// Ids of others that mean a row above.
struct SameAs {
  std::string_view other;
  std::string_view id;
};
constexpr auto kSame = std::to_array<SameAs>({
    {"prevalence", "base_rate"},
    {"prev", "base_rate"},
    {"pprev", "selection_rate"},
    {"pprev_disparity", "selection_rate_disparity"},
    {"precision", "ppv"},
    {"precision_disparity", "ppv_disparity"},
});

constexpr auto kRates = std::to_array<RateRow>({
    {"base_rate",
     [](const Counts& c, const Counts& /*total*/) -> Proportion {
       return {c.tp + c.fn, c.n()};
     }},
    {"selection_rate",
     [](const Counts& c, const Counts& /*total*/) -> Proportion {
       return {c.tp + c.fp, c.n()};
     }},
    {"favourable_rate",
     [](const Counts& c, const Counts& /*total*/) -> Proportion {
       return {c.tp + c.fp, c.n()};
     },
     /*of_favourable=*/true},
    {"ppr",
     [](const Counts& c, const Counts& total) -> Proportion {
       return {c.tp + c.fp, total.tp + total.fp};
     }},
    {"tpr",
     [](const Counts& c, const Counts& /*total*/) -> Proportion {
       return {c.tp, c.tp + c.fn};
     }},
    {"fpr",
     [](const Counts& c, const Counts& /*total*/) -> Proportion {
       return {c.fp, c.fp + c.tn};
     }},
    {"fnr",
     [](const Counts& c, const Counts& /*total*/) -> Proportion {
       return {c.fn, c.tp + c.fn};
     }},
    {"tnr",
     [](const Counts& c, const Counts& /*total*/) -> Proportion {
       return {c.tn, c.fp + c.tn};
     }},
    {"ppv",
     [](const Counts& c, const Counts& /*total*/) -> Proportion {
       return {c.tp, c.tp + c.fp};
     }},
    {"npv",
     [](const Counts& c, const Counts& /*total*/) -> Proportion {
       return {c.tn, c.tn + c.fn};
     }},
    {"fdr",
     [](const Counts& c, const Counts& /*total*/) -> Proportion {
       return {c.fp, c.tp + c.fp};
     }},
    {"for",
     [](const Counts& c, const Counts& /*total*/) -> Proportion {
       return {c.fn, c.tn + c.fn};
     }},
    {"accuracy",
     [](const Counts& c, const Counts& /*total*/) -> Proportion {
       return {c.tp + c.tn, c.n()};
     }},
    {"override_rate",
     [](const Counts& c, const Counts& /*total*/) -> Proportion {
       return {c.overridden.value_or(0), c.n()};
     }},
    // Not a metric of its own: what eo_opportunity compares.
    {"favourable_tpr",
     [](const Counts& c, const Counts& /*total*/) -> Proportion {
       return {c.tp, c.tp + c.fn};
     },
     /*of_favourable=*/true},
    {"favourable_fpr",
     [](const Counts& c, const Counts& /*total*/) -> Proportion {
       return {c.fp, c.fp + c.tn};
     },
     /*of_favourable=*/true},
});

using Kind = DerivedRow::Kind;
constexpr auto kDerived = std::to_array<DerivedRow>({
    {"selection_rate_disparity", Kind::kOverReference, "selection_rate"},
    {"ppr_disparity", Kind::kOverReference, "ppr"},
    {"tpr_disparity", Kind::kOverReference, "tpr"},
    {"fpr_disparity", Kind::kOverReference, "fpr"},
    {"fnr_disparity", Kind::kOverReference, "fnr"},
    {"tnr_disparity", Kind::kOverReference, "tnr"},
    {"ppv_disparity", Kind::kOverReference, "ppv"},
    {"npv_disparity", Kind::kOverReference, "npv"},
    {"fdr_disparity", Kind::kOverReference, "fdr"},
    {"for_disparity", Kind::kOverReference, "for"},
    {"disparate_impact", Kind::kOverReference, "favourable_rate"},
    {"dp_difference_signed", Kind::kMinusReference, "favourable_rate"},
    {"eo_opportunity_signed", Kind::kMinusReference, "favourable_tpr"},
    {"dp_difference", Kind::kSpread, "selection_rate"},
    {"dp_ratio", Kind::kSmallestOverLargest, "selection_rate"},
    {"eo_opportunity", Kind::kSpread, "favourable_tpr"},
});

}  // namespace

std::span<const MetricSpec> Metrics() { return kMetrics; }

const MetricSpec* FindMetric(std::string_view id) {
  for (const SameAs& same : kSame) {
    if (same.other == id) return FindMetric(same.id);
  }
  const auto* const found =
      std::find_if(kMetrics.begin(), kMetrics.end(),
                   [id](const MetricSpec& one) { return one.id == id; });
  return found == kMetrics.end() ? nullptr : found;
}

std::span<const RateRow> Rates() { return kRates; }

const RateRow* FindRate(std::string_view id) {
  const auto* const found =
      std::find_if(kRates.begin(), kRates.end(),
                   [id](const RateRow& row) { return row.id == id; });
  return found == kRates.end() ? nullptr : found;
}

std::span<const DerivedRow> Derived() { return kDerived; }

std::string_view ScopeName(Scope scope) {
  switch (scope) {
    case Scope::kGroup:
      return "group";
    case Scope::kReference:
      return "reference";
    case Scope::kAcross:
      return "across";
  }
  return "";
}

std::string_view DirectionName(Direction direction) {
  switch (direction) {
    case Direction::kNone:
      return "none";
    case Direction::kHigher:
      return "higher";
    case Direction::kLower:
      return "lower";
    case Direction::kZero:
      return "zero";
    case Direction::kOne:
      return "one";
  }
  return "";
}

}  // namespace limpid::algoregister::evidence
