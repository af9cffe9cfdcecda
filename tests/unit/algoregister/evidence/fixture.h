// Bundles by the line, for tests of evidence.

#ifndef LIMPID_TESTS_UNIT_ALGOREGISTER_EVIDENCE_FIXTURE_H_
#define LIMPID_TESTS_UNIT_ALGOREGISTER_EVIDENCE_FIXTURE_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algoregister/evidence/bundle.h"
#include "algoregister/evidence/counts.h"
#include "algoregister/evidence/metrics.h"
#include "common/json/json.h"
#include "gtest/gtest.h"

namespace limpid::algoregister::evidence {

// The manifest of label_value, score and the group column `class`.
inline json::Value ManifestOf(std::string_view group = "class") {
  json::Value out =
      json::ParseStrict(
          R"({"favourable":"negative","k":0,"level":0.95,"tau":0.8,)"
          R"("label":{"column":"label_value","negative":"0","positive":"1"},)"
          R"("prediction":{"column":"score","negative":"0","positive":"1"}})")
          .value();
  json::Value groups = json::Value::Array();
  groups.Append(group);
  out.Set("groups", std::move(groups));
  return out;
}

// A bundle with `content` under `member`.
inline json::Value FileOf(json::Value manifest, std::string_view member,
                          json::Value content) {
  json::Value out = json::Value::Object();
  out.Set("claims", json::Value::Array());
  out.Set("format", kBundleFormat);
  out.Set("manifest", std::move(manifest));
  out.Set(member, std::move(content));
  return out;
}

inline json::Value RowsFile(json::Value manifest, std::string_view rows) {
  return FileOf(std::move(manifest), "rows", json::Value(rows));
}

inline absl::StatusOr<Bundle> Parse(const json::Value& file) {
  return ParseBundle(json::Canonical(file));
}

inline Grouping TwoGroups(const Counts& first, const Counts& second) {
  return {.attribute = "sex",
          .groups = {{"a", first}, {"b", second}},
          .reference = "b"};
}

inline Evidence EvidenceOf(Grouping grouping) {
  Evidence out;
  out.total = grouping.Total();
  out.groupings.push_back(std::move(grouping));
  return out;
}

// The metric, of the first grouping.
inline MetricValue Of(const Evidence& evidence, std::string_view metric,
                      std::string_view group = "") {
  const MetricSpec* const spec = FindMetric(metric);
  if (spec == nullptr) {
    ADD_FAILURE() << "no metric " << metric;
    return {};
  }
  return ComputeMetric(*spec, evidence, evidence.groupings.front(), group);
}

}  // namespace limpid::algoregister::evidence

#endif  // LIMPID_TESTS_UNIT_ALGOREGISTER_EVIDENCE_FIXTURE_H_
