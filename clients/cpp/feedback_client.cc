#include "clients/cpp/feedback_client.h"

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/base/status_macros.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::algoregister::v1;

#define LIMPID_FEEDBACK "/limpid.algoregister.v1.FeedbackService/"
#define LIMPID_FEEDBACK_DESK "/limpid.algoregister.v1.FeedbackDeskService/"
constexpr Method kOpen = {LIMPID_FEEDBACK "OpenTicket", false};
constexpr Method kGet = {LIMPID_FEEDBACK "GetTicket", true};
constexpr Method kList = {LIMPID_FEEDBACK "ListTickets", true};
constexpr Method kRemark = {LIMPID_FEEDBACK "AddRemark", false};
constexpr Method kClose = {LIMPID_FEEDBACK "CloseTicket", true};
constexpr Method kFigures = {LIMPID_FEEDBACK "GetFeedbackFigures", true};
constexpr Method kAnswer = {LIMPID_FEEDBACK_DESK "AnswerTicket", false};
constexpr Method kModerate = {LIMPID_FEEDBACK_DESK "ModerateTicket", false};
constexpr Method kRelease = {LIMPID_FEEDBACK_DESK "ReleaseTicket", false};
#undef LIMPID_FEEDBACK
#undef LIMPID_FEEDBACK_DESK

// The ticket that every act answers with.
template <typename Response>
absl::StatusOr<v1::Ticket> TicketOf(
    Connection& connection, const Method& method,
    const google::protobuf::MessageLite& request) {
  LIMPID_ASSIGN_OR_RETURN(auto response,
                          Invoke<Response>(connection, method, request));
  return std::move(*response.mutable_ticket());
}

}  // namespace

absl::StatusOr<v1::OpenTicketResponse> FeedbackClient::Open(
    const v1::OpenTicketRequest& request) {
  return Invoke<v1::OpenTicketResponse>(connection_, kOpen, request);
}

absl::StatusOr<v1::Ticket> FeedbackClient::Get(std::string_view ticket_id) {
  v1::GetTicketRequest request;
  request.set_ticket_id(std::string(ticket_id));
  return TicketOf<v1::GetTicketResponse>(connection_, kGet, request);
}

absl::StatusOr<v1::ListTicketsResponse> FeedbackClient::List(
    const v1::ListTicketsRequest& request) {
  return Invoke<v1::ListTicketsResponse>(connection_, kList, request);
}

absl::StatusOr<v1::Ticket> FeedbackClient::Remark(std::string_view ticket_id,
                                                  std::string_view secret_code,
                                                  std::string_view text) {
  v1::AddRemarkRequest request;
  request.set_ticket_id(std::string(ticket_id));
  request.set_secret_code(std::string(secret_code));
  request.set_text(std::string(text));
  return TicketOf<v1::AddRemarkResponse>(connection_, kRemark, request);
}

absl::StatusOr<v1::Ticket> FeedbackClient::Close(std::string_view ticket_id,
                                                 std::string_view secret_code) {
  v1::CloseTicketRequest request;
  request.set_ticket_id(std::string(ticket_id));
  request.set_secret_code(std::string(secret_code));
  return TicketOf<v1::CloseTicketResponse>(connection_, kClose, request);
}

absl::StatusOr<v1::GetFeedbackFiguresResponse> FeedbackClient::Figures(
    std::string_view organisation_id) {
  v1::GetFeedbackFiguresRequest request;
  request.set_organisation_id(std::string(organisation_id));
  return Invoke<v1::GetFeedbackFiguresResponse>(connection_, kFigures, request);
}

absl::StatusOr<v1::Ticket> FeedbackClient::Answer(std::string_view ticket_id,
                                                  std::string_view text) {
  v1::AnswerTicketRequest request;
  request.set_ticket_id(std::string(ticket_id));
  request.set_text(std::string(text));
  return TicketOf<v1::AnswerTicketResponse>(connection_, kAnswer, request);
}

absl::StatusOr<v1::Ticket> FeedbackClient::Moderate(
    const v1::ModerateTicketRequest& request) {
  return TicketOf<v1::ModerateTicketResponse>(connection_, kModerate, request);
}

absl::StatusOr<v1::Ticket> FeedbackClient::Release(
    const v1::ReleaseTicketRequest& request) {
  return TicketOf<v1::ReleaseTicketResponse>(connection_, kRelease, request);
}

}  // namespace limpid::client
