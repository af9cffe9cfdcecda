// gRPC edge of the recovery of a person's sealed key.

#ifndef LIMPID_VAULT_RPC_RECOVERY_RPC_H_
#define LIMPID_VAULT_RPC_RECOVERY_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "limpid/vault/v1/recovery_service.grpc.pb.h"
#include "vault/recovery/recovery_desk.h"

namespace limpid::vault {

// As it is listed and answered.
v1::Recovery ToProto(const SlotRecovery& recovery);

// Thread-safe.
class RecoveryRpc final : public v1::RecoveryService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Person over a HolderAuthenticator. All must
  // outlive the service.
  RecoveryRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
              RecoveryDesk& desk);

  grpc::ServerUnaryReactor* StartRecovery(
      grpc::CallbackServerContext* context,
      const v1::StartRecoveryRequest* request,
      v1::StartRecoveryResponse* response) override;
  grpc::ServerUnaryReactor* GetRecoverySlot(
      grpc::CallbackServerContext* context,
      const v1::GetRecoverySlotRequest* request,
      v1::GetRecoverySlotResponse* response) override;
  grpc::ServerUnaryReactor* CancelRecovery(
      grpc::CallbackServerContext* context,
      const v1::CancelRecoveryRequest* request,
      v1::CancelRecoveryResponse* response) override;
  grpc::ServerUnaryReactor* AllowRecovery(
      grpc::CallbackServerContext* context,
      const v1::AllowRecoveryRequest* request,
      v1::AllowRecoveryResponse* response) override;

 private:
  rpc::Edge edge_;
  RecoveryDesk& desk_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_RPC_RECOVERY_RPC_H_
