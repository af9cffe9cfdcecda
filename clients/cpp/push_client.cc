#include "clients/cpp/push_client.h"

#include <cstddef>
#include <string>
#include <utility>

#include "clients/cpp/paging.h"
#include "common/base/status_macros.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;

#define LIMPID_PUSH "/limpid.consent.v1.ServicePushService/"
constexpr Method kSet = {LIMPID_PUSH "SetPushEndpoint", true};
constexpr Method kGet = {LIMPID_PUSH "GetPushEndpoint", true};
constexpr Method kRemove = {LIMPID_PUSH "RemovePushEndpoint", true};
#undef LIMPID_PUSH
constexpr Method kListDeliveries = {
    "/limpid.consent.v1.PersonDeliveryService/ListDeliveries", true};
#define LIMPID_PUSH_ADMIN "/limpid.consent.v1.PushAdminService/"
constexpr Method kSetOrigin = {LIMPID_PUSH_ADMIN "SetPushOrigin", true};
constexpr Method kListDeadLetters = {LIMPID_PUSH_ADMIN "ListDeadLetters", true};
// A second call may find letters that failed again meanwhile.
constexpr Method kRetry = {LIMPID_PUSH_ADMIN "RetryDeadLetters"};
#undef LIMPID_PUSH_ADMIN
constexpr int kPageSize = 200;

}  // namespace

absl::StatusOr<v1::PushEndpoint> PushClient::SetEndpoint(std::string_view url) {
  v1::SetPushEndpointRequest request;
  request.set_url(std::string(url));
  LIMPID_ASSIGN_OR_RETURN(auto response, Invoke<v1::SetPushEndpointResponse>(
                                             connection_, kSet, request));
  return std::move(*response.mutable_endpoint());
}

absl::StatusOr<v1::PushEndpoint> PushClient::GetEndpoint() {
  LIMPID_ASSIGN_OR_RETURN(auto response,
                          Invoke<v1::GetPushEndpointResponse>(
                              connection_, kGet, v1::GetPushEndpointRequest()));
  return std::move(*response.mutable_endpoint());
}

absl::Status PushClient::RemoveEndpoint() {
  return Invoke<v1::RemovePushEndpointResponse>(connection_, kRemove,
                                                v1::RemovePushEndpointRequest())
      .status();
}

absl::StatusOr<std::vector<v1::Delivery>> PushClient::ListDeliveries(
    std::string_view record_id) {
  v1::ListDeliveriesRequest request;
  request.set_record_id(std::string(record_id));
  LIMPID_ASSIGN_OR_RETURN(const auto response,
                          Invoke<v1::ListDeliveriesResponse>(
                              connection_, kListDeliveries, request));
  return std::vector<v1::Delivery>(response.deliveries().begin(),
                                   response.deliveries().end());
}

absl::StatusOr<v1::PushEndpoint> PushClient::SetOrigin(
    std::string_view service_id, std::string_view origin) {
  v1::SetPushOriginRequest request;
  request.set_service_id(std::string(service_id));
  request.set_origin(std::string(origin));
  LIMPID_ASSIGN_OR_RETURN(auto response, Invoke<v1::SetPushOriginResponse>(
                                             connection_, kSetOrigin, request));
  return std::move(*response.mutable_endpoint());
}

absl::StatusOr<std::vector<v1::DeadLetter>> PushClient::ListDeadLetters(
    std::string_view service_id) {
  v1::ListDeadLettersRequest request;
  request.set_service_id(std::string(service_id));
  request.set_page_size(kPageSize);
  std::vector<v1::DeadLetter> out;
  PageWalk walk(EmptyPage::kMayBeFollowed);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(const auto response,
                            Invoke<v1::ListDeadLettersResponse>(
                                connection_, kListDeadLetters, request));
    out.insert(out.end(), response.letters().begin(), response.letters().end());
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(response.next_page_token(),
                        static_cast<std::size_t>(response.letters_size())));
    request.set_page_token(response.next_page_token());
  }
  return out;
}

absl::StatusOr<std::uint64_t> PushClient::RetryDeadLetters(
    std::string_view service_id) {
  v1::RetryDeadLettersRequest request;
  request.set_service_id(std::string(service_id));
  LIMPID_ASSIGN_OR_RETURN(
      const auto response,
      Invoke<v1::RetryDeadLettersResponse>(connection_, kRetry, request));
  return response.retried_count();
}

}  // namespace limpid::client
