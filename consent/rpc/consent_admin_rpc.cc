#include "consent/rpc/consent_admin_rpc.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "consent/rpc/convert.h"

namespace limpid::consent {

ConsentAdminRpc::ConsentAdminRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                                 Consent& consent)
    : edge_(rpc::EdgeOf<v1::ConsentAdminService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* ConsentAdminRpc::CreateService(
    grpc::CallbackServerContext* context,
    const v1::CreateServiceRequest* request,
    v1::CreateServiceResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_RETURN_IF_ERROR(
            rpc::CheckBytes("request_id", request->request_id(), 16));
        LIMPID_ASSIGN_OR_RETURN(
            const auto request_id,
            base::ToArray<16>(base::AsBytes(request->request_id())));
        LIMPID_ASSIGN_OR_RETURN(consent::Service wanted, FromProto(*request));
        LIMPID_ASSIGN_OR_RETURN(
            const ServicePointer service,
            consent_.CreateService(
                request_id, std::move(wanted),
                {caller.spki_thumbprint, !request->without_default_sharing()}));
        *response->mutable_service() = ToProto(*service);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* ConsentAdminRpc::ListServices(
    grpc::CallbackServerContext* context,
    const v1::ListServicesRequest* request,
    v1::ListServicesResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& /*caller*/) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const int size,
                                rpc::PageSize(request->page_size(),
                                              kDefaultPageSize, kMaxPageSize));
        LIMPID_ASSIGN_OR_RETURN(std::uint64_t at,
                                ParseNumberToken(request->page_token()));
        const auto services = consent_.ListServices();
        const std::uint64_t end = std::min<std::uint64_t>(
            services.size(), at + static_cast<std::uint64_t>(size));
        for (; at < end; ++at)
          *response->add_services() = ToProto(*services[at]);
        if (end < services.size())
          response->set_next_page_token(NumberToken(end));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* ConsentAdminRpc::CreateAgreement(
    grpc::CallbackServerContext* context,
    const v1::CreateAgreementRequest* request,
    v1::CreateAgreementResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            const ServiceId service,
            rpc::ParseId<ServiceId>("service_id", request->service_id()));
        std::optional<AgreementId> agreement;
        if (!request->agreement_id().empty()) {
          LIMPID_ASSIGN_OR_RETURN(
              agreement, rpc::ParseId<AgreementId>("agreement_id",
                                                   request->agreement_id()));
        }
        LIMPID_ASSIGN_OR_RETURN(AgreementContent content,
                                FromProto("content", request->content()));
        Publication publication;
        publication.administrator = caller.spki_thumbprint;
        if (request->has_reconsent_grace_days()) {
          publication.grace =
              absl::Hours(24) * std::int64_t{request->reconsent_grace_days()};
        }
        const auto made = consent_.CreateAgreement(
            service, agreement, std::move(content), publication);
        if (!made.ok()) return rpc::InsideField("content", made.status());
        *response->mutable_agreement() = ToProto(**made);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* ConsentAdminRpc::RevokeRecord(
    grpc::CallbackServerContext* context,
    const v1::RevokeRecordRequest* request,
    v1::RevokeRecordResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& /*caller*/) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            const RecordId record,
            rpc::ParseId<RecordId>("record_id", request->record_id()));
        LIMPID_ASSIGN_OR_RETURN(const Revision revision,
                                consent_.Revoke(record, request->reason()));
        response->set_state(ToProto(revision.state));
        response->set_revision(revision.number);
        *response->mutable_state_time() = ToProto(revision.time);
        return absl::OkStatus();
      });
}

}  // namespace limpid::consent
