#include "clients/cpp/delegation_client.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/entry_check.h"
#include "clients/cpp/paging.h"
#include "clients/cpp/wire_time.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/receipt/statement.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;

#define LIMPID_DELEGATION "/limpid.consent.v1.DelegationService/"
constexpr Method kMake = {LIMPID_DELEGATION "MakeDelegation", true};
constexpr Method kList = {LIMPID_DELEGATION "ListDelegations", true};
constexpr Method kListMandates = {LIMPID_DELEGATION "ListMandates", true};
constexpr Method kEnd = {LIMPID_DELEGATION "EndDelegation", true};
constexpr Method kEndAll = {LIMPID_DELEGATION "EndAllDelegations", true};
constexpr Method kListRecords = {LIMPID_DELEGATION "ListRepresentedRecords",
                                 true};
constexpr Method kGetRecord = {LIMPID_DELEGATION "GetRepresentedRecord", true};
constexpr Method kGrant = {LIMPID_DELEGATION "GrantRepresentedRecord"};
constexpr Method kRefuse = {LIMPID_DELEGATION "RefuseRepresentedRecord"};
constexpr Method kWithdraw = {LIMPID_DELEGATION "WithdrawRepresentedRecord",
                              true};
constexpr Method kListAccesses = {LIMPID_DELEGATION "ListRepresentedAccesses",
                                  true};
#undef LIMPID_DELEGATION
constexpr Method kRecord = {
    "/limpid.consent.v1.DelegationAdminService/RecordDelegation", true};
constexpr Method kRevoke = {
    "/limpid.consent.v1.DelegationAdminService/RevokeDelegation", true};
constexpr int kPageSize = 200;

template <typename Response>
std::vector<v1::Delegation> AllOf(const Response& response) {
  return {response.delegations().begin(), response.delegations().end()};
}

// The requests that name a represented person and a record.
template <typename Request>
Request About(std::string_view person_id, std::string_view record_id) {
  Request request;
  request.set_person_id(std::string(person_id));
  request.set_record_id(std::string(record_id));
  return request;
}

// Until when the caller lets a validity last, and whether she said so or her
// power ends then.
struct LongestJoined {
  std::optional<absl::Time> until;
  bool chosen = false;
};

// What to do where another one signed for longer than `longest`.
absl::Status TooLong(absl::Time until, const LongestJoined& longest,
                     absl::Time now) {
  const std::string signed_until =
      absl::StrCat("another representative has signed until ",
                   base::TimeText(until), ", which is later than ");
  if (!longest.chosen) {
    return absl::InvalidArgumentError(absl::StrCat(
        signed_until, "your own power lasts, ", base::TimeText(*longest.until),
        ": you cannot join that; refuse, and both sign anew"));
  }
  const std::int64_t days =
      absl::Ceil(until - now, absl::Hours(24)) / absl::Hours(24);
  return absl::InvalidArgumentError(
      absl::StrCat(signed_until, "your choice: grant with --days ", days,
                   " to sign for the same time, or refuse"));
}

// Whether the validity that somebody signed before is within what the
// agreement allows from then on, and within `longest`.
absl::Status CheckJoinedTimes(const v1::Record& record,
                              std::uint32_t validity_days,
                              const LongestJoined& longest, absl::Time now) {
  const absl::Time from = TimeOf(record.from_time());
  const absl::Time until = TimeOf(record.until_time());
  // Two devices do not have the same clock.
  if (from > now + receipt::kStatementSkew) {
    return absl::DataLossError(
        "what another representative has signed would begin in the future; "
        "nothing was signed");
  }
  if (from >= until || until - from > absl::Hours(24) * validity_days) {
    return absl::DataLossError(
        "what another representative has signed would be valid for longer than "
        "the agreement allows; nothing was signed");
  }
  if (longest.until && until > *longest.until) {
    return TooLong(until, longest, now);
  }
  return absl::OkStatus();
}

