// gRPC edge of the administration of services and agreements.

#ifndef LIMPID_CONSENT_RPC_CONSENT_ADMIN_RPC_H_
#define LIMPID_CONSENT_RPC_CONSENT_ADMIN_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "limpid/consent/v1/consent_admin_service.grpc.pb.h"

namespace limpid::consent {

// Under AuthPolicy::Administrator.
class ConsentAdminRpc final : public v1::ConsentAdminService::CallbackService {
 public:
  // Everything must outlive the service.
  ConsentAdminRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                  Consent& consent);

  grpc::ServerUnaryReactor* CreateService(
      grpc::CallbackServerContext* context,
      const v1::CreateServiceRequest* request,
      v1::CreateServiceResponse* response) override;
  grpc::ServerUnaryReactor* ListServices(
      grpc::CallbackServerContext* context,
      const v1::ListServicesRequest* request,
      v1::ListServicesResponse* response) override;
  grpc::ServerUnaryReactor* CreateAgreement(
      grpc::CallbackServerContext* context,
      const v1::CreateAgreementRequest* request,
      v1::CreateAgreementResponse* response) override;
  grpc::ServerUnaryReactor* RevokeRecord(
      grpc::CallbackServerContext* context,
      const v1::RevokeRecordRequest* request,
      v1::RevokeRecordResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_CONSENT_ADMIN_RPC_H_
