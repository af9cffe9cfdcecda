#include "algoregister/rpc/evidence_rpc.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/evidence/compare.h"
#include "algoregister/evidence/merge.h"
#include "algoregister/evidence/metrics.h"
#include "algoregister/evidence/plot.h"
#include "algoregister/rpc/convert.h"
#include "common/base/bytes.h"
#include "common/base/peer.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"
#include "common/rpc/validate.h"

namespace limpid::algoregister {
namespace {

// As PublishService takes it.
constexpr std::size_t kMaxContentBytes = std::size_t{256} << 10U;

v1::EvidenceMark ToProto(evidence::Mark mark) {
  switch (mark) {
    case evidence::Mark::kRecomputed:
      return v1::EVIDENCE_MARK_RECOMPUTED;
    case evidence::Mark::kDiffers:
      return v1::EVIDENCE_MARK_DIFFERS;
    case evidence::Mark::kNotCheckable:
      return v1::EVIDENCE_MARK_NOT_CHECKABLE;
  }
  return v1::EVIDENCE_MARK_UNSPECIFIED;
}

v1::EvidenceSource ToProto(EvidenceSource source) {
  switch (source) {
    case EvidenceSource::kNone:
      return v1::EVIDENCE_SOURCE_UNSPECIFIED;
    case EvidenceSource::kCounts:
      return v1::EVIDENCE_SOURCE_COUNTS;
    case EvidenceSource::kBundle:
      return v1::EVIDENCE_SOURCE_BUNDLE;
  }
  return v1::EVIDENCE_SOURCE_UNSPECIFIED;
}

void Fill(const evidence::Interval& interval, v1::ConfidenceInterval& out) {
  out.set_low(interval.low);
  out.set_high(interval.high);
  out.set_method(std::string(interval.method));
}

v1::MarkCounts ToProto(const evidence::MarkCounts& marks) {
  v1::MarkCounts out;
  out.set_recomputed(static_cast<std::int64_t>(marks.recomputed));
  out.set_differs(static_cast<std::int64_t>(marks.differs));
  out.set_not_checkable(static_cast<std::int64_t>(marks.not_checkable));
  return out;
}

void Fill(const evidence::CheckedClaim& claim, v1::CheckedClaim& out) {
  out.set_metric_id(claim.claim.metric);
  out.set_attribute(claim.claim.attribute);
  out.set_group(claim.claim.group);
  out.set_claimed(claim.claim.value);
  out.set_mark(ToProto(claim.mark));
  if (claim.interval_mark) out.set_interval_mark(ToProto(*claim.interval_mark));
  if (claim.recomputed.value) out.set_recomputed(*claim.recomputed.value);
  if (claim.recomputed.interval) {
    Fill(*claim.recomputed.interval, *out.mutable_interval());
  }
  out.set_reason(claim.reason);
  if (claim.claim.decimals) out.set_decimals(*claim.claim.decimals);
}

void Fill(const Recomputation& from, v1::GetEvidenceResponse& out) {
  out.set_source(ToProto(from.source));
  if (from.source == EvidenceSource::kBundle) {
    out.set_disclosure(std::string(DisclosureName(from.disclosure)));
  }
  if (from.bundle) out.set_bundle_digest(evidence::DigestText(*from.bundle));
  *out.mutable_marks() = ToProto(evidence::CountMarks(from.claims));
  for (const evidence::CheckedClaim& claim : from.claims) {
    Fill(claim, *out.add_claims());
  }
  out.set_counts_differ(from.counts_differ);
  out.set_settings_differ(from.settings_differ);
  out.set_unreadable(from.unreadable);
  out.set_remark(from.remark);
  if (from.erasure) *out.mutable_erasure() = ToProto(*from.erasure);
}

void Fill(const evidence::ComputedMetric& from, v1::MetricValue& out) {
  out.set_metric_id(std::string(from.metric->id));
  out.set_attribute(from.attribute);
  out.set_group(from.group);
  if (from.value.value) {
    out.set_value(*from.value.value);
  } else {
    out.set_undefined_reason(from.value.reason);
  }
  if (from.value.interval) {
    Fill(*from.value.interval, *out.mutable_interval());
  }
  if (from.value.parity) out.set_parity(*from.value.parity);
}

void Fill(const evidence::Grouping& grouping, const evidence::Group& group,
          v1::GroupCounts& out) {
  out.set_attribute(grouping.attribute);
  out.set_group(group.name);
  out.set_n(group.counts.n());
  out.set_tp(group.counts.tp);
  out.set_fp(group.counts.fp);
  out.set_fn(group.counts.fn);
  out.set_tn(group.counts.tn);
  if (group.counts.overridden) out.set_overridden(*group.counts.overridden);
  out.set_reference(grouping.reference == group.name);
}

void Fill(const evidence::Calibration& from, v1::GroupCalibration& out) {
  out.set_attribute(from.attribute);
  out.set_group(from.group);
  for (const evidence::CalibrationBin& bin : from.bins) {
    v1::CalibrationBin& one = *out.add_bins();
    one.set_n(bin.n);
    one.set_positives(bin.positives);
    one.set_score_sum(bin.score_sum);
  }
}

void FillAll(const Recomputation& from, v1::RecomputeEvaluationResponse& out) {
  Fill(from, *out.mutable_evidence());
  const evidence::Evidence shown = evidence::Published(from.evidence);
  for (const evidence::Grouping& grouping : shown.groupings) {
    for (const evidence::Group& group : grouping.groups) {
      Fill(grouping, group, *out.add_groups());
    }
  }
  for (const evidence::ComputedMetric& metric : evidence::ComputeAll(shown)) {
    Fill(metric, *out.add_metrics());
  }
  for (const evidence::Calibration& one : shown.calibrations) {
    Fill(one, *out.add_calibrations());
  }
}

void Fill(const evidence::Agreement& from,
          const std::vector<std::string>& results, v1::GroupAgreement& out) {
  out.set_attribute(from.attribute);
  out.set_group(from.group);
  out.set_n(from.n);
  out.set_agreed(from.agreed);
  out.set_rate(from.rate);
  Fill(from.interval, *out.mutable_interval());
  if (from.kappa) out.set_kappa(*from.kappa);
  for (const auto& [cell, count] : from.cells) {
    v1::ResultPair& pair = *out.add_pairs();
    pair.set_left(results[cell.first]);
    pair.set_right(results[cell.second]);
    pair.set_n(count);
  }
}

void Fill(const evidence::MetricSpec& from, v1::Metric& out) {
  out.set_metric_id(std::string(from.id));
  out.set_formula(std::string(from.formula));
  out.set_scope(std::string(ScopeName(from.scope)));
  out.set_direction(std::string(DirectionName(from.direction)));
  out.set_sign(std::string(from.sign));
  out.set_fairlearn(std::string(from.fairlearn));
  out.set_aif360(std::string(from.aif360));
  out.set_aequitas(std::string(from.aequitas));
  out.set_parity(from.parity);
}

absl::Status Compared(const v1::CompareResultsRequest& request,
                      v1::CompareResultsResponse& response) {
  for (const auto& [path, text] : {std::pair("left", &request.left()),
                                   std::pair("right", &request.right())}) {
    if (!base::IsUtf8(*text)) return rpc::FieldError(path, "not UTF-8");
  }
  LIMPID_ASSIGN_OR_RETURN(const evidence::Comparison compared,
                          evidence::Compare(request.left(), request.right()));
  for (const evidence::Agreement& one : compared.agreements) {
    Fill(one, compared.results, *response.add_agreements());
  }
  response.set_left_digest(evidence::DigestText(compared.left));
  response.set_right_digest(evidence::DigestText(compared.right));
  return absl::OkStatus();
}

// Of a published version.
template <typename Request>
absl::StatusOr<Recomputation> Recomputed(EvidenceDesk& desk,
                                         const Request& request) {
  LIMPID_ASSIGN_OR_RETURN(const RegistrationId id,
                          ReadId("registration_id", request.registration_id()));
  LIMPID_ASSIGN_OR_RETURN(const std::uint32_t number,
                          ReadVersion("version", request.version()));
  return desk.Recompute(id, number);
}

absl::StatusOr<Recomputation> RecomputedDraft(EvidenceDesk& desk,
                                              const std::string& text) {
  const auto content = json::ParseStrict(text, {.max_bytes = kMaxContentBytes});
  if (!content.ok()) return rpc::AtField("content_json", content.status());
  if (!content->is_object()) {
    return rpc::FieldError("content_json", "must be an object");
  }
  return desk.RecomputeContent(*content);
}

}  // namespace

v1::EvidenceErasure ToProto(const BundleErasure& erasure) {
  v1::EvidenceErasure out;
  out.set_digest(evidence::DigestText(erasure.digest));
  *out.mutable_erase_time() = ToProto(erasure.time);
  out.set_ground(erasure.ground);
  switch (erasure.role) {
    case ErasureRole::kAdministrator:
      out.set_role(v1::ERASURE_ROLE_ADMINISTRATOR);
      break;
  }
  return out;
}

grpc::ServerUnaryReactor* EvidenceRpc::GetEvidence(
    grpc::CallbackServerContext* context, const v1::GetEvidenceRequest* request,
    v1::GetEvidenceResponse* response) {
  return rpc::Unary(edge_, context,
                    [=, this](const rpc::Caller&) -> absl::Status {
                      LIMPID_ASSIGN_OR_RETURN(const Recomputation found,
                                              Recomputed(desk_, *request));
                      Fill(found, *response);
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* EvidenceRpc::RecomputeEvaluation(
    grpc::CallbackServerContext* context,
    const v1::RecomputeEvaluationRequest* request,
    v1::RecomputeEvaluationResponse* response) {
  return rpc::Unary(
      edge_, context,
      [=, this, client = base::ClientOf(context->peer())](
          const rpc::Caller&) -> absl::Status {
        const AnswerPlace place(dear_, client);
        LIMPID_RETURN_IF_ERROR(place.status());
        LIMPID_ASSIGN_OR_RETURN(
            const Recomputation found,
            request->content_json().empty()
                ? Recomputed(desk_, *request)
                : RecomputedDraft(desk_, request->content_json()));
        FillAll(found, *response);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* EvidenceRpc::GetEvidenceBundle(
    grpc::CallbackServerContext* context,
    const v1::GetEvidenceBundleRequest* request,
    v1::GetEvidenceBundleResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller&) -> absl::Status {
        const auto digest = evidence::ReadDigestText(request->digest());
        if (!digest.ok()) return rpc::AtField("digest", digest.status());
        LIMPID_ASSIGN_OR_RETURN(const StoredBundle bundle, desk_.Get(*digest));
        response->set_bundle(base::ToText(bundle.bytes));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* EvidenceRpc::GetEvidenceErasure(
    grpc::CallbackServerContext* context,
    const v1::GetEvidenceErasureRequest* request,
    v1::GetEvidenceErasureResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller&) -> absl::Status {
        const auto digest = evidence::ReadDigestText(request->digest());
        if (!digest.ok()) return rpc::AtField("digest", digest.status());
        LIMPID_ASSIGN_OR_RETURN(const BundleErasure erasure,
                                desk_.GetErasure(*digest));
        *response->mutable_erasure() = ToProto(erasure);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* EvidenceRpc::GetEvidencePlot(
    grpc::CallbackServerContext* context,
    const v1::GetEvidencePlotRequest* request,
    v1::GetEvidencePlotResponse* response) {
  return rpc::Unary(edge_, context, [=, this](const rpc::Caller&) {
    return Plot(*request, *response);
  });
}

absl::Status EvidenceRpc::Plot(const v1::GetEvidencePlotRequest& request,
                               v1::GetEvidencePlotResponse& response) {
  const evidence::MetricSpec* const metric =
      evidence::FindMetric(request.metric_id());
  if (metric == nullptr) return rpc::FieldError("metric_id", "unknown");
  LIMPID_ASSIGN_OR_RETURN(const Recomputation found,
                          Recomputed(desk_, request));
  if (found.erasure && found.source == EvidenceSource::kNone) {
    return absl::FailedPreconditionError(found.remark);
  }
  LIMPID_ASSIGN_OR_RETURN(
      *response.mutable_svg(),
      evidence::PlotMetric(evidence::Published(found.evidence), *metric,
                           request.attribute()));
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* EvidenceRpc::CompareResults(
    grpc::CallbackServerContext* context,
    const v1::CompareResultsRequest* request,
    v1::CompareResultsResponse* response) {
  return rpc::Unary(edge_, context,
                    [=, this, client = base::ClientOf(context->peer())](
                        const rpc::Caller&) -> absl::Status {
                      const AnswerPlace place(dear_, client);
                      LIMPID_RETURN_IF_ERROR(place.status());
                      return Compared(*request, *response);
                    });
}

grpc::ServerUnaryReactor* EvidenceRpc::ListMetrics(
    grpc::CallbackServerContext* context,
    const v1::ListMetricsRequest* /*request*/,
    v1::ListMetricsResponse* response) {
  return rpc::Unary(edge_, context, [=](const rpc::Caller&) {
    for (const evidence::MetricSpec& metric : evidence::Metrics()) {
      Fill(metric, *response->add_metrics());
    }
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* EvidenceUploadRpc::UploadEvidence(
    grpc::CallbackServerContext* context,
    const v1::UploadEvidenceRequest* request,
    v1::UploadEvidenceResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        const auto publisher =
            publishers_.FindByCertificate(caller.spki_thumbprint);
        if (absl::IsNotFound(publisher.status())) {
          return absl::PermissionDeniedError(
              "the certificate belongs to no publisher");
        }
        if (!publisher.ok()) return publisher.status();
        const auto uploaded = desk_.Upload(*publisher, request->bundle());
        if (!uploaded.ok()) return rpc::AtField("bundle", uploaded.status());
        response->set_digest(evidence::DigestText(uploaded->digest));
        response->set_disclosure(
            std::string(DisclosureName(uploaded->disclosure)));
        *response->mutable_marks() =
            ToProto(evidence::CountMarks(uploaded->claims));
        for (const evidence::CheckedClaim& claim : uploaded->claims) {
          Fill(claim, *response->add_claims());
        }
        return absl::OkStatus();
      });
}

}  // namespace limpid::algoregister