// Whether those who signed before were shown the notice of `stated`, which is
// the one in the language that the caller asked for.
absl::Status CheckJoinedNotice(const v1::GetRepresentedRecordResponse& shown,
                               const base::Digest32& stated) {
  if (shown.notice_hash() == base::AsText(stated)) return absl::OkStatus();
  // Its own text is checked when it is asked for by its language.
  for (const v1::Notice& notice : shown.agreement().content().notices()) {
    if (notice.hash() != shown.notice_hash()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("another representative has signed after reading the "
                     "notice in ",
                     notice.language(), ": grant with --language ",
                     notice.language(), ", once you have read it in that"));
  }
  return absl::DataLossError(
      "another representative is said to have signed after reading a notice "
      "that is not the agreement's; nothing was signed");
}

// Who signs after somebody states the same content. `statement` is as the
// caller alone would sign it now.
absl::Status Join(const v1::GetRepresentedRecordResponse& shown,
                  const LongestJoined& longest, receipt::Statement& statement) {
  const v1::Record& record = shown.record();
  std::vector<std::string> stated;
  for (const receipt::PermitLine& line : statement.lines) {
    stated.push_back(line.attribute);
  }
  if (!std::equal(stated.begin(), stated.end(), record.attributes().begin(),
                  record.attributes().end())) {
    return absl::InvalidArgumentError(
        "another representative has signed for other attributes: grant those, "
        "or refuse");
  }
  LIMPID_RETURN_IF_ERROR(
      CheckJoinedTimes(record, shown.agreement().content().validity_days(),
                       longest, statement.time));
  LIMPID_RETURN_IF_ERROR(CheckJoinedNotice(shown, statement.notice_hash));
  statement.from = TimeOf(record.from_time());
  statement.until = TimeOf(record.until_time());
  LIMPID_ASSIGN_OR_RETURN(statement.grant_key,
                          base::ToArray<32>(base::AsBytes(record.grant_key())));
  return absl::OkStatus();
}

// Whether an entry is of the record that was asked for, and is not shown with
// another content than its commitment stands for.
absl::Status CheckShown(const v1::AccessEntry& entry,
                        std::string_view record_id) {
  if (CheckEntry(entry) == EntryTruth::kAltered) {
    return absl::DataLossError(
        absl::StrCat("entry ", entry.sequence(),
                     " of the log says something else than its commitment "
                     "stands for"));
  }
  // Of one whose content is gone nothing says what it was about.
  const bool empty = entry.has_erasure() || entry.missing();
  if (!empty && entry.record_id() != record_id) {
    return absl::DataLossError(absl::StrCat(
        "entry ", entry.sequence(), " of the log is about another consent"));
  }
  return absl::OkStatus();
}

// The earliest end of what lets the caller grant for the person, so that the
// longest validity asks for no more than any of it allows.
std::optional<absl::Time> EndOfPower(
    const std::vector<v1::Delegation>& mandates, std::string_view person_id) {
  std::optional<absl::Time> out;
  for (const v1::Delegation& one : mandates) {
    const bool grants = std::find(one.powers().begin(), one.powers().end(),
                                  "grant") != one.powers().end();
    if (one.person_id() != person_id || !one.live() || !grants) continue;
    const absl::Time until = TimeOf(one.until_time());
    out = std::min(out.value_or(until), until);
  }
  return out;
}

}  // namespace

receipt::Delegation Complete(receipt::Delegation terms,
                             std::string_view operator_name, absl::Time now) {
  terms.operator_name = std::string(operator_name);
  // Texts have milliseconds.
  terms.time = absl::FromUnixMillis(absl::ToUnixMillis(now));
  terms.nonce = crypto::RandomArray<32>();
  return terms;
}

absl::StatusOr<v1::Delegation> DelegationClient::Make(
    const receipt::Delegation& terms) {
  const receipt::SignedDelegation sealed = receipt::SignDelegation(
      Complete(terms, trust_.operator_name, clock_.Now()), key_.key());
  v1::MakeDelegationRequest request;
  request.set_canonical_json(sealed.canonical_json);
  request.set_signature(base::ToText(sealed.signature));
  LIMPID_ASSIGN_OR_RETURN(auto response, Invoke<v1::MakeDelegationResponse>(
                                             connection_, kMake, request));
  return std::move(*response.mutable_delegation());
}

