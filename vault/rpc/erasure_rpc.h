// gRPC edges of erasing: what a person asks for, and the holds of
// administrators.

#ifndef LIMPID_VAULT_RPC_ERASURE_RPC_H_
#define LIMPID_VAULT_RPC_ERASURE_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "limpid/vault/v1/erasure_service.grpc.pb.h"
#include "vault/erasure/erasure_desk.h"
#include "vault/erasure/hold_desk.h"

namespace limpid::vault {

// Thread-safe.
class ErasureRpc final : public v1::ErasureService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Person over a HolderAuthenticator. All must
  // outlive the service.
  ErasureRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
             ErasureDesk& erasures, HoldDesk& holds);

  grpc::ServerUnaryReactor* EraseAttribute(
      grpc::CallbackServerContext* context,
      const v1::EraseAttributeRequest* request,
      v1::EraseAttributeResponse* response) override;
  grpc::ServerUnaryReactor* ErasePerson(
      grpc::CallbackServerContext* context,
      const v1::ErasePersonRequest* request,
      v1::ErasePersonResponse* response) override;
  grpc::ServerUnaryReactor* GetErasureCertificate(
      grpc::CallbackServerContext* context,
      const v1::GetErasureCertificateRequest* request,
      v1::GetErasureCertificateResponse* response) override;
  grpc::ServerUnaryReactor* ListHolds(grpc::CallbackServerContext* context,
                                      const v1::ListHoldsRequest* request,
                                      v1::ListHoldsResponse* response) override;

 private:
  rpc::Edge edge_;
  ErasureDesk& erasures_;
  HoldDesk& holds_;
};

// Thread-safe.
class HoldAdminRpc final : public v1::HoldAdminService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Administrator. All must outlive the service.
  HoldAdminRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy, HoldDesk& holds);

  grpc::ServerUnaryReactor* PlaceHold(grpc::CallbackServerContext* context,
                                      const v1::PlaceHoldRequest* request,
                                      v1::PlaceHoldResponse* response) override;
  grpc::ServerUnaryReactor* LiftHold(grpc::CallbackServerContext* context,
                                     const v1::LiftHoldRequest* request,
                                     v1::LiftHoldResponse* response) override;

 private:
  rpc::Edge edge_;
  HoldDesk& holds_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_RPC_ERASURE_RPC_H_
