// gRPC edge of changes of services.

#ifndef LIMPID_CONSENT_RPC_SERVICE_CHANGE_RPC_H_
#define LIMPID_CONSENT_RPC_SERVICE_CHANGE_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "limpid/consent/v1/service_change_service.grpc.pb.h"

namespace limpid::consent {

v1::ServiceChange ToProto(const ServiceChange& change);

// Under AuthPolicy::Administrator.
class ServiceChangeRpc final
    : public v1::ServiceChangeService::CallbackService {
 public:
  // Everything must outlive the service.
  ServiceChangeRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                   Consent& consent);

  grpc::ServerUnaryReactor* ProposeServiceChange(
      grpc::CallbackServerContext* context,
      const v1::ProposeServiceChangeRequest* request,
      v1::ProposeServiceChangeResponse* response) override;
  grpc::ServerUnaryReactor* ApproveServiceChange(
      grpc::CallbackServerContext* context,
      const v1::ApproveServiceChangeRequest* request,
      v1::ApproveServiceChangeResponse* response) override;
  grpc::ServerUnaryReactor* CancelServiceChange(
      grpc::CallbackServerContext* context,
      const v1::CancelServiceChangeRequest* request,
      v1::CancelServiceChangeResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_SERVICE_CHANGE_RPC_H_