absl::StatusOr<std::vector<v1::Delegation>> DelegationClient::List(
    bool current_only) {
  v1::ListDelegationsRequest request;
  request.set_page_size(kPageSize);
  request.set_current_only(current_only);
  std::vector<v1::Delegation> out;
  PageWalk walk(EmptyPage::kMayBeFollowed);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(
        const auto response,
        Invoke<v1::ListDelegationsResponse>(connection_, kList, request));
    out.insert(out.end(), response.delegations().begin(),
               response.delegations().end());
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(response.next_page_token(),
                        static_cast<std::size_t>(response.delegations_size())));
    request.set_page_token(response.next_page_token());
  }
  return out;
}

absl::StatusOr<std::vector<v1::Delegation>> DelegationClient::ListMandates(
    bool current_only) {
  v1::ListMandatesRequest request;
  request.set_page_size(kPageSize);
  request.set_current_only(current_only);
  std::vector<v1::Delegation> out;
  PageWalk walk(EmptyPage::kMayBeFollowed);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(
        const auto response,
        Invoke<v1::ListMandatesResponse>(connection_, kListMandates, request));
    out.insert(out.end(), response.delegations().begin(),
               response.delegations().end());
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(response.next_page_token(),
                        static_cast<std::size_t>(response.delegations_size())));
    request.set_page_token(response.next_page_token());
  }
  return out;
}

absl::StatusOr<v1::Delegation> DelegationClient::End(
    std::string_view delegation_id) {
  v1::EndDelegationRequest request;
  request.set_delegation_id(std::string(delegation_id));
  LIMPID_ASSIGN_OR_RETURN(auto response, Invoke<v1::EndDelegationResponse>(
                                             connection_, kEnd, request));
  return std::move(*response.mutable_delegation());
}

absl::StatusOr<std::vector<v1::Delegation>> DelegationClient::EndAll() {
  LIMPID_ASSIGN_OR_RETURN(
      const auto response,
      Invoke<v1::EndAllDelegationsResponse>(connection_, kEndAll,
                                            v1::EndAllDelegationsRequest()));
  return AllOf(response);
}

absl::StatusOr<std::vector<v1::Record>> DelegationClient::ListRecords(
    std::string_view person_id, bool open_only) {
  v1::ListRepresentedRecordsRequest request;
  request.set_person_id(std::string(person_id));
  request.set_open_only(open_only);
  LIMPID_ASSIGN_OR_RETURN(const auto response,
                          Invoke<v1::ListRepresentedRecordsResponse>(
                              connection_, kListRecords, request));
  return std::vector<v1::Record>(response.records().begin(),
                                 response.records().end());
}

absl::StatusOr<v1::GetRepresentedRecordResponse> DelegationClient::GetRecord(
    std::string_view person_id, std::string_view record_id) {
  LIMPID_ASSIGN_OR_RETURN(
      auto response,
      Invoke<v1::GetRepresentedRecordResponse>(
          connection_, kGetRecord,
          About<v1::GetRepresentedRecordRequest>(person_id, record_id)));
  LIMPID_RETURN_IF_ERROR(CheckAnswers(response.record(), record_id));
  LIMPID_RETURN_IF_ERROR(CheckAgreement(response.agreement()));
  LIMPID_RETURN_IF_ERROR(CheckBelongs(response.agreement(), response.record()));
  return response;
}

absl::StatusOr<GrantedFor> DelegationClient::Grant(std::string_view person_id,
                                                   std::string_view record_id,
                                                   const GrantChoice& choice) {
  GrantChoice chosen = choice;
  if (!chosen.until) {
    LIMPID_ASSIGN_OR_RETURN(const auto mandates,
                            ListMandates(/*current_only=*/true));
    chosen.until = EndOfPower(mandates, person_id);
  }
  LIMPID_ASSIGN_OR_RETURN(const auto shown, GetRecord(person_id, record_id));
  LIMPID_ASSIGN_OR_RETURN(
      const v1::Account self,
      PersonClient(connection_, key_, trust_, clock_).GetAccount());
  v1::GetRecordResponse record;
  *record.mutable_record() = shown.record();
  *record.mutable_agreement() = shown.agreement();
  LIMPID_ASSIGN_OR_RETURN(
      receipt::Statement statement,
      BuildStatement(record, chosen, trust_.operator_name,
                     key_.GrantKey(record_id).PublicKey().bytes,
                     crypto::RandomArray<32>(), clock_.Now()));
  statement.representative = self.person_id();
  if (shown.record().state() == v1::RECORD_STATE_AWAITING_OTHERS) {
    LIMPID_RETURN_IF_ERROR(
        Join(shown, {chosen.until, choice.until.has_value()}, statement));
  }
  const receipt::SignedStatement sealed =
      receipt::SignStatement(statement, key_.key());
  auto request = About<v1::GrantRepresentedRecordRequest>(person_id, record_id);
  request.set_statement(sealed.canonical_json);
  request.set_signature(base::ToText(sealed.signature));
  LIMPID_ASSIGN_OR_RETURN(
      const auto response,
      Invoke<v1::GrantRepresentedRecordResponse>(connection_, kGrant, request));
  LIMPID_RETURN_IF_ERROR(CheckAnswers(response.record(), record_id));
  GrantedFor out{response.record(), std::nullopt};
  // Only while others must sign too is there none.
  if (response.has_receipt() ||
      response.record().state() != v1::RECORD_STATE_AWAITING_OTHERS) {
    LIMPID_ASSIGN_OR_RETURN(
        out.receipt,
        CheckReceipt(response.receipt(), GrantOf(record_id, sealed), trust_));
  }
  return out;
}

