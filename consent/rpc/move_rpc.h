// gRPC edge of moves between operators.

#ifndef LIMPID_CONSENT_RPC_MOVE_RPC_H_
#define LIMPID_CONSENT_RPC_MOVE_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "limpid/consent/v1/move_service.grpc.pb.h"

namespace limpid::consent {

// Under AuthPolicy::Person.
class MoveRpc final : public v1::MoveService::CallbackService {
 public:
  // Everything must outlive the service.
  MoveRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy, Consent& consent);

  grpc::ServerUnaryReactor* MoveRecordOut(
      grpc::CallbackServerContext* context,
      const v1::MoveRecordOutRequest* request,
      v1::MoveRecordOutResponse* response) override;
  grpc::ServerUnaryReactor* GetMoveExport(
      grpc::CallbackServerContext* context,
      const v1::GetMoveExportRequest* request,
      v1::GetMoveExportResponse* response) override;
  grpc::ServerUnaryReactor* ActivateMove(
      grpc::CallbackServerContext* context,
      const v1::ActivateMoveRequest* request,
      v1::ActivateMoveResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_MOVE_RPC_H_
