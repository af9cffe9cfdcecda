// gRPC edge of what a person keeps that the server cannot open.

#ifndef LIMPID_VAULT_RPC_SEALED_VAULT_RPC_H_
#define LIMPID_VAULT_RPC_SEALED_VAULT_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "limpid/vault/v1/sealed_vault_service.grpc.pb.h"
#include "vault/custody/copy_desk.h"
#include "vault/custody/sealed_vault.h"
#include "vault/custody/slot_desk.h"
#include "vault/recovery/recovery_desk.h"

namespace limpid::vault {

// Thread-safe.
class SealedVaultRpc final : public v1::SealedVaultService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Person over a HolderAuthenticator. All must
  // outlive the service.
  SealedVaultRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy, SlotDesk& slots,
                 SealedVault& vault, CopyDesk& copies,
                 RecoveryDesk& recoveries);

  grpc::ServerUnaryReactor* ListKeySlots(
      grpc::CallbackServerContext* context,
      const v1::ListKeySlotsRequest* request,
      v1::ListKeySlotsResponse* response) override;
  grpc::ServerUnaryReactor* AddKeySlot(
      grpc::CallbackServerContext* context,
      const v1::AddKeySlotRequest* request,
      v1::AddKeySlotResponse* response) override;
  grpc::ServerUnaryReactor* DeleteKeySlot(
      grpc::CallbackServerContext* context,
      const v1::DeleteKeySlotRequest* request,
      v1::DeleteKeySlotResponse* response) override;
  grpc::ServerUnaryReactor* GetSealingPlace(
      grpc::CallbackServerContext* context,
      const v1::GetSealingPlaceRequest* request,
      v1::GetSealingPlaceResponse* response) override;
  grpc::ServerUnaryReactor* PutSealedAttribute(
      grpc::CallbackServerContext* context,
      const v1::PutSealedAttributeRequest* request,
      v1::PutSealedAttributeResponse* response) override;
  grpc::ServerUnaryReactor* PutGrantCopy(
      grpc::CallbackServerContext* context,
      const v1::PutGrantCopyRequest* request,
      v1::PutGrantCopyResponse* response) override;
  grpc::ServerUnaryReactor* DeleteGrantCopies(
      grpc::CallbackServerContext* context,
      const v1::DeleteGrantCopiesRequest* request,
      v1::DeleteGrantCopiesResponse* response) override;

 private:
  rpc::Edge edge_;
  SlotDesk& slots_;
  SealedVault& vault_;
  CopyDesk& copies_;
  RecoveryDesk& recoveries_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_RPC_SEALED_VAULT_RPC_H_
