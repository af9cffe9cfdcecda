#include "algoregister/evidence/report_json.h"

#include <span>
#include <string_view>
#include <utility>

#include "algoregister/evidence/bundle.h"
#include "algoregister/evidence/merge.h"
#include "common/base/check.h"

namespace limpid::algoregister::evidence {
namespace {

using json::Value;

// Values computed here are finite: undefined ones are no values.
Value Real(double value) {
  auto out = Value::FromDouble(value);
  LIMPID_CHECK(out.ok());
  return *std::move(out);
}

void SetValue(const MetricValue& value, Value& out) {
  if (!value.value) {
    out.Set("undefined", value.reason);
    return;
  }
  out.Set("value", Real(*value.value));
  if (value.interval) {
    out.Set("ci_low", Real(value.interval->low));
    out.Set("ci_high", Real(value.interval->high));
    out.Set("ci_method", value.interval->method);
  }
  if (value.parity) out.Set("parity", *value.parity);
}

Value GroupsJson(const Evidence& evidence) {
  Value out = Value::Array();
  for (const Grouping& grouping : evidence.groupings) {
    for (const Group& group : grouping.groups) {
      Value one = Value::Object();
      one.Set("attribute", grouping.attribute);
      one.Set("group", group.name);
      one.Set("n", group.counts.n());
      one.Set("tp", group.counts.tp);
      one.Set("fp", group.counts.fp);
      one.Set("fn", group.counts.fn);
      one.Set("tn", group.counts.tn);
      if (group.counts.overridden) {
        one.Set("overridden", *group.counts.overridden);
      }
      if (grouping.reference == group.name) one.Set("reference", true);
      out.Append(std::move(one));
    }
  }
  return out;
}

Value CalibrationJson(const Evidence& evidence) {
  Value out = Value::Array();
  for (const Calibration& calibration : evidence.calibrations) {
    Value bins = Value::Array();
    for (const CalibrationBin& bin : calibration.bins) {
      Value one = Value::Object();
      one.Set("n", bin.n);
      one.Set("positives", bin.positives);
      one.Set("score_sum", Real(bin.score_sum));
      bins.Append(std::move(one));
    }
    Value one = Value::Object();
    one.Set("attribute", calibration.attribute);
    one.Set("group", calibration.group);
    one.Set("bins", std::move(bins));
    out.Append(std::move(one));
  }
  return out;
}

}  // namespace

Value ToJson(const CheckedClaim& checked) {
  const Claim& claim = checked.claim;
  Value out = Value::Object();
  out.Set("metric", claim.metric);
  if (!claim.attribute.empty()) out.Set("attribute", claim.attribute);
  if (!claim.group.empty()) out.Set("group", claim.group);
  out.Set("claimed", Real(claim.value));
  if (claim.decimals) out.Set("decimals", *claim.decimals);
  out.Set("mark", MarkName(checked.mark));
  if (checked.interval_mark) {
    out.Set("interval_mark", MarkName(*checked.interval_mark));
  }
  if (!checked.reason.empty()) out.Set("reason", checked.reason);
  if (checked.metric != nullptr && !checked.recomputed.lacking &&
      (checked.recomputed.value || !checked.recomputed.reason.empty())) {
    Value recomputed = Value::Object();
    SetValue(checked.recomputed, recomputed);
    out.Set("recomputed", std::move(recomputed));
  }
  return out;
}

Value ToJson(const ComputedMetric& computed) {
  Value out = Value::Object();
  out.Set("metric", computed.metric->id);
  out.Set("attribute", computed.attribute);
  if (!computed.group.empty()) out.Set("group", computed.group);
  SetValue(computed.value, out);
  return out;
}

Value ToJson(const MarkCounts& marks) {
  Value out = Value::Object();
  out.Set("recomputed", marks.recomputed);
  out.Set("differs", marks.differs);
  out.Set("not_checkable", marks.not_checkable);
  return out;
}

Value BundleReport(const Bundle& bundle, std::string_view digest,
                   std::span<const CheckedClaim> claims) {
  const Evidence published = Published(bundle.evidence);
  Value list = Value::Array();
  for (const CheckedClaim& claim : claims) list.Append(ToJson(claim));
  Value metrics = Value::Array();
  for (const ComputedMetric& one : ComputeAll(published)) {
    metrics.Append(ToJson(one));
  }
  Value out = Value::Object();
  out.Set("digest", digest);
  out.Set("disclosure", DisclosureName(bundle.disclosure));
  if (!bundle.manifest.code_image.empty()) {
    out.Set("code_image", bundle.manifest.code_image);
  }
  out.Set("marks", ToJson(CountMarks(claims)));
  out.Set("claims", std::move(list));
  out.Set("groups", GroupsJson(published));
  out.Set("metrics", std::move(metrics));
  if (!published.calibrations.empty()) {
    out.Set("calibration", CalibrationJson(published));
  }
  return out;
}

Value ToJson(const Comparison& comparison) {
  Value list = Value::Array();
  for (const Agreement& agreement : comparison.agreements) {
    Value cells = Value::Array();
    for (const auto& [pair, count] : agreement.cells) {
      Value cell = Value::Object();
      cell.Set("left", comparison.results[pair.first]);
      cell.Set("right", comparison.results[pair.second]);
      cell.Set("n", count);
      cells.Append(std::move(cell));
    }
    Value one = Value::Object();
    if (!agreement.attribute.empty()) {
      one.Set("attribute", agreement.attribute);
      one.Set("group", agreement.group);
    }
    one.Set("n", agreement.n);
    one.Set("agreed", agreement.agreed);
    one.Set("rate", Real(agreement.rate));
    one.Set("ci_low", Real(agreement.interval.low));
    one.Set("ci_high", Real(agreement.interval.high));
    if (agreement.kappa) one.Set("kappa", Real(*agreement.kappa));
    one.Set("cells", std::move(cells));
    list.Append(std::move(one));
  }
  Value out = Value::Object();
  out.Set("agreements", std::move(list));
  out.Set("left_digest", DigestText(comparison.left));
  out.Set("right_digest", DigestText(comparison.right));
  return out;
}

Value ToJson(const AiaScore& score, AiaLanguage language) {
  Value sections = Value::Array();
  for (const AiaSection& section : score.sections) {
    Value one = Value::Object();
    one.Set("name", section.name);
    one.Set("title", section.title);
    one.Set("mitigates", section.mitigates);
    one.Set("score", section.score);
    one.Set("maximum", section.maximum);
    sections.Append(std::move(one));
  }
  Value out = Value::Object();
  out.Set("raw_score", score.raw);
  out.Set("raw_maximum", score.raw_maximum);
  out.Set("mitigation_score", score.mitigation);
  out.Set("mitigation_maximum",
          Real(static_cast<double>(score.mitigation_maximum_doubled) / 2));
  out.Set("reduced", score.reduced);
  out.Set("score", score.total);
  out.Set("level", score.level);
  out.Set("level_text", AiaLevelText(score.level, language));
  out.Set("unanswered_count", score.unanswered_count);
  out.Set("sections", std::move(sections));
  return out;
}

}  // namespace limpid::algoregister::evidence
