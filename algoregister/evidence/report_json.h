// What was recomputed, as JSON: for the command line and for whoever compares
// two implementations.

#ifndef LIMPID_ALGOREGISTER_EVIDENCE_REPORT_JSON_H_
#define LIMPID_ALGOREGISTER_EVIDENCE_REPORT_JSON_H_

#include <span>
#include <string_view>

#include "algoregister/evidence/aia.h"
#include "algoregister/evidence/bundle.h"
#include "algoregister/evidence/claims.h"
#include "algoregister/evidence/compare.h"
#include "algoregister/evidence/metrics.h"
#include "common/json/value.h"

namespace limpid::algoregister::evidence {

// {"claims", "code_image", "digest", "disclosure", "groups", "marks",
// "metrics"}. Groups and metrics are those that may be published; an undefined
// value is {"undefined": reason} and never null.
json::Value BundleReport(const Bundle& bundle, std::string_view digest,
                         std::span<const CheckedClaim> claims);

json::Value ToJson(const CheckedClaim& checked);
json::Value ToJson(const ComputedMetric& computed);
json::Value ToJson(const MarkCounts& marks);
json::Value ToJson(const Comparison& comparison);
json::Value ToJson(const AiaScore& score, AiaLanguage language);

}  // namespace limpid::algoregister::evidence

#endif  // LIMPID_ALGOREGISTER_EVIDENCE_REPORT_JSON_H_
