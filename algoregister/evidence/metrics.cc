#include "algoregister/evidence/metrics.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algoregister/evidence/metric_table.h"
#include "common/base/check.h"

namespace limpid::algoregister::evidence {
namespace {

MetricValue Undefined(std::string_view reason) {
  return {.reason = std::string(reason)};
}

MetricValue Lacking(std::string_view reason) {
  return {.reason = std::string(reason), .lacking = true};
}

MetricValue Exactly(const Fraction& exact, std::optional<Interval> interval) {
  return {.value = exact.value(), .exact = exact, .interval = interval};
}

std::optional<Fraction> FractionOf(const Proportion& rate) {
  return Fraction::Of(rate.x, rate.n);
}

// A group and its counts, looked up once for all its metrics; "" is all cases.
struct Place {
  std::string_view group;
  // Null where there is no such group.
  const Counts* counts = nullptr;
};

// Values of one metric over one grouping.
class Calculator {
 public:
  Calculator(const Evidence& evidence, const Grouping& grouping)
      : evidence_(evidence),
        grouping_(grouping),
        total_(grouping.Total()),
        reference_(grouping.reference ? grouping.Find(*grouping.reference)
                                      : nullptr) {}

  [[nodiscard]] Place PlaceOf(std::string_view group) const {
    if (group.empty()) return {.group = group, .counts = &total_};
    const Group* const found = grouping_.Find(group);
    return {.group = group,
            .counts = found == nullptr ? nullptr : &found->counts};
  }

  // Of all cases for "".
  [[nodiscard]] MetricValue Rate(const RateRow& row, const Place& at) const {
    if (at.counts == nullptr) return Lacking("no such group");
    if (row.id == "override_rate" && !at.counts->overridden) {
      return Lacking("nobody noted what was overridden");
    }
    const Proportion rate = Take(row, *at.counts);
    const auto exact = FractionOf(rate);
    if (!exact) return Undefined("0/0");
    return Exactly(*exact, WilsonInterval(rate, evidence_.settings.level));
  }

  [[nodiscard]] MetricValue BesideReference(const DerivedRow& row,
                                            const Place& at) const {
    if (at.group.empty() || at.counts == nullptr) {
      return Lacking("no such group");
    }
    if (reference_ == nullptr) return Lacking("no reference group");
    const RateRow& rate = RateOf(row.rate);
    const Proportion one = Take(rate, *at.counts);
    const Proportion other = Take(rate, reference_->counts);
    const auto left = FractionOf(one);
    const auto right = FractionOf(other);
    if (!left || !right) return Undefined("a rate is 0/0");
    const double level = evidence_.settings.level;
    const bool itself = at.group == reference_->name;
    if (row.kind == DerivedRow::Kind::kMinusReference) {
      return Exactly(*left - *right, itself
                                         ? std::nullopt
                                         : NewcombeInterval(one, other, level));
    }
    const auto ratio = Over(*left, *right);
    if (!ratio) return Undefined("the reference group's rate is 0");
    // Shares of one whole are not independent of each other.
    const bool dependent = rate.id == "ppr" || itself;
    return Exactly(*ratio,
                   dependent ? std::nullopt : KatzInterval(one, other, level));
  }

  MetricValue Across(const DerivedRow& row) const {
    const auto ends = Ends(RateOf(row.rate));
    if (!ends) return Undefined("the rate of a group is 0/0");
    const double level = evidence_.settings.level;
    const auto smallest = FractionOf(ends->first);
    const auto largest = FractionOf(ends->second);
    // Invariant: Ends gives rates that exist.
    LIMPID_CHECK(smallest && largest);
    if (row.kind == DerivedRow::Kind::kSpread) {
      return Exactly(*largest - *smallest,
                     NewcombeInterval(ends->second, ends->first, level));
    }
    const auto ratio = Over(*smallest, *largest);
    if (!ratio) return Undefined("every rate is 0");
    return Exactly(*ratio, KatzInterval(ends->first, ends->second, level));
  }

  MetricValue EqualizedOdds() const {
    std::optional<Fraction> worst;
    for (const std::string_view id : {"tpr", "fpr"}) {
      const auto ends = Ends(RateOf(id));
      if (!ends) return Undefined("the rate of a group is 0/0");
      const Fraction gap = *FractionOf(ends->second) - *FractionOf(ends->first);
      if (!worst || *worst < gap) worst = gap;
    }
    return Exactly(*worst, std::nullopt);
  }

  [[nodiscard]] MetricValue AverageOdds(const Place& at) const {
    const DerivedRow::Kind minus = DerivedRow::Kind::kMinusReference;
    MetricValue tpr = BesideReference({"", minus, "favourable_tpr"}, at);
    MetricValue fpr = BesideReference({"", minus, "favourable_fpr"}, at);
    if (!tpr.exact) return tpr;
    if (!fpr.exact) return fpr;
    const Fraction sum = *tpr.exact + *fpr.exact;
    const auto half = Over(sum, *Fraction::Of(2, 1));
    return Exactly(*half, std::nullopt);
  }

  // Speicher et al. (2018), generalized entropy of index 1 of the benefits.
  [[nodiscard]] MetricValue Theil(const Place& at) const {
    if (at.counts == nullptr) return Lacking("no such group");
    const Counts counts = Favoured(*at.counts);
    const auto n = static_cast<double>(counts.n());
    const auto once = static_cast<double>(counts.tp + counts.tn);
    const auto twice = static_cast<double>(counts.fp);
    const double mean = (once + 2 * twice) / n;
    if (counts.n() == 0 || mean == 0) return Undefined("nobody benefits");
    const auto part = [mean](double benefit) {
      return benefit / mean * std::log(benefit / mean);
    };
    return {.value = (once * part(1) + twice * part(2)) / n};
  }

