// gRPC edge of the administrators' list of publishers.

#ifndef LIMPID_ALGOREGISTER_RPC_REGISTER_ADMIN_RPC_H_
#define LIMPID_ALGOREGISTER_RPC_REGISTER_ADMIN_RPC_H_

#include "absl/status/status.h"
#include "algoregister/registration/publisher.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "limpid/algoregister/v1/register_admin_service.grpc.pb.h"

namespace limpid::algoregister {

// Thread-safe.
class RegisterAdminRpc final
    : public v1::RegisterAdminService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Administrator. All must outlive the service.
  RegisterAdminRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                   PublisherStore& publishers)
      : edge_(rpc::EdgeOf<v1::RegisterAdminService>(runtime, policy)),
        publishers_(publishers) {}

  grpc::ServerUnaryReactor* CreatePublisher(
      grpc::CallbackServerContext* context,
      const v1::CreatePublisherRequest* request,
      v1::CreatePublisherResponse* response) override;
  grpc::ServerUnaryReactor* UpdatePublisher(
      grpc::CallbackServerContext* context,
      const v1::UpdatePublisherRequest* request,
      v1::UpdatePublisherResponse* response) override;
  grpc::ServerUnaryReactor* ListPublishers(
      grpc::CallbackServerContext* context,
      const v1::ListPublishersRequest* request,
      v1::ListPublishersResponse* response) override;

 private:
  absl::Status List(const v1::ListPublishersRequest& request,
                    v1::ListPublishersResponse& response) const;

  rpc::Edge edge_;
  PublisherStore& publishers_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RPC_REGISTER_ADMIN_RPC_H_
