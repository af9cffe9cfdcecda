// gRPC edge of accesses that were under embargo.

#ifndef LIMPID_CONSENT_RPC_PERSON_EMBARGO_RPC_H_
#define LIMPID_CONSENT_RPC_PERSON_EMBARGO_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "limpid/consent/v1/person_embargo_service.grpc.pb.h"

namespace limpid::consent {

// Under AuthPolicy::Person.
class PersonEmbargoRpc final
    : public v1::PersonEmbargoService::CallbackService {
 public:
  // Everything must outlive the service.
  PersonEmbargoRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                   Consent& consent);

  grpc::ServerUnaryReactor* ListToldAccesses(
      grpc::CallbackServerContext* context,
      const v1::ListToldAccessesRequest* request,
      v1::ListToldAccessesResponse* response) override;
  grpc::ServerUnaryReactor* ListEmbargoOpenings(
      grpc::CallbackServerContext* context,
      const v1::ListEmbargoOpeningsRequest* request,
      v1::ListEmbargoOpeningsResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_PERSON_EMBARGO_RPC_H_
