#include "clients/cpp/person_client.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>

#include "absl/strings/cord.h"
#include "clients/cpp/log_client.h"
#include "clients/cpp/paging.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/jose/tokens.h"
#include "common/receipt/receipt_id.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;

#define LIMPID_ACCOUNT "/limpid.consent.v1.AccountService/"
#define LIMPID_PERSON "/limpid.consent.v1.PersonConsentService/"
constexpr Method kCreateAccount = {LIMPID_ACCOUNT "CreateAccount", true};
constexpr Method kGetAccount = {LIMPID_ACCOUNT "GetAccount", true};
constexpr Method kBindRequest = {LIMPID_PERSON "BindRequest", true};
constexpr Method kListRequests = {LIMPID_PERSON "ListRequests", true};
constexpr Method kListRecords = {LIMPID_PERSON "ListRecords", true};
constexpr Method kGetRecord = {LIMPID_PERSON "GetRecord", true};
constexpr Method kGrantRecord = {LIMPID_PERSON "GrantRecord"};
constexpr Method kRefuseRecord = {LIMPID_PERSON "RefuseRecord"};
constexpr Method kPauseRecord = {LIMPID_PERSON "PauseRecord"};
constexpr Method kResumeRecord = {LIMPID_PERSON "ResumeRecord"};
constexpr Method kWithdrawRecord = {LIMPID_PERSON "WithdrawRecord", true};
constexpr Method kGetReceipt = {LIMPID_PERSON "GetReceipt", true};
constexpr Method kExplain = {LIMPID_PERSON "ExplainDecision", true};
#undef LIMPID_ACCOUNT
#undef LIMPID_PERSON

// Key of the status payload: a server's NOT_FOUND has none.
constexpr const char* kWithoutReceipt = "limpid.client/without-receipt";
constexpr int kPageSize = 200;
// More than a server of ours keeps of one record.
constexpr std::size_t kMostHistoryPages = 64;

// Fetches every page; `take` moves the items out of a response and tells how
// many they were.
template <typename Request, typename Response, typename Take>
absl::Status EveryPage(Connection& connection, const Method& method,
                       Request request, Take take) {
  request.set_page_size(kPageSize);
  PageWalk walk(EmptyPage::kMayBeFollowed);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(Response response,
                            Invoke<Response>(connection, method, request));
    const std::size_t items = take(response);
    LIMPID_ASSIGN_OR_RETURN(more, walk.More(response.next_page_token(), items));
    request.set_page_token(response.next_page_token());
  }
  return absl::OkStatus();
}

// The calls that take a record id and answer a record.
template <typename Request, typename Response>
absl::StatusOr<v1::Record> Act(Connection& connection, const Method& method,
                               std::string_view record_id) {
  Request request;
  request.set_record_id(std::string(record_id));
  LIMPID_ASSIGN_OR_RETURN(Response response,
                          Invoke<Response>(connection, method, request));
  LIMPID_RETURN_IF_ERROR(CheckAnswers(response.record(), record_id));
  return std::move(*response.mutable_record());
}

// Puts the older pages of the history in front of the newest one.
absl::Status ReadOlderRevisions(Connection& connection,
                                v1::GetRecordRequest request,
                                v1::GetRecordResponse& shown) {
  // Oldest first.
  std::deque<v1::GetRecordResponse> pages;
  for (std::uint64_t before = shown.next_before_revision(); before != 0;) {
    request.set_before_revision(before);
    LIMPID_ASSIGN_OR_RETURN(auto page, Invoke<v1::GetRecordResponse>(
                                           connection, kGetRecord, request));
    LIMPID_RETURN_IF_ERROR(CheckAnswers(page.record(), request.record_id()));
    if (page.next_before_revision() >= before ||
        pages.size() == kMostHistoryPages) {
      return absl::DataLossError("the record's history does not end");
    }
    before = page.next_before_revision();
    pages.push_front(std::move(page));
  }
  if (pages.empty()) return absl::OkStatus();
  google::protobuf::RepeatedPtrField<v1::RecordRevision> whole;
  for (auto& page : pages) whole.MergeFrom(page.revisions());
  whole.MergeFrom(shown.revisions());
  shown.mutable_revisions()->Swap(&whole);
  shown.clear_next_before_revision();
  return absl::OkStatus();
}