  MetricValue CalibrationError(std::string_view group) const {
    const auto found = std::find_if(
        evidence_.calibrations.begin(), evidence_.calibrations.end(),
        [this, group](const Calibration& one) {
          return one.attribute == grouping_.attribute && one.group == group;
        });
    if (found == evidence_.calibrations.end()) {
      return Lacking("there are no scores from 0 to 1 of such a group");
    }
    double sum = 0;
    std::int64_t n = 0;
    for (const CalibrationBin& bin : found->bins) {
      sum += std::abs(static_cast<double>(bin.positives) - bin.score_sum);
      n += bin.n;
    }
    if (n == 0) return Undefined("0/0");
    return {.value = sum / static_cast<double>(n)};
  }

 private:
  static const RateRow& RateOf(std::string_view id) {
    const RateRow* const row = FindRate(id);
    LIMPID_CHECK(row != nullptr);
    return *row;
  }

  [[nodiscard]] Counts Favoured(const Counts& counts) const {
    return evidence_.settings.favourable == Favourable::kNegative
               ? Exchanged(counts)
               : counts;
  }

  [[nodiscard]] Proportion Take(const RateRow& row,
                                const Counts& counts) const {
    return row.take(row.of_favourable ? Favoured(counts) : counts, total_);
  }

  // The smallest and the largest rate; nothing if one is 0/0 or there is no
  // group. Of equal ones the first by name.
  [[nodiscard]] std::optional<std::pair<Proportion, Proportion>> Ends(
      const RateRow& row) const {
    std::optional<std::pair<Proportion, Proportion>> out;
    for (const Group& group : grouping_.groups) {
      const Proportion rate = Take(row, group.counts);
      const auto exact = FractionOf(rate);
      if (!exact) return std::nullopt;
      if (!out) out.emplace(rate, rate);
      if (*exact < *FractionOf(out->first)) out->first = rate;
      if (*FractionOf(out->second) < *exact) out->second = rate;
    }
    return out;
  }

  const Evidence& evidence_;
  const Grouping& grouping_;
  Counts total_;
  // Null if there is none.
  const Group* reference_;
};

MetricValue Compute(const MetricSpec& metric, const Calculator& calculator,
                    const Place& at) {
  if (metric.id == "eq_odds") return calculator.EqualizedOdds();
  if (metric.id == "average_odds_difference") {
    return calculator.AverageOdds(at);
  }
  if (metric.id == "theil_index") return calculator.Theil(at);
  if (metric.id == "calibration_error") {
    return calculator.CalibrationError(at.group);
  }
  for (const DerivedRow& row : Derived()) {
    if (row.id != metric.id) continue;
    return metric.scope == Scope::kAcross ? calculator.Across(row)
                                          : calculator.BesideReference(row, at);
  }
  const RateRow* const rate = FindRate(metric.id);
  LIMPID_CHECK(rate != nullptr);
  return calculator.Rate(*rate, at);
}

constexpr std::int64_t kThousand = 1'000;

bool HasParity(const Fraction& value, std::int64_t tau_thousandths) {
  const auto tau = Fraction::Of(tau_thousandths, kThousand);
  const auto bound = Fraction::Of(kThousand, tau_thousandths);
  LIMPID_CHECK(tau && bound);
  return !(value < *tau) && !(*bound < value);
}

MetricValue ComputeWith(const Calculator& calculator, const MetricSpec& metric,
                        const Settings& settings, const Place& at) {
  if (metric.scope == Scope::kAcross && !at.group.empty()) {
    return Lacking("the metric is about all groups together");
  }
  MetricValue out = Compute(metric, calculator, at);
  if (metric.parity && out.exact) {
    out.parity = HasParity(*out.exact, settings.tau_thousandths);
  }
  return out;
}

}  // namespace

MetricValue ComputeMetric(const MetricSpec& metric, const Evidence& evidence,
                          const Grouping& grouping, std::string_view group) {
  const Calculator calculator(evidence, grouping);
  return ComputeWith(calculator, metric, evidence.settings,
                     calculator.PlaceOf(group));
}

std::vector<ComputedMetric> ComputeAll(const Evidence& evidence) {
  std::vector<ComputedMetric> out;
  for (const Grouping& grouping : evidence.groupings) {
    const Calculator calculator(evidence, grouping);
    const auto add = [&](const MetricSpec& metric, const Place& at) {
      MetricValue value =
          ComputeWith(calculator, metric, evidence.settings, at);
      if (value.lacking) return;
      out.push_back({.metric = &metric,
                     .attribute = grouping.attribute,
                     .group = std::string(at.group),
                     .value = std::move(value)});
    };
    const Place all = calculator.PlaceOf("");
    for (const MetricSpec& metric : Metrics()) {
      if (metric.scope != Scope::kReference) add(metric, all);
      if (metric.scope == Scope::kAcross) continue;
      for (const Group& group : grouping.groups) {
        add(metric, {.group = group.name, .counts = &group.counts});
      }
    }
  }
  return out;
}

std::optional<bool> BothHold(std::optional<bool> left,
                             std::optional<bool> right) {
  if (!left && !right) return std::nullopt;
  return left.value_or(false) && right.value_or(false);
}

}  // namespace limpid::algoregister::evidence
