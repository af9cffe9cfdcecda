#include "clients/cpp/move_client.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "clients/cpp/answer_check.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/crypto/random.h"
#include "common/json/json.h"
#include "common/receipt/batch.h"
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

// An agreement of 4 MiB, escaped.
constexpr std::size_t kMaxExportBytes = std::size_t{16} << 20U;

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

absl::Status NoExport(std::string_view why) {
  return absl::DataLossError(absl::StrCat(
      "the answer is no export of this consent: ", base::ToAbsl(why),
      ". Ask again, and tell your data protection authority if it stays so"));
}

// What an export says, as far as a device has to know it.
struct ReadExport {
  std::string text;
  receipt::MoveStatement statement;
  std::string agreement;
  base::Bytes last_revision;
  receipt::BatchProof proof;
};

absl::StatusOr<base::Bytes> BytesOf(const json::Value& text) {
  if (!text.is_string()) return absl::InvalidArgumentError("not a text");
  return base::Base64UrlDecode(text.string());
}

// docs/formats/operator-move.md, "Export".
absl::StatusOr<ReadExport> ParseExport(std::string_view export_json) {
  LIMPID_ASSIGN_OR_RETURN(
      const json::Value file,
      json::ParseStrict(export_json, {.max_bytes = kMaxExportBytes}));
  ReadExport out;
  LIMPID_ASSIGN_OR_RETURN(out.text, file.GetString("statement"));
  LIMPID_ASSIGN_OR_RETURN(out.statement,
                          receipt::MoveStatement::Parse(out.text));
  LIMPID_ASSIGN_OR_RETURN(out.agreement, file.GetString("agreement"));
  LIMPID_ASSIGN_OR_RETURN(const json::Value chain, file.GetArray("revisions"));
  if (chain.size() == 0) return absl::InvalidArgumentError("no revision");
  LIMPID_ASSIGN_OR_RETURN(out.last_revision, BytesOf(chain.elements().back()));
  LIMPID_ASSIGN_OR_RETURN(const std::string proof, file.GetString("proof"));
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes,
                          base::Base64UrlDecode(proof));
  LIMPID_ASSIGN_OR_RETURN(out.proof, receipt::BatchProof::Decode(bytes));
  return out;
}

// Of a record's last revision, what an end by a move fixes; the layout is that
// of docs/formats/consent-record-chain.md.
struct EndOfRecord {
  std::uint8_t state = 0;
  base::ByteArray<base::kIdBytes> record{};
  std::uint32_t number = 0;
  base::Digest32 predecessor{};
  base::Digest32 statement_hash{};
  base::ByteArray<64> signature{};
  std::string reason;
};

absl::StatusOr<EndOfRecord> ReadEnd(base::ByteView revision) {
  constexpr std::size_t kThreeIds = 3 * base::kIdBytes;
  constexpr std::size_t kFourTimes = 32;
  constexpr std::size_t kTwoIds = 2 * base::kIdBytes;
  constexpr std::size_t kHash = 32;
  base::ByteReader reader(revision);
  EndOfRecord out;
  reader.Label("limpid/record-revision/1");
  out.state = reader.U8();
  reader.Raw(3);  // event, actor, evidence
  out.record = reader.Array<base::kIdBytes>();
  out.number = reader.U32();
  out.predecessor = reader.Array<32>();
  reader.Raw(kThreeIds);  // person, service, agreement
  reader.U32();           // its version
  reader.Raw(kHash);
  reader.Raw(kFourTimes);
  reader.U64();  // uses
  const std::size_t lines = reader.U16();
  reader.Raw(lines * sizeof(std::uint16_t));
  reader.Raw(kHash);  // grant key
  reader.Raw(kHash);  // notice
  out.statement_hash = reader.Array<32>();
  out.signature = reader.Array<64>();
  reader.Raw(kTwoIds);  // representative, what it follows
  out.reason = reader.LpText();
  LIMPID_RETURN_IF_ERROR(reader.Finish());
  return out;
}