// The access whose receipt has that id. No server knows receipts by it.
absl::StatusOr<std::string> AccessOf(std::string_view receipt_id,
                                     const std::vector<v1::AccessEntry>& log) {
  for (const v1::AccessEntry& entry : log) {
    const auto access = base::ParseIdText("acc", entry.access_id());
    if (access.ok() && receipt::ReceiptIdText(*access) == receipt_id) {
      return entry.access_id();
    }
  }
  return absl::NotFoundError(
      "no access in your log has a receipt of that id; ask by the access "
      "(acc_...), as limpid person accesses lists them, or the record "
      "(rec_...)");
}

}  // namespace

bool IsWithoutReceipt(const absl::Status& status) {
  return status.GetPayload(kWithoutReceipt).has_value();
}

rpc::TokenSource PersonTokens(const PersonKey& key, std::string operator_name,
                              const base::Clock& clock) {
  return [&key, &clock, operator_name = std::move(operator_name)](
             std::string_view method) -> absl::StatusOr<rpc::CallTokens> {
    return rpc::CallTokens{
        jose::Mint(key.key(),
                   jose::NewKeyBoundToken(operator_name, method, clock.Now())),
        ""};
  };
}

absl::StatusOr<v1::Account> PersonClient::CreateAccount() {
  v1::CreateAccountRequest request;
  request.set_public_key(base::ToText(key_.key().PublicKey().bytes));
  LIMPID_ASSIGN_OR_RETURN(
      auto response,
      Invoke<v1::CreateAccountResponse>(connection_, kCreateAccount, request));
  return std::move(*response.mutable_account());
}

absl::StatusOr<v1::Account> PersonClient::GetAccount() {
  LIMPID_ASSIGN_OR_RETURN(
      auto response, Invoke<v1::GetAccountResponse>(connection_, kGetAccount,
                                                    v1::GetAccountRequest()));
  return std::move(*response.mutable_account());
}

absl::StatusOr<v1::BindRequestResponse> PersonClient::BindRequest(
    std::string_view request_code) {
  v1::BindRequestRequest request;
  request.set_request_code(std::string(request_code));
  LIMPID_ASSIGN_OR_RETURN(
      auto response,
      Invoke<v1::BindRequestResponse>(connection_, kBindRequest, request));
  LIMPID_RETURN_IF_ERROR(CheckAgreement(response.agreement()));
  LIMPID_RETURN_IF_ERROR(CheckBelongs(response.agreement(), response.record()));
  return response;
}

absl::StatusOr<std::vector<v1::Record>> PersonClient::ListRequests() {
  std::vector<v1::Record> out;
  const auto take = [&out](v1::ListRequestsResponse& page) {
    for (auto& record : *page.mutable_records()) {
      out.push_back(std::move(record));
    }
    return static_cast<std::size_t>(page.records_size());
  };
  LIMPID_RETURN_IF_ERROR(
      (EveryPage<v1::ListRequestsRequest, v1::ListRequestsResponse>(
          connection_, kListRequests, {}, take)));
  return out;
}

absl::StatusOr<std::vector<v1::Record>> PersonClient::ListRecords() {
  std::vector<v1::Record> out;
  const auto take = [&out](v1::ListRecordsResponse& page) {
    for (auto& record : *page.mutable_records()) {
      out.push_back(std::move(record));
    }
    return static_cast<std::size_t>(page.records_size());
  };
  LIMPID_RETURN_IF_ERROR(
      (EveryPage<v1::ListRecordsRequest, v1::ListRecordsResponse>(
          connection_, kListRecords, {}, take)));
  return out;
}

