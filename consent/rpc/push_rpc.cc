#include "consent/rpc/push_rpc.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "consent/push/push_desk.h"
#include "consent/rpc/convert.h"
#include "consent/rpc/on_record.h"

namespace limpid::consent {
namespace {

// Failures and rejections are append-only lists with the same numbers on both
// sides.
template <typename Message>
void FillVerdict(const PushVerdict& verdict, Message& out) {
  out.set_failure(static_cast<v1::PushFailure>(verdict.failure));
  out.set_rejection(static_cast<v1::PushRejection>(verdict.rejection));
}

absl::StatusOr<std::optional<ServiceId>> OptionalService(
    const std::string& text) {
  if (text.empty()) return std::optional<ServiceId>();
  LIMPID_ASSIGN_OR_RETURN(const ServiceId service,
                          rpc::ParseId<ServiceId>("service_id", text));
  return std::optional<ServiceId>(service);
}

}  // namespace

v1::PushEndpoint ToProto(const PushEndpointView& view) {
  v1::PushEndpoint out;
  out.set_service_id(view.endpoint.service.Text());
  out.set_origin(view.endpoint.origin);
  out.set_url(view.endpoint.url);
  if (view.endpoint.active()) {
    *out.mutable_register_time() = ToProto(view.endpoint.registered);
  }
  if (view.trouble) {
    out.set_failure_count(view.trouble->series);
    FillVerdict(view.trouble->verdict, out);
    *out.mutable_next_attempt_time() = ToProto(view.trouble->next);
  }
  out.set_dead_letter_count(view.dead_letter_count);
  return out;
}

v1::Delivery ToProto(const DeliveryView& view) {
  const Delivery& delivery = view.delivery;
  v1::Delivery out;
  out.set_revision(view.revision);
  out.set_record_state(ToProto(view.entered));
  *out.mutable_time() = ToProto(view.time);
  out.set_state(static_cast<v1::DeliveryState>(delivery.state));
  if (delivery.delivered) {
    *out.mutable_deliver_time() = ToProto(*delivery.delivered);
  }
  out.set_attempt_count(delivery.attempts);
  if (delivery.next) *out.mutable_next_attempt_time() = ToProto(*delivery.next);
  FillVerdict(delivery.verdict, out);
  return out;
}

v1::DeadLetter ToProto(const PushLetterView& view) {
  v1::DeadLetter out;
  out.set_service_id(view.letter.service.Text());
  if (view.service != nullptr) {
    out.set_organisation(view.service->organisation);
  }
  out.set_attempt_count(view.letter.attempts);
  *out.mutable_last_attempt_time() = ToProto(view.letter.last);
  FillVerdict(view.letter.verdict, out);
  return out;
}

ServicePushRpc::ServicePushRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                               Consent& consent)
    : edge_(rpc::EdgeOf<v1::ServicePushService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* ServicePushRpc::SetPushEndpoint(
    grpc::CallbackServerContext* context,
    const v1::SetPushEndpointRequest* request,
    v1::SetPushEndpointResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const ServicePointer service,
                                consent_.ServiceOf(caller.spki_thumbprint));
        LIMPID_ASSIGN_OR_RETURN(
            const PushEndpointView view,
            PushDesk(consent_).SetEndpoint(service->id, request->url()));
        *response->mutable_endpoint() = ToProto(view);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* ServicePushRpc::GetPushEndpoint(
    grpc::CallbackServerContext* context,
    const v1::GetPushEndpointRequest* /*request*/,
    v1::GetPushEndpointResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const ServicePointer service,
                                consent_.ServiceOf(caller.spki_thumbprint));
        LIMPID_ASSIGN_OR_RETURN(const PushEndpointView view,
                                PushDesk(consent_).GetEndpoint(service->id));
        *response->mutable_endpoint() = ToProto(view);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* ServicePushRpc::RemovePushEndpoint(
    grpc::CallbackServerContext* context,
    const v1::RemovePushEndpointRequest* /*request*/,
    v1::RemovePushEndpointResponse* /*response*/) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const ServicePointer service,
                                consent_.ServiceOf(caller.spki_thumbprint));
        return PushDesk(consent_).RemoveEndpoint(service->id);
      });
}

PersonDeliveryRpc::PersonDeliveryRpc(rpc::Runtime& runtime,
                                     rpc::AuthPolicy policy, Consent& consent)
    : edge_(rpc::EdgeOf<v1::PersonDeliveryService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* PersonDeliveryRpc::ListDeliveries(
    grpc::CallbackServerContext* context,
    const v1::ListDeliveriesRequest* request,
    v1::ListDeliveriesResponse* response) {
  return OnRecord(edge_, context, request,
                  [=, this](const PersonId& person,
                            const RecordId& record) -> absl::Status {
                    LIMPID_ASSIGN_OR_RETURN(
                        const std::vector<DeliveryView> deliveries,
                        PushDesk(consent_).ListDeliveries(person, record));
                    for (const DeliveryView& one : deliveries) {
                      *response->add_deliveries() = ToProto(one);
                    }
                    return absl::OkStatus();
                  });
}

PushAdminRpc::PushAdminRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                           Consent& consent)
    : edge_(rpc::EdgeOf<v1::PushAdminService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* PushAdminRpc::SetPushOrigin(
    grpc::CallbackServerContext* context,
    const v1::SetPushOriginRequest* request,
    v1::SetPushOriginResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            const ServiceId service,
            rpc::ParseId<ServiceId>("service_id", request->service_id()));
        LIMPID_ASSIGN_OR_RETURN(
            const PushEndpointView view,
            PushDesk(consent_).SetOrigin(caller.spki_thumbprint, service,
                                         request->origin()));
        *response->mutable_endpoint() = ToProto(view);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PushAdminRpc::ListDeadLetters(
    grpc::CallbackServerContext* context,
    const v1::ListDeadLettersRequest* request,
    v1::ListDeadLettersResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& /*caller*/) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const auto service,
                                OptionalService(request->service_id()));
        LIMPID_ASSIGN_OR_RETURN(const int size,
                                rpc::PageSize(request->page_size(),
                                              kDefaultPageSize, kMaxPageSize));
        LIMPID_ASSIGN_OR_RETURN(std::uint64_t at,
                                ParseNumberToken(request->page_token()));
        const auto letters = PushDesk(consent_).ListDeadLetters(service);
        at = std::min<std::uint64_t>(at, letters.size());
        const std::uint64_t end = std::min<std::uint64_t>(
            letters.size(), at + static_cast<std::uint64_t>(size));
        for (; at < end; ++at) {
          *response->add_letters() = ToProto(letters[at]);
        }
        if (end < letters.size()) {
          response->set_next_page_token(NumberToken(end));
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PushAdminRpc::RetryDeadLetters(
    grpc::CallbackServerContext* context,
    const v1::RetryDeadLettersRequest* request,
    v1::RetryDeadLettersResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& /*caller*/) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const auto service,
                                OptionalService(request->service_id()));
        LIMPID_ASSIGN_OR_RETURN(const std::uint64_t count,
                                PushDesk(consent_).RetryDeadLetters(service));
        response->set_retried_count(count);
        return absl::OkStatus();
      });
}

}  // namespace limpid::consent
