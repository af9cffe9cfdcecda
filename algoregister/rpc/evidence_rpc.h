// gRPC edges of evidence: anyone reads and recomputes, publishers bring
// bundles.

#ifndef LIMPID_ALGOREGISTER_RPC_EVIDENCE_RPC_H_
#define LIMPID_ALGOREGISTER_RPC_EVIDENCE_RPC_H_

#include "absl/status/status.h"
#include "algoregister/registration/publisher.h"
#include "algoregister/rpc/export_limit.h"
#include "algoregister/upload/evidence_desk.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "limpid/algoregister/v1/evidence_service.grpc.pb.h"

namespace limpid::algoregister {

v1::EvidenceErasure ToProto(const BundleErasure& erasure);

// Thread-safe.
class EvidenceRpc final : public v1::EvidenceService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Public. All must outlive the service.
  EvidenceRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy, EvidenceDesk& desk)
      : edge_(rpc::EdgeOf<v1::EvidenceService>(runtime, policy)), desk_(desk) {}

  grpc::ServerUnaryReactor* GetEvidence(
      grpc::CallbackServerContext* context,
      const v1::GetEvidenceRequest* request,
      v1::GetEvidenceResponse* response) override;
  grpc::ServerUnaryReactor* RecomputeEvaluation(
      grpc::CallbackServerContext* context,
      const v1::RecomputeEvaluationRequest* request,
      v1::RecomputeEvaluationResponse* response) override;
  grpc::ServerUnaryReactor* GetEvidenceBundle(
      grpc::CallbackServerContext* context,
      const v1::GetEvidenceBundleRequest* request,
      v1::GetEvidenceBundleResponse* response) override;
  grpc::ServerUnaryReactor* GetEvidenceErasure(
      grpc::CallbackServerContext* context,
      const v1::GetEvidenceErasureRequest* request,
      v1::GetEvidenceErasureResponse* response) override;
  grpc::ServerUnaryReactor* GetEvidencePlot(
      grpc::CallbackServerContext* context,
      const v1::GetEvidencePlotRequest* request,
      v1::GetEvidencePlotResponse* response) override;
  grpc::ServerUnaryReactor* CompareResults(
      grpc::CallbackServerContext* context,
      const v1::CompareResultsRequest* request,
      v1::CompareResultsResponse* response) override;
  grpc::ServerUnaryReactor* ListMetrics(
      grpc::CallbackServerContext* context,
      const v1::ListMetricsRequest* request,
      v1::ListMetricsResponse* response) override;

 private:
  absl::Status Plot(const v1::GetEvidencePlotRequest& request,
                    v1::GetEvidencePlotResponse& response);

  rpc::Edge edge_;
  EvidenceDesk& desk_;
  // Answers that cost more than reading: megabytes are read, or thousands of
  // metrics computed.
  ExportLimit dear_;
};

// Thread-safe.
class EvidenceUploadRpc final
    : public v1::EvidenceUploadService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Service. All must outlive the service.
  EvidenceUploadRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                    EvidenceDesk& desk, const PublisherStore& publishers)
      : edge_(rpc::EdgeOf<v1::EvidenceUploadService>(runtime, policy)),
        desk_(desk),
        publishers_(publishers) {}

  grpc::ServerUnaryReactor* UploadEvidence(
      grpc::CallbackServerContext* context,
      const v1::UploadEvidenceRequest* request,
      v1::UploadEvidenceResponse* response) override;

 private:
  rpc::Edge edge_;
  EvidenceDesk& desk_;
  const PublisherStore& publishers_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RPC_EVIDENCE_RPC_H_
