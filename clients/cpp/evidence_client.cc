#include "clients/cpp/evidence_client.h"

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::algoregister::v1;

#define LIMPID_EVIDENCE "/limpid.algoregister.v1.EvidenceService/"
constexpr Method kGet = {LIMPID_EVIDENCE "GetEvidence", true};
constexpr Method kRecompute = {LIMPID_EVIDENCE "RecomputeEvaluation", true};
constexpr Method kBundle = {LIMPID_EVIDENCE "GetEvidenceBundle", true};
constexpr Method kPlot = {LIMPID_EVIDENCE "GetEvidencePlot", true};
constexpr Method kCompare = {LIMPID_EVIDENCE "CompareResults", true};
constexpr Method kMetrics = {LIMPID_EVIDENCE "ListMetrics", true};
#undef LIMPID_EVIDENCE
constexpr Method kUpload = {
    "/limpid.algoregister.v1.EvidenceUploadService/UploadEvidence", true};

}  // namespace

absl::StatusOr<v1::GetEvidenceResponse> EvidenceClient::Get(
    std::string_view registration_id, std::int64_t version) {
  v1::GetEvidenceRequest request;
  request.set_registration_id(std::string(registration_id));
  request.set_version(version);
  return Invoke<v1::GetEvidenceResponse>(connection_, kGet, request);
}

absl::StatusOr<v1::RecomputeEvaluationResponse> EvidenceClient::Recompute(
    const v1::RecomputeEvaluationRequest& request) {
  return Invoke<v1::RecomputeEvaluationResponse>(connection_, kRecompute,
                                                 request);
}

absl::StatusOr<std::string> EvidenceClient::GetBundle(std::string_view digest) {
  v1::GetEvidenceBundleRequest request;
  request.set_digest(std::string(digest));
  LIMPID_ASSIGN_OR_RETURN(auto answer, Invoke<v1::GetEvidenceBundleResponse>(
                                           connection_, kBundle, request));
  const base::Digest32 hash = crypto::Sha256(base::AsBytes(answer.bundle()));
  if ("sha256:" + base::HexEncode(hash) != digest) {
    return absl::DataLossError("the bundle is not what its digest says");
  }
  return std::move(*answer.mutable_bundle());
}

absl::StatusOr<std::string> EvidenceClient::Plot(
    const v1::GetEvidencePlotRequest& request) {
  LIMPID_ASSIGN_OR_RETURN(auto answer, Invoke<v1::GetEvidencePlotResponse>(
                                           connection_, kPlot, request));
  return std::move(*answer.mutable_svg());
}

absl::StatusOr<v1::CompareResultsResponse> EvidenceClient::Compare(
    std::string_view left, std::string_view right) {
  v1::CompareResultsRequest request;
  request.set_left(std::string(left));
  request.set_right(std::string(right));
  return Invoke<v1::CompareResultsResponse>(connection_, kCompare, request);
}

absl::StatusOr<v1::ListMetricsResponse> EvidenceClient::Metrics() {
  return Invoke<v1::ListMetricsResponse>(connection_, kMetrics,
                                         v1::ListMetricsRequest());
}

absl::StatusOr<v1::UploadEvidenceResponse> EvidenceClient::Upload(
    std::string_view bundle) {
  v1::UploadEvidenceRequest request;
  request.set_bundle(std::string(bundle));
  return Invoke<v1::UploadEvidenceResponse>(connection_, kUpload, request);
}

}  // namespace limpid::client
