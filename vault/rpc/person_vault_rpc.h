// gRPC edge of the person's own access: who is calling, translate, one domain
// call, translate back.

#ifndef LIMPID_VAULT_RPC_PERSON_VAULT_RPC_H_
#define LIMPID_VAULT_RPC_PERSON_VAULT_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "limpid/vault/v1/person_vault_service.grpc.pb.h"
#include "vault/attribute/catalogue.h"
#include "vault/attribute/person_vault.h"
#include "vault/erasure/erasure_desk.h"

namespace limpid::vault {

// Thread-safe.
class PersonVaultRpc final : public v1::PersonVaultService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Person over a HolderAuthenticator. All must
  // outlive the service.
  PersonVaultRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                 PersonVault& vault, ErasureDesk& erasures,
                 Catalogue& catalogue);

  grpc::ServerUnaryReactor* ListAttributeDefinitions(
      grpc::CallbackServerContext* context,
      const v1::ListAttributeDefinitionsRequest* request,
      v1::ListAttributeDefinitionsResponse* response) override;
  grpc::ServerUnaryReactor* PutAttribute(
      grpc::CallbackServerContext* context,
      const v1::PutAttributeRequest* request,
      v1::PutAttributeResponse* response) override;
  grpc::ServerUnaryReactor* GetAttribute(
      grpc::CallbackServerContext* context,
      const v1::GetAttributeRequest* request,
      v1::GetAttributeResponse* response) override;
  grpc::ServerUnaryReactor* ListAttributes(
      grpc::CallbackServerContext* context,
      const v1::ListAttributesRequest* request,
      v1::ListAttributesResponse* response) override;
  grpc::ServerUnaryReactor* GetAttributeHistory(
      grpc::CallbackServerContext* context,
      const v1::GetAttributeHistoryRequest* request,
      v1::GetAttributeHistoryResponse* response) override;
  grpc::ServerUnaryReactor* EraseAttributeVersion(
      grpc::CallbackServerContext* context,
      const v1::EraseAttributeVersionRequest* request,
      v1::EraseAttributeVersionResponse* response) override;
  grpc::ServerUnaryReactor* GetVaultLogProof(
      grpc::CallbackServerContext* context,
      const v1::GetVaultLogProofRequest* request,
      v1::GetVaultLogProofResponse* response) override;

 private:
  rpc::Edge edge_;
  PersonVault& vault_;
  ErasureDesk& erasures_;
  Catalogue& catalogue_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_RPC_PERSON_VAULT_RPC_H_
