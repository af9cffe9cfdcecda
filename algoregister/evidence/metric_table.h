// The rows behind Metrics(): for metrics.cc alone.

#ifndef LIMPID_ALGOREGISTER_EVIDENCE_METRIC_TABLE_H_
#define LIMPID_ALGOREGISTER_EVIDENCE_METRIC_TABLE_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "algoregister/evidence/counts.h"
#include "algoregister/evidence/interval.h"

namespace limpid::algoregister::evidence {

// x of n, from the counts of a group and of all groups of the grouping.
using Take = Proportion (*)(const Counts& group, const Counts& total);

// A rate of one group; others are made of them.
struct RateRow {
  std::string_view id;
  Take take;
  // The counts are exchanged first where the favourable class is negative.
  bool of_favourable = false;
};

std::span<const RateRow> Rates();
// nullptr for none.
const RateRow* FindRate(std::string_view id);

// Metrics that are one rate beside another, which `rate` names.
struct DerivedRow {
  enum class Kind {
    // Group minus reference, group over reference.
    kMinusReference,
    kOverReference,
    // Largest minus smallest, smallest over largest.
    kSpread,
    kSmallestOverLargest,
  };
  std::string_view id;
  Kind kind;
  std::string_view rate;
};

std::span<const DerivedRow> Derived();

}  // namespace limpid::algoregister::evidence

#endif  // LIMPID_ALGOREGISTER_EVIDENCE_METRIC_TABLE_H_
