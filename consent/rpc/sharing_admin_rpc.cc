#include "consent/rpc/sharing_admin_rpc.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "consent/rpc/convert_sharing.h"

namespace limpid::consent {

SharingAdminRpc::SharingAdminRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                                 Consent& consent)
    : edge_(rpc::EdgeOf<v1::SharingAdminService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* SharingAdminRpc::CreateSharingAgreement(
    grpc::CallbackServerContext* context,
    const v1::CreateSharingAgreementRequest* request,
    v1::CreateSharingAgreementResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        base::ByteArray<16> request_id{};
        std::optional<SharingId> sharing;
        if (request->sharing_id().empty()) {
          LIMPID_RETURN_IF_ERROR(
              rpc::CheckBytes("request_id", request->request_id(), 16));
          LIMPID_ASSIGN_OR_RETURN(
              request_id,
              base::ToArray<16>(base::AsBytes(request->request_id())));
        } else {
          LIMPID_ASSIGN_OR_RETURN(
              sharing,
              rpc::ParseId<SharingId>("sharing_id", request->sharing_id()));
        }
        LIMPID_ASSIGN_OR_RETURN(SharingTerms terms,
                                FromProto("terms", request->terms()));
        const auto made = consent_.CreateSharing(
            caller.spki_thumbprint, request_id, sharing, std::move(terms));
        if (!made.ok()) return rpc::InsideField("terms", made.status());
        *response->mutable_sharing_agreement() = ToProto(**made);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* SharingAdminRpc::CreateDefaultSharingAgreement(
    grpc::CallbackServerContext* context,
    const v1::CreateDefaultSharingAgreementRequest* request,
    v1::CreateDefaultSharingAgreementResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            const ServiceId service,
            rpc::ParseId<ServiceId>("service_id", request->service_id()));
        LIMPID_ASSIGN_OR_RETURN(
            const SourceId source,
            rpc::ParseId<SourceId>("source_id", request->source_id()));
        LIMPID_ASSIGN_OR_RETURN(const SharingPointer made,
                                consent_.CreateDefaultSharing(
                                    caller.spki_thumbprint, service, source));
        *response->mutable_sharing_agreement() = ToProto(*made);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* SharingAdminRpc::EndSharingAgreement(
    grpc::CallbackServerContext* context,
    const v1::EndSharingAgreementRequest* request,
    v1::EndSharingAgreementResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            const SharingId sharing,
            rpc::ParseId<SharingId>("sharing_id", request->sharing_id()));
        LIMPID_ASSIGN_OR_RETURN(
            const SharingPointer ended,
            consent_.EndSharing(caller.spki_thumbprint, sharing));
        *response->mutable_sharing_agreement() = ToProto(*ended);
        return absl::OkStatus();
      });
}

}  // namespace limpid::consent
