#include "clients/cpp/agreement_text.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;
using json::Value;

absl::Status Unreadable() {
  return absl::DataLossError(
      "the agreement says something that this client cannot read");
}

// The name without its prefix, in lower case: the words of the text are those
// of the enum.
absl::StatusOr<std::string> Word(const std::string& name,
                                 std::string_view prefix) {
  if (!name.starts_with(prefix) || name.ends_with("_UNSPECIFIED")) {
    return Unreadable();
  }
  std::string out = name.substr(prefix.size());
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// Larger numbers than JSON carries are in no canonical text.
bool IsWritable(std::uint64_t number) {
  return number <= static_cast<std::uint64_t>(json::kMaxInteger);
}

template <typename Texts>
Value TextList(const Texts& texts) {
  Value out = Value::Array();
  for (const std::string& text : texts) out.Append(text);
  return out;
}

absl::StatusOr<Value> LineValue(const v1::AgreementLine& line) {
  LIMPID_ASSIGN_OR_RETURN(const std::string form,
                          Word(v1::Form_Name(line.form()), "FORM_"));
  LIMPID_ASSIGN_OR_RETURN(
      const std::string necessity,
      Word(v1::Necessity_Name(line.necessity()), "NECESSITY_"));
  const v1::Derivation& by = line.derivation();
  const std::string derivation =
      line.has_derivation() ? absl::StrCat(by.name(), "/", by.version()) : "";
  Value out = Value::Object({{"attribute", Value(line.attribute())},
                             {"derivation", Value(derivation)},
                             {"form", Value(form)},
                             {"necessity", Value(necessity)},
                             {"operations", TextList(line.operations())},
                             {"parameters", Value(by.parameters_json())}});
  if (!line.source_id().empty()) out.Set("source", line.source_id());
  return out;
}

// Members that stand only where they say something.
void AddLimits(const v1::AgreementContent& content, Value& out) {
  if (content.atomic()) out.Set("atomic", true);
  if (content.has_data_range()) {
    const v1::DataRange& range = content.data_range();
    out.Set("data_range", Value::Object({{"from", Value(range.from_date())},
                                         {"to", Value(range.to_date())}}));
  }
  if (content.embargo_days() != 0) {
    out.Set("embargo_days", content.embargo_days());
  }
  if (content.has_use_frequency()) {
    const v1::UseFrequency& frequency = content.use_frequency();
    out.Set(
        "use_frequency",
        Value::Object({{"period_seconds", Value(frequency.period_seconds())},
                       {"use_count_max", Value(frequency.use_count_max())}}));
  }
}

Value TitlesValue(const v1::AgreementContent& content) {
  Value out = Value::Array();
  for (const v1::LocalizedText& title : content.titles()) {
    out.Append(Value::Object({{"language", Value(title.language())},
                              {"text", Value(title.text())}}));
  }
  return out;
}

Value NoticesValue(const v1::AgreementContent& content) {
  Value out = Value::Array();
  for (const v1::Notice& notice : content.notices()) {
    const base::Digest32 hash = crypto::Sha256(base::AsBytes(notice.text()));
    out.Append(Value::Object({{"hash", Value(base::Base64UrlEncode(hash))},
                              {"language", Value(notice.language())}}));
  }
  return out;
}

}  // namespace

absl::StatusOr<std::string> AgreementText(const v1::Agreement& agreement) {
  const v1::AgreementContent& content = agreement.content();
  if (!IsWritable(content.use_count_max()) ||
      !IsWritable(content.use_frequency().use_count_max())) {
    return Unreadable();
  }
  Value lines = Value::Array();
  for (const v1::AgreementLine& line : content.lines()) {
    LIMPID_ASSIGN_OR_RETURN(Value value, LineValue(line));
    lines.Append(std::move(value));
  }
  LIMPID_ASSIGN_OR_RETURN(
      const std::string basis,
      Word(v1::LegalBasis_Name(content.legal_basis()), "LEGAL_BASIS_"));
  Value out =
      Value::Object({{"agreement", Value(agreement.agreement_id())},
                     {"ai_training", Value(content.ai_training())},
                     {"legal_basis", Value(basis)},
                     {"lines", std::move(lines)},
                     {"notices", NoticesValue(content)},
                     {"purposes", TextList(content.purposes())},
                     {"recipients", TextList(content.recipients())},
                     {"retention_days", Value(content.retention_days())},
                     {"service", Value(agreement.service_id())},
                     {"storage_location", Value(content.storage_location())},
                     {"systems", TextList(content.system_ids())},
                     {"titles", TitlesValue(content)},
                     {"use_count_max", Value(content.use_count_max())},
                     {"validity_days", Value(content.validity_days())},
                     {"version", Value(agreement.version())}});
  AddLimits(content, out);
  return json::Canonical(out);
}

}  // namespace limpid::client