absl::StatusOr<v1::Record> DelegationClient::Refuse(
    std::string_view person_id, std::string_view record_id,
    std::optional<absl::Time> not_before) {
  auto request =
      About<v1::RefuseRepresentedRecordRequest>(person_id, record_id);
  if (not_before) {
    request.mutable_not_before_time()->set_seconds(
        absl::ToUnixSeconds(*not_before));
  }
  LIMPID_ASSIGN_OR_RETURN(auto response,
                          Invoke<v1::RefuseRepresentedRecordResponse>(
                              connection_, kRefuse, request));
  LIMPID_RETURN_IF_ERROR(CheckAnswers(response.record(), record_id));
  return std::move(*response.mutable_record());
}

absl::StatusOr<v1::Record> DelegationClient::Withdraw(
    std::string_view person_id, std::string_view record_id) {
  LIMPID_ASSIGN_OR_RETURN(
      auto response,
      Invoke<v1::WithdrawRepresentedRecordResponse>(
          connection_, kWithdraw,
          About<v1::WithdrawRepresentedRecordRequest>(person_id, record_id)));
  LIMPID_RETURN_IF_ERROR(CheckAnswers(response.record(), record_id));
  // A repeated call has none.
  if (response.has_receipt()) {
    LIMPID_RETURN_IF_ERROR(
        CheckReceipt(response.receipt(), WithdrawalOf(record_id), trust_)
            .status());
  } else if (response.record().state() != v1::RECORD_STATE_WITHDRAWN) {
    return absl::DataLossError("the record is not withdrawn");
  }
  return std::move(*response.mutable_record());
}

absl::StatusOr<std::vector<v1::AccessEntry>> DelegationClient::ListAccesses(
    std::string_view person_id, std::string_view record_id) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto response,
      Invoke<v1::ListRepresentedAccessesResponse>(
          connection_, kListAccesses,
          About<v1::ListRepresentedAccessesRequest>(person_id, record_id)));
  for (const v1::AccessEntry& entry : response.entries()) {
    LIMPID_RETURN_IF_ERROR(CheckShown(entry, record_id));
  }
  return std::vector<v1::AccessEntry>(response.entries().begin(),
                                      response.entries().end());
}

absl::StatusOr<v1::Delegation> RecordDelegation(
    Connection& connection, const receipt::Delegation& terms) {
  v1::RecordDelegationRequest request;
  request.set_canonical_json(terms.Canonical());
  LIMPID_ASSIGN_OR_RETURN(auto response, Invoke<v1::RecordDelegationResponse>(
                                             connection, kRecord, request));
  return std::move(*response.mutable_delegation());
}

absl::StatusOr<v1::Delegation> RevokeDelegation(Connection& connection,
                                                std::string_view person_id,
                                                std::string_view delegation_id,
                                                std::string_view reason) {
  v1::RevokeDelegationRequest request;
  request.set_person_id(std::string(person_id));
  request.set_delegation_id(std::string(delegation_id));
  request.set_reason(std::string(reason));
  LIMPID_ASSIGN_OR_RETURN(auto response, Invoke<v1::RevokeDelegationResponse>(
                                             connection, kRevoke, request));
  return std::move(*response.mutable_delegation());
}

}  // namespace limpid::client