absl::StatusOr<v1::GetRecordResponse> PersonClient::GetRecord(
    std::string_view record_id) {
  v1::GetRecordRequest request;
  request.set_record_id(std::string(record_id));
  LIMPID_ASSIGN_OR_RETURN(auto response, Invoke<v1::GetRecordResponse>(
                                             connection_, kGetRecord, request));
  LIMPID_RETURN_IF_ERROR(CheckAnswers(response.record(), record_id));
  LIMPID_RETURN_IF_ERROR(CheckAgreement(response.agreement()));
  LIMPID_RETURN_IF_ERROR(CheckBelongs(response.agreement(), response.record()));
  LIMPID_RETURN_IF_ERROR(ReadOlderRevisions(connection_, request, response));
  return response;
}

absl::StatusOr<std::optional<CheckedReceipt>> PersonClient::GrantedBefore(
    const v1::Record& record, const receipt::Statement& wanted,
    const GrantBook& book) {
  const bool in_force = record.state() == v1::RECORD_STATE_GRANTED ||
                        record.state() == v1::RECORD_STATE_PAUSED;
  if (!in_force) return std::nullopt;
  LIMPID_ASSIGN_OR_RETURN(
      const auto sent, book.SentOf(record.record_id(), key_.key().PublicKey()));
  if (sent.empty()) return std::nullopt;
  v1::GetReceiptRequest request;
  request.set_record_id(record.record_id());
  const auto response =
      Invoke<v1::GetReceiptResponse>(connection_, kGetReceipt, request);
  // Its entry may be erased. It stays noted as sent.
  if (absl::IsNotFound(response.status())) return std::nullopt;
  LIMPID_RETURN_IF_ERROR(response.status());
  for (const receipt::SignedStatement& one : sent) {
    auto receipt = CheckReceipt(response->receipt(),
                                GrantOf(record.record_id(), one), trust_);
    if (!receipt.ok()) continue;
    LIMPID_RETURN_IF_ERROR(book.Keep(one));
    LIMPID_ASSIGN_OR_RETURN(const auto granted,
                            receipt::Statement::Parse(one.canonical_json));
    // Another choice is another question: the server answers that.
    if (granted.lines != wanted.lines) return std::nullopt;
    receipt->sent_before = true;
    return *std::move(receipt);
  }
  return std::nullopt;
}

absl::StatusOr<CheckedReceipt> PersonClient::Grant(std::string_view record_id,
                                                   const GrantChoice& choice,
                                                   const GrantBook* book) {
  LIMPID_ASSIGN_OR_RETURN(const v1::GetRecordResponse shown,
                          GetRecord(record_id));
  LIMPID_ASSIGN_OR_RETURN(
      const receipt::Statement statement,
      BuildStatement(shown, choice, trust_.operator_name,
                     key_.GrantKey(record_id).PublicKey().bytes,
                     crypto::RandomArray<32>(), clock_.Now()));
  if (book != nullptr) {
    LIMPID_ASSIGN_OR_RETURN(auto before,
                            GrantedBefore(shown.record(), statement, *book));
    if (before) return *std::move(before);
  }
  const receipt::SignedStatement sealed =
      receipt::SignStatement(statement, key_.key());
  if (book != nullptr) LIMPID_RETURN_IF_ERROR(book->NoteSent(sealed));
  v1::GrantRecordRequest request;
  request.set_record_id(std::string(record_id));
  request.set_statement(sealed.canonical_json);
  request.set_signature(base::ToText(sealed.signature));
  const auto response =
      Invoke<v1::GrantRecordResponse>(connection_, kGrantRecord, request);
  if (!response.ok()) {
    if (book != nullptr && IsRefusal(response.status())) {
      // Of this one: an earlier one whose answer was lost may be why.
      LIMPID_RETURN_IF_ERROR(book->DropRefused(sealed));
    }
    return response.status();
  }
  auto receipt =
      CheckReceipt(response->receipt(), GrantOf(record_id, sealed), trust_);
  if (receipt.ok() && book != nullptr) {
    // Granted either way; noted as sent it is found again.
    book->Keep(sealed).IgnoreError();
  }
  return receipt;
}

