#include "clients/cpp/duty_client.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "clients/cpp/paging.h"
#include "common/base/status_macros.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;

#define LIMPID_DUTY "/limpid.consent.v1.DeletionDutyService/"
constexpr Method kListOwn = {LIMPID_DUTY "ListDeletionDuties", true};
constexpr Method kAcknowledge = {LIMPID_DUTY "AcknowledgeDeletion", true};
constexpr Method kRefuse = {LIMPID_DUTY "RefuseDeletion", true};
#undef LIMPID_DUTY
constexpr Method kListOfPerson = {
    "/limpid.consent.v1.PersonDutyService/ListDuties", true};
constexpr Method kListOverdue = {
    "/limpid.consent.v1.DutyAdminService/ListOverdueDuties", true};
constexpr int kPageSize = 200;

}  // namespace

template <typename Response, typename Request>
absl::StatusOr<std::vector<v1::DeletionDuty>> DutyClient::AllPages(
    const Method& method, Request& request) {
  request.set_page_size(kPageSize);
  std::vector<v1::DeletionDuty> out;
  unreadable_count_ = 0;
  PageWalk walk(EmptyPage::kMayBeFollowed);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(const auto response,
                            Invoke<Response>(connection_, method, request));
    out.insert(out.end(), response.duties().begin(), response.duties().end());
    unreadable_count_ += response.unreadable_count();
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(response.next_page_token(),
                        static_cast<std::size_t>(response.duties_size())));
    request.set_page_token(response.next_page_token());
  }
  return out;
}

absl::StatusOr<std::vector<v1::DeletionDuty>> DutyClient::ListOwn(
    bool include_answered) {
  v1::ListDeletionDutiesRequest request;
  request.set_include_answered(include_answered);
  return AllPages<v1::ListDeletionDutiesResponse>(kListOwn, request);
}

absl::StatusOr<v1::DeletionDuty> DutyClient::Acknowledge(
    std::string_view duty_id) {
  v1::AcknowledgeDeletionRequest request;
  request.set_duty_id(std::string(duty_id));
  LIMPID_ASSIGN_OR_RETURN(auto response,
                          Invoke<v1::AcknowledgeDeletionResponse>(
                              connection_, kAcknowledge, request));
  return std::move(*response.mutable_duty());
}

absl::StatusOr<v1::DeletionDuty> DutyClient::Refuse(
    std::string_view duty_id, v1::RefusalReason reason,
    std::string_view explanation) {
  v1::RefuseDeletionRequest request;
  request.set_duty_id(std::string(duty_id));
  request.set_reason(reason);
  request.set_explanation(std::string(explanation));
  LIMPID_ASSIGN_OR_RETURN(auto response, Invoke<v1::RefuseDeletionResponse>(
                                             connection_, kRefuse, request));
  return std::move(*response.mutable_duty());
}

absl::StatusOr<std::vector<v1::DeletionDuty>> DutyClient::ListOfPerson(
    std::string_view record_id) {
  v1::ListDutiesRequest request;
  request.set_record_id(std::string(record_id));
  LIMPID_ASSIGN_OR_RETURN(
      auto out, AllPages<v1::ListDutiesResponse>(kListOfPerson, request));
  std::stable_sort(
      out.begin(), out.end(),
      [](const v1::DeletionDuty& left, const v1::DeletionDuty& right) {
        return std::pair(left.due_time().seconds(), left.due_time().nanos()) <
               std::pair(right.due_time().seconds(), right.due_time().nanos());
      });
  return out;
}

absl::StatusOr<std::vector<v1::OverdueService>> DutyClient::ListOverdue() {
  LIMPID_ASSIGN_OR_RETURN(
      const auto response,
      Invoke<v1::ListOverdueDutiesResponse>(connection_, kListOverdue,
                                            v1::ListOverdueDutiesRequest()));
  unreadable_count_ = response.unreadable_count();
  return std::vector<v1::OverdueService>(response.services().begin(),
                                         response.services().end());
}

}  // namespace limpid::client
