// gRPC edge of lawful erasure.

#ifndef LIMPID_ALGOREGISTER_RPC_REGISTER_ERASURE_RPC_H_
#define LIMPID_ALGOREGISTER_RPC_REGISTER_ERASURE_RPC_H_

#include "absl/status/status.h"
#include "algoregister/registration/register.h"
#include "algoregister/upload/evidence_desk.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "limpid/algoregister/v1/register_erasure_service.grpc.pb.h"

namespace limpid::algoregister {

// Thread-safe.
class RegisterErasureRpc final
    : public v1::RegisterErasureService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Administrator. All must outlive the service.
  RegisterErasureRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                     Register& target, EvidenceDesk& evidence)
      : edge_(rpc::EdgeOf<v1::RegisterErasureService>(runtime, policy)),
        target_(target),
        evidence_(evidence) {}

  grpc::ServerUnaryReactor* EraseField(
      grpc::CallbackServerContext* context,
      const v1::EraseFieldRequest* request,
      v1::EraseFieldResponse* response) override;
  grpc::ServerUnaryReactor* EraseEvidenceBundle(
      grpc::CallbackServerContext* context,
      const v1::EraseEvidenceBundleRequest* request,
      v1::EraseEvidenceBundleResponse* response) override;

 private:
  absl::Status Erase(const v1::EraseFieldRequest& request,
                     v1::EraseFieldResponse& response);

  rpc::Edge edge_;
  Register& target_;
  EvidenceDesk& evidence_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RPC_REGISTER_ERASURE_RPC_H_
