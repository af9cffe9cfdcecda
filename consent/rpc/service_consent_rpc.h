// gRPC edge of the service's side of consent.

#ifndef LIMPID_CONSENT_RPC_SERVICE_CONSENT_RPC_H_
#define LIMPID_CONSENT_RPC_SERVICE_CONSENT_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "limpid/consent/v1/service_consent_service.grpc.pb.h"

namespace limpid::consent {

// Under AuthPolicy::Service: which service it is, the pinned keys say.
class ServiceConsentRpc final
    : public v1::ServiceConsentService::CallbackService {
 public:
  // Everything must outlive the service.
  ServiceConsentRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                    Consent& consent);

  grpc::ServerUnaryReactor* CreateRequest(
      grpc::CallbackServerContext* context,
      const v1::CreateRequestRequest* request,
      v1::CreateRequestResponse* response) override;
  grpc::ServerUnaryReactor* GetRequestStatus(
      grpc::CallbackServerContext* context,
      const v1::GetRequestStatusRequest* request,
      v1::GetRequestStatusResponse* response) override;
  grpc::ServerUnaryReactor* ListAgreements(
      grpc::CallbackServerContext* context,
      const v1::ListAgreementsRequest* request,
      v1::ListAgreementsResponse* response) override;
  grpc::ServerUnaryReactor* GetServiceReceipt(
      grpc::CallbackServerContext* context,
      const v1::GetServiceReceiptRequest* request,
      v1::GetServiceReceiptResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchResponse>* Watch(
      grpc::CallbackServerContext* context,
      const v1::WatchRequest* request) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_SERVICE_CONSENT_RPC_H_
