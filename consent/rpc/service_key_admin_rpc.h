// gRPC edge of the keys of services on their way to the register log.

#ifndef LIMPID_CONSENT_RPC_SERVICE_KEY_ADMIN_RPC_H_
#define LIMPID_CONSENT_RPC_SERVICE_KEY_ADMIN_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "consent/service_key/key_desk.h"
#include "limpid/consent/v1/service_key_admin_service.grpc.pb.h"

namespace limpid::consent {

v1::GetServiceKeysResponse ToProto(const ServiceKeysView& view);

// Under AuthPolicy::Administrator.
class ServiceKeyAdminRpc final
    : public v1::ServiceKeyAdminService::CallbackService {
 public:
  // Everything must outlive the service.
  ServiceKeyAdminRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                     Consent& consent)
      : edge_(rpc::EdgeOf<v1::ServiceKeyAdminService>(runtime, policy)),
        consent_(consent) {}

  grpc::ServerUnaryReactor* GetServiceKeys(
      grpc::CallbackServerContext* context,
      const v1::GetServiceKeysRequest* request,
      v1::GetServiceKeysResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_SERVICE_KEY_ADMIN_RPC_H_
