// A metric by group with its intervals, as SVG: for pages without script, and
// for those who hear the page.

#ifndef LIMPID_ALGOREGISTER_EVIDENCE_PLOT_H_
#define LIMPID_ALGOREGISTER_EVIDENCE_PLOT_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "algoregister/evidence/counts.h"
#include "algoregister/evidence/metrics.h"

namespace limpid::algoregister::evidence {

// One dot and one line per group of `attribute` ("" for the only grouping), as
// `evidence` names them: give it what may be published. A standalone SVG 1.1
// document in UTF-8, deterministic, with a title and a description that says
// every number; without script, style sheet or outside reference.
//
// Errors:
//   kNotFound            no such grouping.
//   kFailedPrecondition  the metric is not one of single groups, or the
//                        evidence cannot give it.
absl::StatusOr<std::string> PlotMetric(const Evidence& evidence,
                                       const MetricSpec& metric,
                                       std::string_view attribute);

}  // namespace limpid::algoregister::evidence

#endif  // LIMPID_ALGOREGISTER_EVIDENCE_PLOT_H_
