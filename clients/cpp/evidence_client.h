// Evidence of evaluations: read by anyone, brought by publishers. Marks are the
// server's word; whoever doubts them fetches the bundle and recomputes
// (algoregister/evidence, `limpid register evidence recompute --bundle`).

#ifndef LIMPID_CLIENTS_CPP_EVIDENCE_CLIENT_H_
#define LIMPID_CLIENTS_CPP_EVIDENCE_CLIENT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "clients/cpp/connection.h"
#include "limpid/algoregister/v1/evidence_service.pb.h"

namespace limpid::client {

// Thread-compatible. One method per RPC unless it says more; errors are the
// server's.
class EvidenceClient {
 public:
  explicit EvidenceClient(Connection& connection) : connection_(connection) {}

  // Version 0 is the newest.
  absl::StatusOr<algoregister::v1::GetEvidenceResponse> Get(
      std::string_view registration_id, std::int64_t version);
  absl::StatusOr<algoregister::v1::RecomputeEvaluationResponse> Recompute(
      const algoregister::v1::RecomputeEvaluationRequest& request);
  // The bytes of a bundle, hashed.
  //
  // Errors: further
  //   kDataLoss  they are not what `digest` says.
  absl::StatusOr<std::string> GetBundle(std::string_view digest);
  absl::StatusOr<std::string> Plot(
      const algoregister::v1::GetEvidencePlotRequest& request);
  // Two result sets over the same cases, as CSV.
  absl::StatusOr<algoregister::v1::CompareResultsResponse> Compare(
      std::string_view left, std::string_view right);
  absl::StatusOr<algoregister::v1::ListMetricsResponse> Metrics();
  // With the publisher's certificate.
  absl::StatusOr<algoregister::v1::UploadEvidenceResponse> Upload(
      std::string_view bundle);

 private:
  Connection& connection_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_EVIDENCE_CLIENT_H_
