// gRPC edges of what services and administrators do at the vault. A read is
// completed by the gate's callback; nothing here blocks on it.

#ifndef LIMPID_VAULT_RPC_VAULT_RPC_H_
#define LIMPID_VAULT_RPC_VAULT_RPC_H_

#include "common/base/clock.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "limpid/vault/v1/vault_admin_service.grpc.pb.h"
#include "limpid/vault/v1/vault_service.grpc.pb.h"
#include "vault/attribute/catalogue.h"
#include "vault/mediator/mediator.h"

namespace limpid::vault {

// Thread-safe.
class VaultRpc final : public v1::VaultService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Service. All must outlive the service.
  VaultRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy, Mediator& mediator);

  grpc::ServerUnaryReactor* ReadAttributes(
      grpc::CallbackServerContext* context,
      const v1::ReadAttributesRequest* request,
      v1::ReadAttributesResponse* response) override;

 private:
  rpc::Edge edge_;
  Mediator& mediator_;
};

// Thread-safe.
class VaultAdminRpc final : public v1::VaultAdminService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Administrator. All must outlive the service.
  VaultAdminRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                Catalogue& catalogue);

  grpc::ServerUnaryReactor* CreateAttributeDefinition(
      grpc::CallbackServerContext* context,
      const v1::CreateAttributeDefinitionRequest* request,
      v1::CreateAttributeDefinitionResponse* response) override;
  grpc::ServerUnaryReactor* GetAttributeDefinition(
      grpc::CallbackServerContext* context,
      const v1::GetAttributeDefinitionRequest* request,
      v1::GetAttributeDefinitionResponse* response) override;

 private:
  rpc::Edge edge_;
  Catalogue& catalogue_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_RPC_VAULT_RPC_H_