absl::StatusOr<v1::Record> PersonClient::Refuse(
    std::string_view record_id, std::optional<absl::Time> not_before) {
  v1::RefuseRecordRequest request;
  request.set_record_id(std::string(record_id));
  if (not_before) {
    request.mutable_not_before_time()->set_seconds(
        absl::ToUnixSeconds(*not_before));
  }
  LIMPID_ASSIGN_OR_RETURN(
      auto response,
      Invoke<v1::RefuseRecordResponse>(connection_, kRefuseRecord, request));
  LIMPID_RETURN_IF_ERROR(CheckAnswers(response.record(), record_id));
  return std::move(*response.mutable_record());
}

absl::StatusOr<v1::Record> PersonClient::Pause(std::string_view record_id) {
  return Act<v1::PauseRecordRequest, v1::PauseRecordResponse>(
      connection_, kPauseRecord, record_id);
}

absl::StatusOr<v1::Record> PersonClient::Resume(std::string_view record_id) {
  return Act<v1::ResumeRecordRequest, v1::ResumeRecordResponse>(
      connection_, kResumeRecord, record_id);
}

absl::StatusOr<CheckedReceipt> PersonClient::Withdraw(
    std::string_view record_id) {
  v1::WithdrawRecordRequest request;
  request.set_record_id(std::string(record_id));
  LIMPID_ASSIGN_OR_RETURN(const auto response,
                          Invoke<v1::WithdrawRecordResponse>(
                              connection_, kWithdrawRecord, request));
  LIMPID_RETURN_IF_ERROR(CheckAnswers(response.record(), record_id));
  // Told, not passed over: an operator that gives no receipt looks like this.
  if (!response.has_receipt() &&
      response.record().state() == v1::RECORD_STATE_WITHDRAWN) {
    absl::Status without = absl::NotFoundError(
        "the record is withdrawn, but the operator has no receipt of it");
    without.SetPayload(kWithoutReceipt, absl::Cord("1"));
    return without;
  }
  return CheckReceipt(response.receipt(), WithdrawalOf(record_id), trust_);
}

absl::StatusOr<std::vector<v1::AccessEntry>> PersonClient::ListAccesses(
    std::string_view record_id, std::size_t limit) {
  v1::ListAccessesRequest request;
  request.set_record_id(std::string(record_id));
  return LogClient(connection_, trust_).List(std::move(request), limit);
}

absl::StatusOr<CheckedReceipt> PersonClient::GetReceipt(std::string_view id) {
  v1::GetReceiptRequest request;
  AskedReceipt asked;
  if (id.starts_with("rcp_")) {
    LIMPID_ASSIGN_OR_RETURN(const auto log, ListAccesses("", SIZE_MAX));
    LIMPID_ASSIGN_OR_RETURN(const std::string access, AccessOf(id, log));
    return GetReceipt(access);
  }
  if (id.starts_with("acc_")) {
    request.set_access_id(std::string(id));
    asked.access = request.access_id();
  } else {
    request.set_record_id(std::string(id));
    asked.record = request.record_id();
  }
  LIMPID_ASSIGN_OR_RETURN(
      const auto response,
      Invoke<v1::GetReceiptResponse>(connection_, kGetReceipt, request));
  return CheckReceipt(response.receipt(), asked, trust_);
}

absl::StatusOr<v1::ExplainDecisionResponse> PersonClient::Explain(
    const v1::ExplainDecisionRequest& request) {
  return Invoke<v1::ExplainDecisionResponse>(connection_, kExplain, request);
}

absl::StatusOr<CheckedReceipt> CheckReceipt(const v1::Receipt& receipt,
                                            const AskedReceipt& asked,
                                            const Trust& trust) {
  LIMPID_ASSIGN_OR_RETURN(const auto parsed,
                          receipt::Receipt::Parse(receipt.file_json()));
  LIMPID_ASSIGN_OR_RETURN(const tlog::Policy policy,
                          trust.LogPolicy("/access"));
  LIMPID_ASSIGN_OR_RETURN(
      auto verified,
      receipt::VerifyReceipt(parsed, trust.evidence_key, policy));
  LIMPID_RETURN_IF_ERROR(
      CheckAnswers(verified.body, asked, trust.operator_name));
  return CheckedReceipt{std::move(verified), receipt.file_json()};
}

}  // namespace limpid::client
