// gRPC edge of the vault's key epochs and suite, for administrators.

#ifndef LIMPID_VAULT_RPC_KEY_ADMIN_RPC_H_
#define LIMPID_VAULT_RPC_KEY_ADMIN_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "limpid/vault/v1/key_admin_service.grpc.pb.h"
#include "vault/epochs/epoch_keeper.h"
#include "vault/suites/suite_rotation.h"

namespace limpid::vault {

// Thread-safe.
class KeyAdminRpc final : public v1::KeyAdminService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Administrator. All must outlive the service.
  KeyAdminRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
              EpochKeeper& epochs, SuiteRotation& suites);

  grpc::ServerUnaryReactor* ListKeyEpochs(
      grpc::CallbackServerContext* context,
      const v1::ListKeyEpochsRequest* request,
      v1::ListKeyEpochsResponse* response) override;
  grpc::ServerUnaryReactor* StartKeyEpoch(
      grpc::CallbackServerContext* context,
      const v1::StartKeyEpochRequest* request,
      v1::StartKeyEpochResponse* response) override;
  grpc::ServerUnaryReactor* DestroyKeyEpoch(
      grpc::CallbackServerContext* context,
      const v1::DestroyKeyEpochRequest* request,
      v1::DestroyKeyEpochResponse* response) override;
  grpc::ServerUnaryReactor* ResealValues(
      grpc::CallbackServerContext* context,
      const v1::ResealValuesRequest* request,
      v1::ResealValuesResponse* response) override;

 private:
  rpc::Edge edge_;
  EpochKeeper& epochs_;
  SuiteRotation& suites_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_RPC_KEY_ADMIN_RPC_H_
