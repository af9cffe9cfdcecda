// gRPC edges of re-consent: what a person is asked again, and a service's
// campaigns.

#ifndef LIMPID_CONSENT_RPC_RECONSENT_RPC_H_
#define LIMPID_CONSENT_RPC_RECONSENT_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "limpid/consent/v1/reconsent_service.grpc.pb.h"

namespace limpid::consent {

// Under AuthPolicy::Person.
class PersonReconsentRpc final
    : public v1::PersonReconsentService::CallbackService {
 public:
  // Everything must outlive the service.
  PersonReconsentRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                     Consent& consent);

  grpc::ServerUnaryReactor* ListReconsents(
      grpc::CallbackServerContext* context,
      const v1::ListReconsentsRequest* request,
      v1::ListReconsentsResponse* response) override;
  grpc::ServerUnaryReactor* GetRecordForm(
      grpc::CallbackServerContext* context,
      const v1::GetRecordFormRequest* request,
      v1::GetRecordFormResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

// Under AuthPolicy::Service.
class ServiceCampaignRpc final
    : public v1::ServiceCampaignService::CallbackService {
 public:
  // Everything must outlive the service.
  ServiceCampaignRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                     Consent& consent);

  grpc::ServerUnaryReactor* ListCampaigns(
      grpc::CallbackServerContext* context,
      const v1::ListCampaignsRequest* request,
      v1::ListCampaignsResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_RECONSENT_RPC_H_
