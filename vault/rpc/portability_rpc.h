// gRPC edge of export and import.

#ifndef LIMPID_VAULT_RPC_PORTABILITY_RPC_H_
#define LIMPID_VAULT_RPC_PORTABILITY_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "limpid/vault/v1/portability_service.grpc.pb.h"
#include "vault/portability/exporter.h"
#include "vault/portability/importer.h"
#include "vault/portability/move_desk.h"

namespace limpid::vault {

// Thread-safe.
class PortabilityRpc final : public v1::PortabilityService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Person over a HolderAuthenticator. All must
  // outlive the service.
  PortabilityRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                 Exporter& exporter, Importer& importer, MoveDesk& moves);

  grpc::ServerUnaryReactor* ExportVault(
      grpc::CallbackServerContext* context,
      const v1::ExportVaultRequest* request,
      v1::ExportVaultResponse* response) override;
  grpc::ServerUnaryReactor* ImportLines(
      grpc::CallbackServerContext* context,
      const v1::ImportLinesRequest* request,
      v1::ImportLinesResponse* response) override;
  grpc::ServerUnaryReactor* DeclareMove(
      grpc::CallbackServerContext* context,
      const v1::DeclareMoveRequest* request,
      v1::DeclareMoveResponse* response) override;
  grpc::ServerUnaryReactor* GetMove(grpc::CallbackServerContext* context,
                                    const v1::GetMoveRequest* request,
                                    v1::GetMoveResponse* response) override;

 private:
  rpc::Edge edge_;
  Exporter& exporter_;
  Importer& importer_;
  MoveDesk& moves_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_RPC_PORTABILITY_RPC_H_