// Whether the last revision is the end of `record_id` by the file's statement,
// which `identity` signed.
absl::Status CheckEnd(const ReadExport& file, std::string_view record_id,
                      const crypto::Ed25519PublicKey& identity) {
  constexpr std::uint8_t kTerminated = 15;
  const auto end = ReadEnd(file.last_revision);
  if (!end.ok()) return NoExport("its last revision cannot be read");
  const bool ends = end->state == kTerminated && end->reason == "moved" &&
                    base::FormatIdText("rec", end->record) == record_id &&
                    file.statement.record == record_id &&
                    end->number == file.statement.revision &&
                    end->predecessor == file.statement.predecessor;
  if (!ends) return NoExport("its last revision does not end it");
  if (end->statement_hash != crypto::Sha256(base::AsBytes(file.text)) ||
      !receipt::MoveIsSigned({file.text, end->signature}, identity)) {
    return NoExport("it does not rest on your signature");
  }
  return absl::OkStatus();
}

// Whether the operator signed that this is the end of the record. Another one
// would take the consent from nobody else, and here it is over.
absl::StatusOr<ReadExport> CheckExport(std::string_view export_json,
                                       std::string_view record_id,
                                       const crypto::Ed25519PublicKey& identity,
                                       const Trust& trust) {
  auto file = ParseExport(export_json);
  if (!file.ok()) return NoExport("it has not the form of one");
  if (file->statement.from_operator != trust.operator_name) {
    return NoExport("it is another operator's");
  }
  LIMPID_RETURN_IF_ERROR(CheckEnd(*file, record_id, identity));
  const base::Bytes item =
      base::ByteWriter("limpid/move-export/1")
          .Raw(crypto::Sha256(file->last_revision))
          .Raw(crypto::Sha256(base::AsBytes(file->agreement)))
          .Take();
  if (!receipt::VerifyBatchItem(file->proof, receipt::BatchKind::kReceipts,
                                item, trust.evidence_key)
           .ok()) {
    return NoExport("the operator's pinned key did not sign it");
  }
  return file;
}

// An earlier call may have ended the record for somebody else.
absl::Status CheckIsFor(const receipt::MoveStatement& statement,
                        const NewOperator& to) {
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
                                                const NewOperator& to) {
  v1::GetRecordRequest wanted;
  wanted.set_record_id(std::string(record_id));
  LIMPID_ASSIGN_OR_RETURN(
      const auto shown,
      Invoke<v1::GetRecordResponse>(connection_, kGetRecord, wanted));
  LIMPID_RETURN_IF_ERROR(CheckAnswers(shown.record(), record_id));
  const crypto::Ed25519PublicKey identity = key_.key().PublicKey();
  if (shown.record().state() == v1::RECORD_STATE_TERMINATED) {
    LIMPID_ASSIGN_OR_RETURN(std::string file, GetExport(record_id));
    LIMPID_ASSIGN_OR_RETURN(const ReadExport read,
                            CheckExport(file, record_id, identity, trust_));
    LIMPID_RETURN_IF_ERROR(CheckIsFor(read.statement, to));
    return file;
  }
  LIMPID_ASSIGN_OR_RETURN(
      const receipt::MoveStatement statement,
      StatementFor(shown.record(), trust_.operator_name, to, clock_.Now()));
  const receipt::SignedMove move = receipt::SignMove(statement, key_.key());
  v1::MoveRecordOutRequest request;
  request.set_record_id(std::string(record_id));
  request.set_statement(move.canonical_json);
  request.set_signature(base::ToText(move.signature));
  LIMPID_ASSIGN_OR_RETURN(auto response, Invoke<v1::MoveRecordOutResponse>(
                                             connection_, kMoveOut, request));
  LIMPID_ASSIGN_OR_RETURN(
      const ReadExport read,
      CheckExport(response.export_json(), record_id, identity, trust_));
  if (read.text != move.canonical_json) {
    return NoExport("it rests on another statement than you signed now");
  }
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
