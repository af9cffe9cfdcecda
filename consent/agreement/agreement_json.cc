// The canonical text of an agreement version and the stored form around it.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"
#include "consent/agreement/agreement.h"

namespace limpid::consent {
namespace {

using json::Value;

Value TextList(const std::vector<std::string>& texts) {
  Value out = Value::Array();
  for (const std::string& text : texts) out.Append(text);
  return out;
}

std::string HashText(std::string_view text) {
  return base::Base64UrlEncode(crypto::Sha256(base::AsBytes(text)));
}

// Members that are younger than the first format stand only where they say
// something: the hashes of older versions stay what they were.
Value LineValue(const AgreementLine& line) {
  Value out =
      Value::Object({{"attribute", Value(line.attribute)},
                     {"derivation", Value(line.derivation)},
                     {"form", Value(receipt::FormName(line.form))},
                     {"necessity", Value(line.necessity == Necessity::kRequired
                                             ? "required"
                                             : "optional")},
                     {"operations", TextList(line.operations)},
                     {"parameters", Value(line.parameters)}});
  if (!line.source.none()) out.Set("source", line.source.Text());
  return out;
}

void AddLimits(const AgreementContent& content, Value& out) {
  if (content.atomic) out.Set("atomic", true);
  if (!content.data_range.open()) {
    out.Set("data_range",
            Value::Object({{"from", Value(content.data_range.from)},
                           {"to", Value(content.data_range.to)}}));
  }
  if (content.embargo_days != 0) out.Set("embargo_days", content.embargo_days);
  if (content.frequency.use_count_max != 0) {
    out.Set("use_frequency",
            Value::Object(
                {{"period_seconds", Value(content.frequency.period_seconds)},
                 {"use_count_max", Value(content.frequency.use_count_max)}}));
  }
}

Value TextsValue(const std::vector<LocalizedText>& texts) {
  Value out = Value::Array();
  for (const LocalizedText& text : texts) {
    out.Append(Value::Object(
        {{"language", Value(text.language)}, {"text", Value(text.text)}}));
  }
  return out;
}

Value NoticesValue(const std::vector<LocalizedText>& notices) {
  Value out = Value::Array();
  for (const LocalizedText& notice : notices) {
    out.Append(Value::Object({{"hash", Value(HashText(notice.text))},
                              {"language", Value(notice.language)}}));
  }
  return out;
}

std::string CanonicalAgreement(const Agreement& agreement) {
  const AgreementContent& content = agreement.content;
  Value lines = Value::Array();
  for (const AgreementLine& line : content.lines) lines.Append(LineValue(line));
  Value systems = Value::Array();
  for (const SystemId& system : content.systems) systems.Append(system.Text());
  Value out =
      Value::Object({{"agreement", Value(agreement.id.Text())},
                     {"ai_training", Value(content.ai_training)},
                     {"legal_basis", Value(LegalBasisName(content.basis))},
                     {"lines", std::move(lines)},
                     {"notices", NoticesValue(content.notices)},
                     {"purposes", TextList(content.purposes)},
                     {"recipients", TextList(content.recipients)},
                     {"retention_days", Value(content.retention_days)},
                     {"service", Value(agreement.service.Text())},
                     {"storage_location", Value(content.storage_location)},
                     {"systems", std::move(systems)},
                     {"titles", TextsValue(content.titles)},
                     {"use_count_max", Value(content.use_count_max)},
                     {"validity_days", Value(content.validity_days)},
                     {"version", Value(agreement.version)}});
  AddLimits(content, out);
  return json::Canonical(out);
}

absl::StatusOr<std::vector<std::string>> ReadTexts(const Value& object,
                                                   std::string_view key) {
  LIMPID_ASSIGN_OR_RETURN(const Value array, object.GetArray(key));
  std::vector<std::string> out;
  for (const Value& element : array.elements()) {
    if (!element.is_string()) return absl::DataLossError("a list is damaged");
    out.push_back(element.string());
  }
  return out;
}

absl::StatusOr<std::vector<LocalizedText>> ReadLocalized(const Value& object,
                                                         std::string_view key) {
  LIMPID_ASSIGN_OR_RETURN(const Value array, object.GetArray(key));
  std::vector<LocalizedText> out;
  for (const Value& element : array.elements()) {
    LocalizedText text;
    LIMPID_ASSIGN_OR_RETURN(text.language, element.GetString("language"));
    LIMPID_ASSIGN_OR_RETURN(text.text, element.GetString("text"));
    out.push_back(std::move(text));
  }
  return out;
}

absl::StatusOr<AgreementLine> ReadLine(const Value& value) {
  AgreementLine line;
  LIMPID_ASSIGN_OR_RETURN(line.attribute, value.GetString("attribute"));
  LIMPID_ASSIGN_OR_RETURN(line.derivation, value.GetString("derivation"));
  LIMPID_ASSIGN_OR_RETURN(const std::string form, value.GetString("form"));
  LIMPID_ASSIGN_OR_RETURN(line.form, receipt::ParseForm(form));
  LIMPID_ASSIGN_OR_RETURN(const std::string necessity,
                          value.GetString("necessity"));
  line.necessity =
      necessity == "required" ? Necessity::kRequired : Necessity::kOptional;
  LIMPID_ASSIGN_OR_RETURN(line.operations, ReadTexts(value, "operations"));
  LIMPID_ASSIGN_OR_RETURN(line.parameters, value.GetString("parameters"));
  if (value.Find("source") != nullptr) {
    LIMPID_ASSIGN_OR_RETURN(const std::string source,
                            value.GetString("source"));
    LIMPID_ASSIGN_OR_RETURN(line.source, SourceId::Parse(source));
  }
  return line;
}

template <typename Number>
absl::Status ReadNumber(const Value& value, std::string_view key, Number& out) {
  LIMPID_ASSIGN_OR_RETURN(const std::int64_t number, value.GetInteger(key));
  if (!std::in_range<Number>(number)) {
    return absl::DataLossError("a number is out of range");
  }
  out = static_cast<Number>(number);
  return absl::OkStatus();
}

absl::Status ReadLimits(const Value& value, AgreementContent& content) {
  if (value.Find("atomic") != nullptr) {
    LIMPID_ASSIGN_OR_RETURN(content.atomic, value.GetBool("atomic"));
  }
  if (const Value* range = value.Find("data_range"); range != nullptr) {
    LIMPID_ASSIGN_OR_RETURN(content.data_range.from, range->GetString("from"));
    LIMPID_ASSIGN_OR_RETURN(content.data_range.to, range->GetString("to"));
  }
  if (value.Find("embargo_days") != nullptr) {
    LIMPID_RETURN_IF_ERROR(
        ReadNumber(value, "embargo_days", content.embargo_days));
  }
  const Value* frequency = value.Find("use_frequency");
  if (frequency == nullptr) return absl::OkStatus();
  LIMPID_RETURN_IF_ERROR(ReadNumber(*frequency, "period_seconds",
                                    content.frequency.period_seconds));
  return ReadNumber(*frequency, "use_count_max",
                    content.frequency.use_count_max);
}

absl::Status ReadContent(const Value& value, AgreementContent& content) {
  LIMPID_RETURN_IF_ERROR(ReadLimits(value, content));
  LIMPID_ASSIGN_OR_RETURN(content.ai_training, value.GetBool("ai_training"));
  LIMPID_ASSIGN_OR_RETURN(const std::string basis,
                          value.GetString("legal_basis"));
  LIMPID_ASSIGN_OR_RETURN(content.basis, ParseLegalBasis(basis));
  LIMPID_ASSIGN_OR_RETURN(const Value lines, value.GetArray("lines"));
  for (const Value& element : lines.elements()) {
    LIMPID_ASSIGN_OR_RETURN(AgreementLine line, ReadLine(element));
    content.lines.push_back(std::move(line));
  }
  LIMPID_ASSIGN_OR_RETURN(content.purposes, ReadTexts(value, "purposes"));
  LIMPID_ASSIGN_OR_RETURN(content.recipients, ReadTexts(value, "recipients"));
  LIMPID_RETURN_IF_ERROR(
      ReadNumber(value, "retention_days", content.retention_days));
  LIMPID_ASSIGN_OR_RETURN(content.storage_location,
                          value.GetString("storage_location"));
  LIMPID_ASSIGN_OR_RETURN(const std::vector<std::string> systems,
                          ReadTexts(value, "systems"));
  for (const std::string& text : systems) {
    LIMPID_ASSIGN_OR_RETURN(const SystemId system, SystemId::Parse(text));
    content.systems.push_back(system);
  }
  LIMPID_ASSIGN_OR_RETURN(content.titles, ReadLocalized(value, "titles"));
  LIMPID_RETURN_IF_ERROR(
      ReadNumber(value, "use_count_max", content.use_count_max));
  return ReadNumber(value, "validity_days", content.validity_days);
}

absl::StatusOr<Agreement> ReadStored(std::string_view stored) {
  json::ParseLimits limits;
  limits.max_bytes = std::size_t{4} << 20U;  // 24 notices of 64 KiB, escaped.
  LIMPID_ASSIGN_OR_RETURN(const Value outer, json::ParseStrict(stored, limits));
  Agreement out;
  LIMPID_ASSIGN_OR_RETURN(out.canonical, outer.GetString("canonical"));
  LIMPID_ASSIGN_OR_RETURN(const std::string created,
                          outer.GetString("created"));
  LIMPID_ASSIGN_OR_RETURN(out.created, base::ParseTimeText(created));
  LIMPID_ASSIGN_OR_RETURN(const Value inner,
                          json::ParseStrict(out.canonical, limits));
  LIMPID_ASSIGN_OR_RETURN(const std::string id, inner.GetString("agreement"));
  LIMPID_ASSIGN_OR_RETURN(out.id, AgreementId::Parse(id));
  LIMPID_ASSIGN_OR_RETURN(const std::string service,
                          inner.GetString("service"));
  LIMPID_ASSIGN_OR_RETURN(out.service, ServiceId::Parse(service));
  LIMPID_RETURN_IF_ERROR(ReadNumber(inner, "version", out.version));
  LIMPID_RETURN_IF_ERROR(ReadContent(inner, out.content));
  LIMPID_ASSIGN_OR_RETURN(out.content.notices, ReadLocalized(outer, "notices"));
  return out;
}

}  // namespace

Agreement MakeAgreement(AgreementId id, std::uint32_t version,
                        ServiceId service, AgreementContent content,
                        absl::Time created) {
  Agreement out;
  out.id = id;
  out.version = version;
  out.service = service;
  out.content = std::move(content);
  // Stored times have milliseconds.
  out.created = absl::FromUnixMillis(absl::ToUnixMillis(created));
  out.canonical = CanonicalAgreement(out);
  out.hash = crypto::Sha256(base::AsBytes(out.canonical));
  return out;
}

std::string StoredAgreement(const Agreement& agreement) {
  return json::Canonical(
      Value::Object({{"canonical", Value(agreement.canonical)},
                     {"created", Value(base::TimeText(agreement.created))},
                     {"notices", TextsValue(agreement.content.notices)}}));
}

absl::StatusOr<Agreement> ParseAgreement(std::string_view stored) {
  auto out = ReadStored(stored);
  // Re-making the text checks the notices against their hashes and everything
  // else against the hash.
  if (!out.ok() || CanonicalAgreement(*out) != out->canonical) {
    return absl::DataLossError("a stored agreement is damaged");
  }
  out->hash = crypto::Sha256(base::AsBytes(out->canonical));
  return out;
}

}  // namespace limpid::consent
