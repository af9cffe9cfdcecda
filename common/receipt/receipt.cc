#include "common/receipt/receipt.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "common/json/json.h"
#include "common/receipt/members.h"
#include "common/receipt/permit.h"
#include "common/tlog/leaf.h"
#include "common/tlog/proof.h"

namespace limpid::receipt {
namespace {

constexpr std::string_view kLabel = "limpid/receipt/1";
// Form of a line that was not released.
constexpr std::string_view kNoForm = "none";

constexpr std::array kTypeNames = {
    std::pair{ReceiptType::kGrant, std::string_view("grant")},
    std::pair{ReceiptType::kWithdrawal, std::string_view("withdrawal")},
    std::pair{ReceiptType::kAccess, std::string_view("access")},
};

std::string_view TypeName(ReceiptType type) {
  for (const auto& [value, name] : kTypeNames) {
    if (value == type) return name;
  }
  return "unknown";
}

absl::StatusOr<Reason> ParseReason(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(Reason::kRepresentative); ++i) {
    if (ReasonName(static_cast<Reason>(i)) == name) {
      return static_cast<Reason>(i);
    }
  }
  return absl::InvalidArgumentError("member reason is unknown");
}

json::Value LineToJson(const AccessLine& line) {
  const std::string_view form =
      line.form == 0 ? kNoForm : FormName(static_cast<Form>(line.form));
  return json::Value::Object(
      {{"attribute", json::Value(line.attribute)},
       {"derivation", json::Value(line.derivation)},
       {"form", json::Value(form)},
       {"parameters", json::Value(line.parameters)},
       {"reason", json::Value(ReasonName(line.reason))}});
}

absl::StatusOr<AccessLine> LineFromJson(const json::Value& value) {
  LIMPID_RETURN_IF_ERROR(value.CheckOnlyKeys(
      {"attribute", "derivation", "form", "parameters", "reason"}));
  MemberReader reader(value);
  AccessLine line;
  line.attribute = reader.Text("attribute");
  line.derivation = reader.Text("derivation");
  const std::string form = reader.Text("form");
  line.parameters = reader.Text("parameters");
  const std::string reason = reader.Text("reason");
  LIMPID_RETURN_IF_ERROR(reader.status());
  if (form != kNoForm) {
    LIMPID_ASSIGN_OR_RETURN(const Form known, ParseForm(form));
    line.form = static_cast<std::uint8_t>(known);
  }
  LIMPID_ASSIGN_OR_RETURN(line.reason, ParseReason(reason));
  return line;
}

absl::StatusOr<std::vector<AccessLine>> LinesFromJson(const json::Value& body) {
  LIMPID_ASSIGN_OR_RETURN(const json::Value array, body.GetArray("lines"));
  std::vector<AccessLine> lines;
  for (const json::Value& element : array.elements()) {
    LIMPID_ASSIGN_OR_RETURN(AccessLine line, LineFromJson(element));
    lines.push_back(std::move(line));
  }
  return lines;
}

AccessKind KindOf(ReceiptType type) {
  if (type == ReceiptType::kGrant) return AccessKind::kGranted;
  if (type == ReceiptType::kWithdrawal) return AccessKind::kWithdrawn;
  return AccessKind::kReleaseDecided;
}

// As bodies have it: empty for none.
std::string IdText(std::string_view prefix, const base::ByteArray<16>& id) {
  if (id == base::ByteArray<16>{}) return {};
  return base::FormatIdText(prefix, id);
}

// The body's member that is not what the entry says, empty when there is none.
// A body takes these from its entry, so whoever signed another one lied.
std::string_view DifferentMember(const ReceiptBody& body,
                                 const AccessEntry& entry) {
  if (KindOf(body.type) != entry.kind) return "type";
  if (body.access != IdText("acc", entry.access)) return "access";
  if (body.record != IdText("rec", entry.record)) return "record";
  if (body.revision != entry.revision) return "revision";
  if (body.service != IdText("svc", entry.service)) return "service";
  if (body.time != entry.time) return "time";
  if (body.purpose != entry.purpose) return "purpose";
  if (body.lines != entry.lines) return "lines";
  return {};
}

// The entry a copy opens to, after it was found to give the commitment and to
// say what the body says.
absl::StatusOr<std::optional<AccessEntry>> OpenEntry(const Receipt& receipt,
                                                     const ReceiptBody& body) {
  if (!receipt.opening) return std::optional<AccessEntry>();
  if (CommitAccessEntry(*receipt.opening, receipt.entry) != body.commitment) {
    return absl::DataLossError("the commitment does not verify");
  }
  LIMPID_ASSIGN_OR_RETURN(AccessEntry entry,
                          AccessEntry::Decode(receipt.entry));
  const std::string_view different = DifferentMember(body, entry);
  if (!different.empty()) {
    return absl::DataLossError(
        absl::StrCat("the receipt and its entry do not say the same: ",
                     base::ToAbsl(different)));
  }
  return std::optional<AccessEntry>(std::move(entry));
}

absl::Status VerifyLogged(const Receipt& receipt, const ReceiptBody& body,
                          const tlog::Policy& access_log) {
  LIMPID_ASSIGN_OR_RETURN(const tlog::LogProof proof,
                          tlog::ParseProof(receipt.log_proof));
  const base::Bytes leaf =
      tlog::CommitmentLeaf(tlog::LeafKind::kAccess, body.commitment);
  if (!tlog::VerifyProof(proof, leaf, access_log).ok()) {
    return absl::DataLossError("the log proof does not verify");
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view LevelName(Level level) {
  return level == Level::kLogged ? "logged" : "durable";
}

std::string ReceiptBody::Canonical() const {
  json::Value json_lines = json::Value::Array();
  for (const AccessLine& line : lines) json_lines.Append(LineToJson(line));
  json::Value out = json::Value::Object();
  out.Set("access", access)
      .Set("agreement", agreement)
      .Set("agreement_hash", base::Base64UrlEncode(agreement_hash))
      .Set("commitment", base::Base64UrlEncode(commitment))
      .Set("id", id)
      .Set("lines", std::move(json_lines))
      .Set("log_by", base::TimeText(log_by))
      .Set("notice_hash", base::Base64UrlEncode(notice_hash))
      .Set("operator", operator_name)
      .Set("purpose", purpose)
      .Set("record", record)
      .Set("revision", revision)
      .Set("service", service)
      .Set("statement_hash", base::Base64UrlEncode(statement_hash))
      .Set("time", base::TimeText(time))
      .Set("type", TypeName(type));
  return json::Canonical(out);
}

absl::StatusOr<ReceiptBody> ReceiptBody::Parse(
    std::string_view canonical_json) {
  LIMPID_ASSIGN_OR_RETURN(const json::Value value,
                          ParseCanonicalObject(canonical_json));
  LIMPID_RETURN_IF_ERROR(value.CheckOnlyKeys(
      {"access", "agreement", "agreement_hash", "commitment", "id", "lines",
       "log_by", "notice_hash", "operator", "purpose", "record", "revision",
       "service", "statement_hash", "time", "type"}));
  MemberReader reader(value);
  ReceiptBody out;
  out.access = reader.Text("access");
  out.agreement = reader.Text("agreement");
  out.agreement_hash = reader.Array<32>("agreement_hash");
  out.commitment = reader.Array<32>("commitment");
  out.id = reader.Text("id");
  out.log_by = reader.Time("log_by");
  out.notice_hash = reader.Array<32>("notice_hash");
  out.operator_name = reader.Text("operator");
  out.purpose = reader.Text("purpose");
  out.record = reader.Text("record");
  out.revision = static_cast<std::uint64_t>(reader.WholeNumber("revision"));
  out.service = reader.Text("service");
  out.statement_hash = reader.Array<32>("statement_hash");
  out.time = reader.Time("time");
  const std::string type = reader.Text("type");
  bool known_type = false;
  for (const auto& [number, name] : kTypeNames) {
    if (name != type) continue;
    out.type = number;
    known_type = true;
  }
  if (!known_type) reader.Fail("type");
  LIMPID_RETURN_IF_ERROR(reader.status());
  LIMPID_ASSIGN_OR_RETURN(out.lines, LinesFromJson(value));
  return out;
}

base::Bytes ReceiptItem(std::string_view canonical_body) {
  return base::ByteWriter(kLabel).Lp(canonical_body).Take();
}

std::string Receipt::ToFile() const {
  json::Value out = json::Value::Object();
  // The body was canonical when it was signed; it stands here as an object so
  // that people can read it.
  const auto body = json::ParseStrict(body_json);
  out.Set("receipt", body.ok() ? *body : json::Value());
  out.Set("proof", base::Base64UrlEncode(proof.Encode()));
  if (opening) {
    out.Set("entry", base::Base64UrlEncode(entry));
    out.Set("opening", base::Base64UrlEncode(*opening));
  }
  if (!log_proof.empty()) out.Set("log", log_proof);
  return json::Canonical(out);
}

absl::StatusOr<Receipt> Receipt::Parse(std::string_view file) {
  LIMPID_ASSIGN_OR_RETURN(const json::Value value, json::ParseStrict(file));
  LIMPID_RETURN_IF_ERROR(
      value.CheckOnlyKeys({"receipt", "proof", "entry", "opening", "log"}));
  LIMPID_ASSIGN_OR_RETURN(const json::Value body, value.GetObject("receipt"));
  Receipt out;
  out.body_json = json::Canonical(body);
  MemberReader reader(value);
  const auto proof_bytes = base::Base64UrlDecode(reader.Text("proof"));
  if (!proof_bytes.ok()) reader.Fail("proof");
  if (value.Find("opening") != nullptr) {
    out.opening = reader.Array<32>("opening");
    const auto entry = base::Base64UrlDecode(reader.Text("entry"));
    if (entry.ok()) {
      out.entry = *entry;
    } else {
      reader.Fail("entry");
    }
  } else if (value.Find("entry") != nullptr) {
    reader.Fail("opening");
  }
  if (value.Find("log") != nullptr) out.log_proof = reader.Text("log");
  LIMPID_RETURN_IF_ERROR(reader.status());
  LIMPID_ASSIGN_OR_RETURN(out.proof, BatchProof::Decode(*proof_bytes));
  return out;
}

absl::StatusOr<VerifiedReceipt> VerifyReceipt(
    const Receipt& receipt, const crypto::Ed25519PublicKey& evidence_key,
    const tlog::Policy& access_log) {
  VerifiedReceipt out;
  LIMPID_ASSIGN_OR_RETURN(out.body, ReceiptBody::Parse(receipt.body_json));
  LIMPID_RETURN_IF_ERROR(VerifyBatchItem(receipt.proof, BatchKind::kReceipts,
                                         ReceiptItem(receipt.body_json),
                                         evidence_key));
  LIMPID_ASSIGN_OR_RETURN(out.entry, OpenEntry(receipt, out.body));
  if (!receipt.log_proof.empty()) {
    LIMPID_RETURN_IF_ERROR(VerifyLogged(receipt, out.body, access_log));
    out.level = Level::kLogged;
  }
  return out;
}

}  // namespace limpid::receipt
