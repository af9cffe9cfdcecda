#include "clients/cpp/decision_notice_client.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;

constexpr std::size_t kPageSize = 50;

#define LIMPID_DECISIONS "/limpid.consent.v1.PersonDecisionNoticeService/"
constexpr Method kList = {LIMPID_DECISIONS "ListDecisionNotices", true};
constexpr Method kGet = {LIMPID_DECISIONS "GetDecisionNotice", true};
constexpr Method kAcknowledge = {LIMPID_DECISIONS "AcknowledgeDecisionNotice",
                                 true};
#undef LIMPID_DECISIONS
constexpr Method kSend = {
    "/limpid.consent.v1.ServiceDecisionNoticeService/SendDecisionNotice", true};

}  // namespace

absl::StatusOr<std::vector<v1::DecisionNotice>> DecisionNoticeClient::List(
    std::size_t limit) {
  v1::ListDecisionNoticesRequest request;
  std::vector<v1::DecisionNotice> out;
  unreadable_count_ = 0;
  do {
    const std::size_t left = limit - out.size();
    request.set_page_size(static_cast<int>(std::min(left, kPageSize)));
    LIMPID_ASSIGN_OR_RETURN(
        const auto page,
        Invoke<v1::ListDecisionNoticesResponse>(connection_, kList, request));
    if (static_cast<std::size_t>(page.notices_size()) > left ||
        (page.notices().empty() && !page.next_page_token().empty())) {
      return absl::DataLossError(
          "the server's pages of decision notices make no list");
    }
    out.insert(out.end(), page.notices().begin(), page.notices().end());
    unreadable_count_ += page.unreadable_count();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && out.size() < limit);
  has_more_ = !request.page_token().empty();
  return out;
}

absl::StatusOr<v1::DecisionNotice> DecisionNoticeClient::Get(
    std::string_view notice_id) {
  v1::GetDecisionNoticeRequest request;
  request.set_notice_id(std::string(notice_id));
  LIMPID_ASSIGN_OR_RETURN(auto response, Invoke<v1::GetDecisionNoticeResponse>(
                                             connection_, kGet, request));
  return std::move(*response.mutable_notice());
}

absl::StatusOr<v1::DecisionNotice> DecisionNoticeClient::Acknowledge(
    std::string_view notice_id) {
  v1::AcknowledgeDecisionNoticeRequest request;
  request.set_notice_id(std::string(notice_id));
  LIMPID_ASSIGN_OR_RETURN(auto response,
                          Invoke<v1::AcknowledgeDecisionNoticeResponse>(
                              connection_, kAcknowledge, request));
  return std::move(*response.mutable_notice());
}

absl::StatusOr<std::string> SendDecisionNotice(
    Connection& connection, std::string_view record_id,
    const v1::DecisionContent& content) {
  v1::SendDecisionNoticeRequest request;
  request.set_record_id(std::string(record_id));
  request.set_request_id(base::ToText(crypto::RandomArray<16>()));
  *request.mutable_content() = content;
  LIMPID_ASSIGN_OR_RETURN(
      const auto response,
      Invoke<v1::SendDecisionNoticeResponse>(connection, kSend, request));
  return response.notice_id();
}

}  // namespace limpid::client
