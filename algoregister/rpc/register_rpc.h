// gRPC edge of the register's public side. Anyone may call.

#ifndef LIMPID_ALGOREGISTER_RPC_REGISTER_RPC_H_
#define LIMPID_ALGOREGISTER_RPC_REGISTER_RPC_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "algoregister/registration/field_erasure.h"
#include "algoregister/registration/publisher.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/rpc/export_limit.h"
#include "algoregister/version/version.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/streaming.h"
#include "common/rpc/unary.h"
#include "common/tlog/log.h"
#include "limpid/algoregister/v1/register_service.grpc.pb.h"

namespace limpid::algoregister {

// Thread-safe.
class RegisterRpc final : public v1::RegisterService::CallbackService {
 public:
  // All must outlive the service. `log_url` is where the log's files are
  // served, empty if nowhere.
  struct Parts {
    const RegistrationStore& store;
    const PublisherStore& publishers;
    const tlog::Log& log;
    std::string log_url;
  };

  // `policy` is rpc::AuthPolicy::Public.
  RegisterRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy, Parts parts);

  grpc::ServerUnaryReactor* GetRegistration(
      grpc::CallbackServerContext* context,
      const v1::GetRegistrationRequest* request,
      v1::GetRegistrationResponse* response) override;
  grpc::ServerUnaryReactor* ListRegistrations(
      grpc::CallbackServerContext* context,
      const v1::ListRegistrationsRequest* request,
      v1::ListRegistrationsResponse* response) override;
  grpc::ServerUnaryReactor* GetRegistrationHistory(
      grpc::CallbackServerContext* context,
      const v1::GetRegistrationHistoryRequest* request,
      v1::GetRegistrationHistoryResponse* response) override;
  grpc::ServerUnaryReactor* DiffRegistrationVersions(
      grpc::CallbackServerContext* context,
      const v1::DiffRegistrationVersionsRequest* request,
      v1::DiffRegistrationVersionsResponse* response) override;
  grpc::ServerUnaryReactor* GetRegistrationProof(
      grpc::CallbackServerContext* context,
      const v1::GetRegistrationProofRequest* request,
      v1::GetRegistrationProofResponse* response) override;
  grpc::ServerUnaryReactor* GetLogInfo(
      grpc::CallbackServerContext* context,
      const v1::GetLogInfoRequest* request,
      v1::GetLogInfoResponse* response) override;
  grpc::ServerWriteReactor<v1::ExportRegistrationsResponse>*
  ExportRegistrations(grpc::CallbackServerContext* context,
                      const v1::ExportRegistrationsRequest* request) override;

 private:
  using ExportWriter = rpc::StreamWriter<v1::ExportRegistrationsResponse>;

  absl::Status List(const v1::ListRegistrationsRequest& request,
                    v1::ListRegistrationsResponse& response) const;
  absl::Status History(const v1::GetRegistrationHistoryRequest& request,
                       v1::GetRegistrationHistoryResponse& response) const;
  // One row, with what was erased from its version and whose key signed it.
  void AddToHistory(const Version& version,
                    const std::vector<FieldErasure>& erasures,
                    v1::VersionSummary& row) const;
  absl::Status Diff(const v1::DiffRegistrationVersionsRequest& request,
                    v1::DiffRegistrationVersionsResponse& response) const;
  absl::Status Prove(const v1::GetRegistrationProofRequest& request,
                     v1::GetRegistrationProofResponse& response) const;
  absl::Status Export(const v1::ExportRegistrationsRequest& request,
                      ExportWriter& writer) const;

  rpc::Edge edge_;
  Parts parts_;
  // Exports whose answer is in memory. Shared with their end.
  std::shared_ptr<ExportLimit> open_exports_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RPC_REGISTER_RPC_H_
