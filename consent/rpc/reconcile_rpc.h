// gRPC edge of the listing that an operator compares with a vault's trail.

#ifndef LIMPID_CONSENT_RPC_RECONCILE_RPC_H_
#define LIMPID_CONSENT_RPC_RECONCILE_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "consent/reconcile/permitted_reads.h"
#include "limpid/consent/v1/reconcile_service.grpc.pb.h"

namespace limpid::consent {

// Under AuthPolicy::Administrator. Thread-safe.
class ReconcileRpc final : public v1::ReconcileService::CallbackService {
 public:
  // Everything must outlive the service.
  ReconcileRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy, Consent& consent);

  grpc::ServerUnaryReactor* ListPermittedReads(
      grpc::CallbackServerContext* context,
      const v1::ListPermittedReadsRequest* request,
      v1::ListPermittedReadsResponse* response) override;

 private:
  absl::Status List(const v1::ListPermittedReadsRequest& request,
                    v1::ListPermittedReadsResponse& response);

  rpc::Edge edge_;
  PermittedBook book_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_RECONCILE_RPC_H_
