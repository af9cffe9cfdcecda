#include "common/receipt/standing.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "common/json/json.h"
#include "common/receipt/members.h"

namespace limpid::receipt {
namespace {

constexpr std::string_view kLabel = "limpid/standing/1";
constexpr std::string_view kAction = "standing";
constexpr std::size_t kMaxLanguageBytes = 35;

absl::Status Malformed(std::string_view member) {
  return absl::InvalidArgumentError(absl::StrCat(
      "member ", base::ToAbsl(member), " is missing or malformed"));
}

json::Value ToJson(const std::vector<std::string>& names) {
  json::Value out = json::Value::Array();
  for (const std::string& name : names) out.Append(name);
  return out;
}

json::Value ToJson(const std::vector<PermitLine>& lines) {
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

// A list of different names, ascending, so that one content has one text.
absl::StatusOr<std::vector<std::string>> NamesFromJson(
    const json::Value& object, std::string_view key, std::size_t least) {
  const auto array = object.GetArray(key);
  if (!array.ok() || array->size() < least ||
      array->size() > kMaxStandingNames) {
    return Malformed(key);
  }
  std::vector<std::string> out;
  for (const json::Value& element : array->elements()) {
    if (!element.is_string() || element.string().empty() ||
        (!out.empty() && element.string() <= out.back())) {
      return Malformed(key);
    }
    out.push_back(element.string());
  }
  return out;
}

// Parameters and a derivation stand in a derived line and in no other. What can
// be shown to others is asked each time.
bool IsWhole(const PermitLine& line) {
  if (line.attribute.empty() || line.form == Form::kAttested) return false;
  if (line.form != Form::kDerived) {
    return line.derivation.empty() && line.parameters.empty();
  }
  return !line.derivation.empty() && ParseCanonicalObject(line.parameters).ok();
}

absl::StatusOr<PermitLine> LineFromJson(const json::Value& value) {
  if (!value.is_object() ||
      !value.CheckOnlyKeys({"attribute", "derivation", "form", "parameters"})
           .ok()) {
    return Malformed("lines");
  }
  MemberReader reader(value);
  PermitLine line;
  line.attribute = reader.Text("attribute");
  line.derivation = reader.Text("derivation");
  line.parameters = reader.Text("parameters");
  const auto form = ParseForm(reader.Text("form"));
  if (!reader.status().ok() || !form.ok()) return Malformed("lines");
  line.form = *form;
  if (!IsWhole(line)) return Malformed("lines");
  return line;
}

absl::StatusOr<std::vector<PermitLine>> LinesFromJson(
    const json::Value& object) {
  const auto array = object.GetArray("lines");
  if (!array.ok() || array->size() == 0 || array->size() > kMaxStandingNames) {
    return Malformed("lines");
  }
  std::vector<PermitLine> out;
  for (const json::Value& element : array->elements()) {
    LIMPID_ASSIGN_OR_RETURN(PermitLine line, LineFromJson(element));
    if (!out.empty() && line.attribute <= out.back().attribute) {
      return Malformed("lines");
    }
    out.push_back(std::move(line));
  }
  return out;
}

// The shorter texts: 1 to `most` bytes.
bool IsText(const std::string& text, std::size_t most) {
  return !text.empty() && text.size() <= most;
}

absl::Status ReadLists(const json::Value& value, StandingPermission& out) {
  LIMPID_ASSIGN_OR_RETURN(out.lines, LinesFromJson(value));
  LIMPID_ASSIGN_OR_RETURN(out.members,
                          NamesFromJson(value, "members", /*least=*/1));
  LIMPID_ASSIGN_OR_RETURN(out.purposes,
                          NamesFromJson(value, "purposes", /*least=*/1));
  LIMPID_ASSIGN_OR_RETURN(out.recipients,
                          NamesFromJson(value, "recipients", /*least=*/0));
  return absl::OkStatus();
}

std::uint32_t ReadDays(MemberReader& reader, std::string_view key,
                       std::uint32_t most) {
  const std::int64_t days = reader.WholeNumber(key);
  if (days < 1 || days > most) reader.Fail(key);
  return static_cast<std::uint32_t>(days);
}

}  // namespace

std::string StandingPermission::Canonical() const {
  json::Value out = json::Value::Object();
  out.Set("action", kAction)
      .Set("class", class_name)
      .Set("from", base::TimeText(from))
      .Set("language", language)
      .Set("lines", ToJson(lines))
      .Set("members", ToJson(members))
      .Set("nonce", base::Base64UrlEncode(nonce))
      .Set("operator", operator_name)
      .Set("person", person)
      .Set("purposes", ToJson(purposes))
      .Set("recipients", ToJson(recipients))
      .Set("retention_days", std::uint64_t{retention_days})
      .Set("time", base::TimeText(time))
      .Set("until", base::TimeText(until))
      .Set("validity_days", std::uint64_t{validity_days});
  return json::Canonical(out);
}

absl::StatusOr<StandingPermission> StandingPermission::Parse(
    std::string_view canonical_json) {
  LIMPID_ASSIGN_OR_RETURN(const json::Value value,
                          ParseCanonicalObject(canonical_json));
  LIMPID_RETURN_IF_ERROR(value.CheckOnlyKeys(
      {"action", "class", "from", "language", "lines", "members", "nonce",
       "operator", "person", "purposes", "recipients", "retention_days", "time",
       "until", "validity_days"}));
  MemberReader reader(value);
  if (reader.Text("action") != kAction) reader.Fail("action");
  StandingPermission out;
  out.class_name = reader.Text("class");
  if (!IsText(out.class_name, kMaxStandingClassBytes)) reader.Fail("class");
  out.from = reader.Time("from");
  out.language = reader.Text("language");
  if (!IsText(out.language, kMaxLanguageBytes)) reader.Fail("language");
  out.nonce = reader.Array<32>("nonce");
  out.operator_name = reader.Text("operator");
  out.person = reader.Text("person");
  out.retention_days =
      ReadDays(reader, "retention_days", kMaxStandingRetentionDays);
  out.time = reader.Time("time");
  out.until = reader.Time("until");
  out.validity_days =
      ReadDays(reader, "validity_days", kMaxStandingValidityDays);
  LIMPID_RETURN_IF_ERROR(reader.status());
  if (out.from >= out.until || out.until - out.from > kMaxStandingTime) {
    return Malformed("until");
  }
  LIMPID_RETURN_IF_ERROR(ReadLists(value, out));
  return out;
}

base::Bytes StandingSigningInput(std::string_view canonical_json) {
  return base::ByteWriter(kLabel).Lp(canonical_json).Take();
}

SignedStanding SignStanding(const StandingPermission& permission,
                            const crypto::Ed25519PrivateKey& identity) {
  SignedStanding out;
  out.canonical_json = permission.Canonical();
  out.signature = identity.Sign(StandingSigningInput(out.canonical_json));
  return out;
}

bool StandingIsSigned(const SignedStanding& permission,
                      const crypto::Ed25519PublicKey& identity) {
  return identity.Verify(StandingSigningInput(permission.canonical_json),
                         permission.signature);
}

}  // namespace limpid::receipt
