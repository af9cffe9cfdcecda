// gRPC edge that names the profiles. Anyone may call.

#ifndef LIMPID_ALGOREGISTER_RPC_PROFILE_RPC_H_
#define LIMPID_ALGOREGISTER_RPC_PROFILE_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "limpid/algoregister/v1/profile_service.grpc.pb.h"

namespace limpid::algoregister {

// Thread-safe.
class ProfileRpc final : public v1::ProfileService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Public.
  ProfileRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy)
      : edge_(rpc::EdgeOf<v1::ProfileService>(runtime, policy)) {}

  grpc::ServerUnaryReactor* ListProfiles(
      grpc::CallbackServerContext* context,
      const v1::ListProfilesRequest* request,
      v1::ListProfilesResponse* response) override;

 private:
  rpc::Edge edge_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RPC_PROFILE_RPC_H_
