// gRPC edge of what anybody may read about services and agreements.

#ifndef LIMPID_CONSENT_RPC_AGREEMENT_CATALOGUE_RPC_H_
#define LIMPID_CONSENT_RPC_AGREEMENT_CATALOGUE_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "limpid/consent/v1/agreement_catalogue_service.grpc.pb.h"

namespace limpid::consent {

v1::AgreementChange ToProto(const AgreementChange& change);

// Under AuthPolicy::Public.
class AgreementCatalogueRpc final
    : public v1::AgreementCatalogueService::CallbackService {
 public:
  // Everything must outlive the service.
  AgreementCatalogueRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                        Consent& consent);

  grpc::ServerUnaryReactor* GetAgreement(
      grpc::CallbackServerContext* context,
      const v1::GetAgreementRequest* request,
      v1::GetAgreementResponse* response) override;
  grpc::ServerUnaryReactor* DiffAgreements(
      grpc::CallbackServerContext* context,
      const v1::DiffAgreementsRequest* request,
      v1::DiffAgreementsResponse* response) override;
  grpc::ServerUnaryReactor* ListSharingAgreements(
      grpc::CallbackServerContext* context,
      const v1::ListSharingAgreementsRequest* request,
      v1::ListSharingAgreementsResponse* response) override;
  grpc::ServerUnaryReactor* ListServiceChanges(
      grpc::CallbackServerContext* context,
      const v1::ListServiceChangesRequest* request,
      v1::ListServiceChangesResponse* response) override;
  grpc::ServerUnaryReactor* GetAgreementForm(
      grpc::CallbackServerContext* context,
      const v1::GetAgreementFormRequest* request,
      v1::GetAgreementFormResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_AGREEMENT_CATALOGUE_RPC_H_
