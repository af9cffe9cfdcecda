// gRPC edge of standing permissions.

#ifndef LIMPID_CONSENT_RPC_STANDING_PERMISSION_RPC_H_
#define LIMPID_CONSENT_RPC_STANDING_PERMISSION_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "limpid/consent/v1/standing_permission.grpc.pb.h"

namespace limpid::consent {

// Under AuthPolicy::Person.
class StandingPermissionRpc final
    : public v1::StandingPermissionService::CallbackService {
 public:
  // Everything must outlive the service.
  StandingPermissionRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                        Consent& consent);

  grpc::ServerUnaryReactor* CreateStandingPermission(
      grpc::CallbackServerContext* context,
      const v1::CreateStandingPermissionRequest* request,
      v1::CreateStandingPermissionResponse* response) override;
  grpc::ServerUnaryReactor* ListStandingPermissions(
      grpc::CallbackServerContext* context,
      const v1::ListStandingPermissionsRequest* request,
      v1::ListStandingPermissionsResponse* response) override;
  grpc::ServerUnaryReactor* EndStandingPermission(
      grpc::CallbackServerContext* context,
      const v1::EndStandingPermissionRequest* request,
      v1::EndStandingPermissionResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_STANDING_PERMISSION_RPC_H_
