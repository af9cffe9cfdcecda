#include "consent/rpc/service_consent_rpc.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/streaming.h"
#include "common/rpc/validate.h"
#include "consent/receipt/service_receipt.h"
#include "consent/rpc/convert.h"

namespace limpid::consent {

ServiceConsentRpc::ServiceConsentRpc(rpc::Runtime& runtime,
                                     rpc::AuthPolicy policy, Consent& consent)
    : edge_(rpc::EdgeOf<v1::ServiceConsentService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* ServiceConsentRpc::CreateRequest(
    grpc::CallbackServerContext* context,
    const v1::CreateRequestRequest* request,
    v1::CreateRequestResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const ServicePointer service,
                                consent_.ServiceOf(caller.spki_thumbprint));
        NewRequest wanted;
        LIMPID_ASSIGN_OR_RETURN(
            wanted.agreement,
            rpc::ParseId<AgreementId>("agreement_id", request->agreement_id()));
        wanted.version = request->agreement_version();
        LIMPID_RETURN_IF_ERROR(
            rpc::CheckBytes("request_id", request->request_id(), 16));
        LIMPID_ASSIGN_OR_RETURN(
            wanted.request_id,
            base::ToArray<16>(base::AsBytes(request->request_id())));
        wanted.lifetime = absl::Seconds(request->lifetime_seconds());
        LIMPID_ASSIGN_OR_RETURN(const RequestView made,
                                consent_.CreateRequest(service->id, wanted));
        response->set_request_code(made.code);
        *response->mutable_expire_time() = ToProto(made.expires);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* ServiceConsentRpc::GetRequestStatus(
    grpc::CallbackServerContext* context,
    const v1::GetRequestStatusRequest* request,
    v1::GetRequestStatusResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const ServicePointer service,
                                consent_.ServiceOf(caller.spki_thumbprint));
        LIMPID_ASSIGN_OR_RETURN(
            const RequestStatus status,
            consent_.GetRequestStatus(service->id, request->request_code()));
        *response = ToProto(status);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* ServiceConsentRpc::ListAgreements(
    grpc::CallbackServerContext* context,
    const v1::ListAgreementsRequest* request,
    v1::ListAgreementsResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const ServicePointer service,
                                consent_.ServiceOf(caller.spki_thumbprint));
        LIMPID_ASSIGN_OR_RETURN(const int size,
                                rpc::PageSize(request->page_size(),
                                              kDefaultPageSize, kMaxPageSize));
        LIMPID_ASSIGN_OR_RETURN(std::uint64_t at,
                                ParseNumberToken(request->page_token()));
        const auto agreements = consent_.ListAgreements(service->id);
        const std::uint64_t end = std::min<std::uint64_t>(
            agreements.size(), at + static_cast<std::uint64_t>(size));
        for (; at < end; ++at)
          *response->add_agreements() = ToProto(*agreements[at]);
        if (end < agreements.size())
          response->set_next_page_token(NumberToken(end));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* ServiceConsentRpc::GetServiceReceipt(
    grpc::CallbackServerContext* context,
    const v1::GetServiceReceiptRequest* request,
    v1::GetServiceReceiptResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const ServicePointer service,
                                consent_.ServiceOf(caller.spki_thumbprint));
        LIMPID_ASSIGN_OR_RETURN(
            const RecordId record,
            rpc::ParseId<RecordId>("record_id", request->record_id()));
        LIMPID_ASSIGN_OR_RETURN(*response->mutable_file_json(),
                                ServiceReceipt(consent_, service->id, record));
        return absl::OkStatus();
      });
}

grpc::ServerWriteReactor<v1::WatchResponse>* ServiceConsentRpc::Watch(
    grpc::CallbackServerContext* context, const v1::WatchRequest* request) {
  using Writer = rpc::StreamWriter<v1::WatchResponse>;
  return rpc::ServerStream<v1::WatchResponse>(
      edge_, context,
      [=, this](const rpc::Caller& caller,
                const std::shared_ptr<Writer>& writer) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const ServicePointer service,
                                consent_.ServiceOf(caller.spki_thumbprint));
        return consent_.Watch(
            service->id, base::AsBytes(request->cursor()),
            [writer](const WatchItem& item) {
              return writer->Write(ToProto(item));
            },
            {.key = caller.spki_thumbprint,
             .open = [writer] { return writer->open(); },
             .ended =
                 [writer](const absl::Status& why) { writer->Finish(why); }});
      });
}

}  // namespace limpid::consent
