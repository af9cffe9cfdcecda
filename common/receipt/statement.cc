#include "common/receipt/statement.h"

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/json/json.h"
#include "common/receipt/members.h"

namespace limpid::receipt {
namespace {

constexpr std::string_view kLabel = "limpid/statement/1";
constexpr std::string_view kAction = "grant";

json::Value LinesToJson(const std::vector<PermitLine>& lines) {
  json::Value out = json::Value::Array();
  for (const PermitLine& line : lines) {
    out.Append(
        json::Value::Object({{"attribute", json::Value(line.attribute)},
                             {"derivation", json::Value(line.derivation)},
                             {"form", json::Value(FormName(line.form))},
                             {"parameters", json::Value(line.parameters)}}));
  }
  return out;
}

absl::StatusOr<PermitLine> LineFromJson(const json::Value& value) {
  LIMPID_RETURN_IF_ERROR(
      value.CheckOnlyKeys({"attribute", "derivation", "form", "parameters"}));
  MemberReader reader(value);
  PermitLine line;
  line.attribute = reader.Text("attribute");
  line.derivation = reader.Text("derivation");
  const std::string form = reader.Text("form");
  line.parameters = reader.Text("parameters");
  LIMPID_RETURN_IF_ERROR(reader.status());
  LIMPID_ASSIGN_OR_RETURN(line.form, ParseForm(form));
  return line;
}

absl::StatusOr<std::vector<PermitLine>> LinesFromJson(
    const json::Value& statement) {
  LIMPID_ASSIGN_OR_RETURN(const json::Value array, statement.GetArray("lines"));
  if (array.size() == 0 || array.size() > kMaxLines) {
    return absl::InvalidArgumentError("member lines has 1 to 64 elements");
  }
  std::vector<PermitLine> lines;
  for (const json::Value& element : array.elements()) {
    LIMPID_ASSIGN_OR_RETURN(PermitLine line, LineFromJson(element));
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

std::string Statement::Canonical() const {
  json::Value out = json::Value::Object();
  out.Set("action", kAction)
      .Set("agreement", agreement)
      .Set("agreement_hash", base::Base64UrlEncode(agreement_hash))
      .Set("from", base::TimeText(from))
      .Set("grant_key", base::Base64UrlEncode(grant_key))
      .Set("lines", LinesToJson(lines))
      .Set("nonce", base::Base64UrlEncode(nonce))
      .Set("notice_hash", base::Base64UrlEncode(notice_hash))
      .Set("operator", operator_name)
      .Set("predecessor", base::Base64UrlEncode(predecessor))
      .Set("record", record)
      .Set("representative", representative)
      .Set("revision", revision)
      .Set("service", service)
      .Set("time", base::TimeText(time))
      .Set("until", base::TimeText(until));
  return json::Canonical(out);
}

absl::StatusOr<Statement> Statement::Parse(std::string_view canonical_json) {
  LIMPID_ASSIGN_OR_RETURN(const json::Value value,
                          ParseCanonicalObject(canonical_json));
  LIMPID_RETURN_IF_ERROR(value.CheckOnlyKeys(
      {"action", "agreement", "agreement_hash", "from", "grant_key", "lines",
       "nonce", "notice_hash", "operator", "predecessor", "record",
       "representative", "revision", "service", "time", "until"}));
  MemberReader reader(value);
  if (reader.Text("action") != kAction) reader.Fail("action");
  Statement out;
  out.agreement = reader.Text("agreement");
  out.agreement_hash = reader.Array<32>("agreement_hash");
  out.from = reader.Time("from");
  out.grant_key = reader.Array<32>("grant_key");
  out.nonce = reader.Array<32>("nonce");
  out.notice_hash = reader.Array<32>("notice_hash");
  out.operator_name = reader.Text("operator");
  out.predecessor = reader.Array<32>("predecessor");
  out.record = reader.Text("record");
  out.representative = reader.Text("representative");
  out.revision = static_cast<std::uint64_t>(reader.WholeNumber("revision"));
  out.service = reader.Text("service");
  out.time = reader.Time("time");
  out.until = reader.Time("until");
  LIMPID_RETURN_IF_ERROR(reader.status());
  LIMPID_ASSIGN_OR_RETURN(out.lines, LinesFromJson(value));
  return out;
}

base::Bytes StatementSigningInput(std::string_view canonical_json) {
  return base::ByteWriter(kLabel).Lp(canonical_json).Take();
}

SignedStatement SignStatement(const Statement& statement,
                              const crypto::Ed25519PrivateKey& identity) {
  SignedStatement out;
  out.canonical_json = statement.Canonical();
  out.signature = identity.Sign(StatementSigningInput(out.canonical_json));
  return out;
}

bool StatementIsSigned(const SignedStatement& statement,
                       const crypto::Ed25519PublicKey& identity) {
  return identity.Verify(StatementSigningInput(statement.canonical_json),
                         statement.signature);
}

}  // namespace limpid::receipt
