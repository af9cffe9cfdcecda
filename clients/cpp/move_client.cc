#include "clients/cpp/move_client.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "clients/cpp/answer_check.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/json/json.h"
#include "common/receipt/move.h"
#include "limpid/consent/v1/person_consent_service.pb.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;

#define LIMPID_MOVE "/limpid.consent.v1.MoveService/"
constexpr Method kMoveOut = {LIMPID_MOVE "MoveRecordOut", true};
constexpr Method kGetExport = {LIMPID_MOVE "GetMoveExport", true};
constexpr Method kActivate = {LIMPID_MOVE "ActivateMove", true};
#undef LIMPID_MOVE
constexpr Method kGetRecord = {
    "/limpid.consent.v1.PersonConsentService/GetRecord", true};

absl::StatusOr<receipt::MoveStatement> StatementFor(
    const v1::Record& record, std::string_view operator_name,
    const NewOperator& to, absl::Time now) {
  receipt::MoveStatement out;
  out.from_operator = std::string(operator_name);
  out.to_operator = to.name;
  out.to_key = to.evidence_key.bytes;
  out.nonce = crypto::RandomArray<32>();
  out.record = record.record_id();
  out.revision = record.revision() + 1;
  LIMPID_ASSIGN_OR_RETURN(
      out.predecessor,
      base::ToArray<32>(base::AsBytes(record.revision_hash())));
  // Statements have milliseconds.
  out.time = absl::FromUnixMillis(absl::ToUnixMillis(now));
  return out;
}

// An earlier call may have ended the record for somebody else.
absl::Status CheckIsFor(std::string_view export_json, const NewOperator& to) {
  LIMPID_ASSIGN_OR_RETURN(const json::Value file,
                          json::ParseStrict(export_json));
  LIMPID_ASSIGN_OR_RETURN(const std::string text, file.GetString("statement"));
  LIMPID_ASSIGN_OR_RETURN(const receipt::MoveStatement statement,
                          receipt::MoveStatement::Parse(text));
  if (statement.to_operator == to.name &&
      statement.to_key == to.evidence_key.bytes) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "this consent was ended for ", statement.to_operator,
      " already, with the evidence key that was given then; only there can it "
      "go on"));
}

}  // namespace

absl::StatusOr<std::string> MoveClient::MoveOut(std::string_view record_id,
                                                std::string_view operator_name,
                                                const NewOperator& to) {
  v1::GetRecordRequest wanted;
  wanted.set_record_id(std::string(record_id));
  LIMPID_ASSIGN_OR_RETURN(
      const auto shown,
      Invoke<v1::GetRecordResponse>(connection_, kGetRecord, wanted));
  LIMPID_RETURN_IF_ERROR(CheckAnswers(shown.record(), record_id));
  if (shown.record().state() == v1::RECORD_STATE_TERMINATED) {
    LIMPID_ASSIGN_OR_RETURN(std::string file, GetExport(record_id));
    LIMPID_RETURN_IF_ERROR(CheckIsFor(file, to));
    return file;
  }
  LIMPID_ASSIGN_OR_RETURN(
      const receipt::MoveStatement statement,
      StatementFor(shown.record(), operator_name, to, clock_.Now()));
  const receipt::SignedMove move = receipt::SignMove(statement, key_.key());
  v1::MoveRecordOutRequest request;
  request.set_record_id(std::string(record_id));
  request.set_statement(move.canonical_json);
  request.set_signature(base::ToText(move.signature));
  LIMPID_ASSIGN_OR_RETURN(auto response, Invoke<v1::MoveRecordOutResponse>(
                                             connection_, kMoveOut, request));
  return std::move(*response.mutable_export_json());
}

absl::StatusOr<std::string> MoveClient::GetExport(std::string_view record_id) {
  v1::GetMoveExportRequest request;
  request.set_record_id(std::string(record_id));
  LIMPID_ASSIGN_OR_RETURN(auto response, Invoke<v1::GetMoveExportResponse>(
                                             connection_, kGetExport, request));
  return std::move(*response.mutable_export_json());
}

absl::StatusOr<v1::Record> MoveClient::Activate(std::string_view agreement_id,
                                                std::uint32_t version,
                                                std::string_view export_json) {
  v1::ActivateMoveRequest request;
  request.set_agreement_id(std::string(agreement_id));
  request.set_agreement_version(version);
  request.set_export_json(std::string(export_json));
  LIMPID_ASSIGN_OR_RETURN(auto response, Invoke<v1::ActivateMoveResponse>(
                                             connection_, kActivate, request));
  return std::move(*response.mutable_record());
}

}  // namespace limpid::client
