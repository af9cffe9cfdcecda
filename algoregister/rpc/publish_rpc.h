// gRPC edge of what publishers and importers do.

#ifndef LIMPID_ALGOREGISTER_RPC_PUBLISH_RPC_H_
#define LIMPID_ALGOREGISTER_RPC_PUBLISH_RPC_H_

#include <atomic>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/registration/publisher.h"
#include "algoregister/registration/register.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/streaming.h"
#include "common/rpc/unary.h"
#include "common/tlog/log.h"
#include "limpid/algoregister/v1/publish_service.grpc.pb.h"

namespace limpid::algoregister {

// Thread-safe.
class PublishRpc final : public v1::PublishService::CallbackService {
 public:
  // All must outlive the service.
  struct Parts {
    Register& target;
    ImportDesk& desk;
    const PublisherStore& publishers;
    const tlog::Log& log;
  };

  // `policy` is rpc::AuthPolicy::Service.
  PublishRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy, const Parts& parts)
      : edge_(rpc::EdgeOf<v1::PublishService>(runtime, policy)),
        parts_(parts),
        open_plans_(std::make_shared<std::atomic<int>>(0)) {}

  grpc::ServerUnaryReactor* GetPublisher(
      grpc::CallbackServerContext* context,
      const v1::GetPublisherRequest* request,
      v1::GetPublisherResponse* response) override;
  grpc::ServerUnaryReactor* PrepareVersion(
      grpc::CallbackServerContext* context,
      const v1::PrepareVersionRequest* request,
      v1::PrepareVersionResponse* response) override;
  grpc::ServerUnaryReactor* PublishVersion(
      grpc::CallbackServerContext* context,
      const v1::PublishVersionRequest* request,
      v1::PublishVersionResponse* response) override;
  grpc::ServerWriteReactor<v1::PlanImportResponse>* PlanImport(
      grpc::CallbackServerContext* context,
      const v1::PlanImportRequest* request) override;
  grpc::ServerWriteReactor<v1::CommitImportResponse>* CommitImport(
      grpc::CallbackServerContext* context,
      const v1::CommitImportRequest* request) override;

 private:
  using PlanWriter = rpc::StreamWriter<v1::PlanImportResponse>;
  using CommitWriter = rpc::StreamWriter<v1::CommitImportResponse>;

  [[nodiscard]] absl::StatusOr<Publisher> WhoCalls(
      const rpc::Caller& caller) const;
  absl::Status Prepare(const Publisher& publisher,
                       const v1::PrepareVersionRequest& request,
                       v1::PrepareVersionResponse& response);
  absl::Status Plan(const Publisher& publisher,
                    const v1::PlanImportRequest& request, PlanWriter& writer);
  absl::Status StartCommit(const rpc::Caller& caller,
                           const v1::CommitImportRequest& request,
                           const std::shared_ptr<CommitWriter>& writer);

  rpc::Edge edge_;
  Parts parts_;
  // Outlives the service: streams end after it.
  std::shared_ptr<std::atomic<int>> open_plans_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RPC_PUBLISH_RPC_H_
