// gRPC edge of erasing entries of a person's log.

#ifndef LIMPID_CONSENT_RPC_ACCESS_ERASURE_RPC_H_
#define LIMPID_CONSENT_RPC_ACCESS_ERASURE_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "limpid/consent/v1/access_erasure_service.grpc.pb.h"

namespace limpid::consent {

// Under AuthPolicy::Person.
class AccessErasureRpc final
    : public v1::AccessErasureService::CallbackService {
 public:
  // Everything must outlive the service.
  AccessErasureRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                   Consent& consent);

  grpc::ServerUnaryReactor* EraseAccess(
      grpc::CallbackServerContext* context,
      const v1::EraseAccessRequest* request,
      v1::EraseAccessResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_ACCESS_ERASURE_RPC_H_
