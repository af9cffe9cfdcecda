// Metrics of fairness with one meaning each: a table that says what an id
// computes, which sign it has and which way is better, and the computation.
// Pure. docs/formats/evidence-bundle.md, "Metrics".

#ifndef LIMPID_ALGOREGISTER_EVIDENCE_METRICS_H_
#define LIMPID_ALGOREGISTER_EVIDENCE_METRICS_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "algoregister/evidence/counts.h"
#include "algoregister/evidence/fraction.h"
#include "algoregister/evidence/interval.h"

namespace limpid::algoregister::evidence {

// What a value is about.
enum class Scope {
  // One group, or all cases.
  kGroup,
  // One group beside the reference group.
  kReference,
  // All groups of a grouping together.
  kAcross,
};

// Which way a value is better for those concerned.
enum class Direction {
  // Neither: it describes.
  kNone,
  kHigher,
  kLower,
  // The nearer to 0, and to 1.
  kZero,
  kOne,
};

struct MetricSpec {
  std::string_view id;
  // In counts of the positive class: "FP / (FP + TN)".
  std::string_view formula;
  Scope scope;
  Direction direction;
  // What a value above or below says; empty where there is nothing to mistake.
  std::string_view sign;
  // Names in Fairlearn, AIF360 and Aequitas; empty where they have none.
  std::string_view fairlearn;
  std::string_view aif360;
  std::string_view aequitas;
  // Judged by tau: parity where tau <= value <= 1 / tau.
  bool parity = false;
};

// Every metric, in the order in which they are shown.
std::span<const MetricSpec> Metrics();
// By id or by one of the ids that mean the same (pprev, prevalence, precision);
// nullptr for none.
const MetricSpec* FindMetric(std::string_view id);

// "kGroup" as "group", and so on: for machines.
std::string_view ScopeName(Scope scope);
std::string_view DirectionName(Direction direction);

struct MetricValue {
  // Nothing: undefined, and `reason` says why.
  std::optional<double> value;
  // What `value` was rounded from, for metrics that are quotients.
  std::optional<Fraction> exact;
  std::optional<Interval> interval;
  std::optional<bool> parity;
  std::string reason;
  // The evidence lacks what the metric needs, which is not the same as 0/0.
  bool lacking = false;
};

// The metric of `group` of `grouping`; of all cases or all groups for "".
// kAcross takes no group, kReference takes one.
MetricValue ComputeMetric(const MetricSpec& metric, const Evidence& evidence,
                          const Grouping& grouping, std::string_view group);

struct ComputedMetric {
  const MetricSpec* metric = nullptr;
  std::string attribute;
  // Empty for all groups.
  std::string group;
  MetricValue value;
};

// Every metric of every group and grouping. Metrics that the evidence cannot
// give at all are left out.
std::vector<ComputedMetric> ComputeAll(const Evidence& evidence);

// Parity in Aequitas' sense of several metrics at once: false if one is false,
// nothing if all are undefined.
std::optional<bool> BothHold(std::optional<bool> left,
                             std::optional<bool> right);

}  // namespace limpid::algoregister::evidence

#endif  // LIMPID_ALGOREGISTER_EVIDENCE_METRICS_H_
