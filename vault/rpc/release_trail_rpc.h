// gRPC edge of the vault's trail of releases, for administrators.

#ifndef LIMPID_VAULT_RPC_RELEASE_TRAIL_RPC_H_
#define LIMPID_VAULT_RPC_RELEASE_TRAIL_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "limpid/vault/v1/release_trail_service.grpc.pb.h"
#include "vault/trail/release_trail.h"

namespace limpid::vault {

// Thread-safe.
class ReleaseTrailRpc final : public v1::ReleaseTrailService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Administrator. All must outlive the service.
  ReleaseTrailRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                  ReleaseTrail& trail);

  grpc::ServerUnaryReactor* ListReleaseBatches(
      grpc::CallbackServerContext* context,
      const v1::ListReleaseBatchesRequest* request,
      v1::ListReleaseBatchesResponse* response) override;

 private:
  rpc::Edge edge_;
  ReleaseTrail& trail_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_RPC_RELEASE_TRAIL_RPC_H_
