// gRPC edge of the administration of sharing agreements.

#ifndef LIMPID_CONSENT_RPC_SHARING_ADMIN_RPC_H_
#define LIMPID_CONSENT_RPC_SHARING_ADMIN_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "limpid/consent/v1/sharing_admin_service.grpc.pb.h"

namespace limpid::consent {

// Under AuthPolicy::Administrator.
class SharingAdminRpc final : public v1::SharingAdminService::CallbackService {
 public:
  // Everything must outlive the service.
  SharingAdminRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                  Consent& consent);

  grpc::ServerUnaryReactor* CreateSharingAgreement(
      grpc::CallbackServerContext* context,
      const v1::CreateSharingAgreementRequest* request,
      v1::CreateSharingAgreementResponse* response) override;
  grpc::ServerUnaryReactor* CreateDefaultSharingAgreement(
      grpc::CallbackServerContext* context,
      const v1::CreateDefaultSharingAgreementRequest* request,
      v1::CreateDefaultSharingAgreementResponse* response) override;
  grpc::ServerUnaryReactor* EndSharingAgreement(
      grpc::CallbackServerContext* context,
      const v1::EndSharingAgreementRequest* request,
      v1::EndSharingAgreementResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_SHARING_ADMIN_RPC_H_
