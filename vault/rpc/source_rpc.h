// gRPC edge of the sources that a person links. What waits for a source waits
// on that source's own threads, never on a worker of the server.

#ifndef LIMPID_VAULT_RPC_SOURCE_RPC_H_
#define LIMPID_VAULT_RPC_SOURCE_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "limpid/vault/v1/source_service.grpc.pb.h"
#include "vault/connectors/source_desk.h"

namespace limpid::vault {

// Thread-safe.
class SourceRpc final : public v1::SourceService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Person over a HolderAuthenticator. All must
  // outlive the service.
  SourceRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy, SourceDesk& desk);

  grpc::ServerUnaryReactor* ListSources(
      grpc::CallbackServerContext* context,
      const v1::ListSourcesRequest* request,
      v1::ListSourcesResponse* response) override;
  grpc::ServerUnaryReactor* LinkSource(
      grpc::CallbackServerContext* context,
      const v1::LinkSourceRequest* request,
      v1::LinkSourceResponse* response) override;
  grpc::ServerUnaryReactor* UnlinkSource(
      grpc::CallbackServerContext* context,
      const v1::UnlinkSourceRequest* request,
      v1::UnlinkSourceResponse* response) override;
  grpc::ServerUnaryReactor* ListHoldings(
      grpc::CallbackServerContext* context,
      const v1::ListHoldingsRequest* request,
      v1::ListHoldingsResponse* response) override;
  grpc::ServerUnaryReactor* RequestRectification(
      grpc::CallbackServerContext* context,
      const v1::RequestRectificationRequest* request,
      v1::RequestRectificationResponse* response) override;

 private:
  rpc::Edge edge_;
  SourceDesk& desk_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_RPC_SOURCE_RPC_H_
