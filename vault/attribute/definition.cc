#include "vault/attribute/definition.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "common/json/json.h"
#include "vault/forms/derivation.h"

namespace limpid::vault {
namespace {

constexpr std::size_t kMinWords = 2;
constexpr std::size_t kMaxWords = 6;

bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }
bool IsWordCharacter(char c) {
  return IsLetter(c) || (c >= '0' && c <= '9') || c == '_';
}

bool IsWord(std::string_view word) {
  return !word.empty() && IsLetter(word.front()) &&
         std::all_of(word.begin(), word.end(), IsWordCharacter);
}

bool IsIri(std::string_view text) {
  return text.starts_with("https://") || text.starts_with("http://");
}

absl::StatusOr<Definition> Parse(const json::Value& json) {
  Definition out;
  LIMPID_ASSIGN_OR_RETURN(out.id, json.GetString("id"));
  LIMPID_ASSIGN_OR_RETURN(const std::int64_t version,
                          json.GetInteger("schema_version"));
  out.schema_version = static_cast<std::uint32_t>(version);
  LIMPID_ASSIGN_OR_RETURN(out.schema, json.GetObject("schema"));
  LIMPID_ASSIGN_OR_RETURN(out.title, json.GetString("title"));
  LIMPID_ASSIGN_OR_RETURN(out.category_iri, json.GetString("category"));
  LIMPID_ASSIGN_OR_RETURN(const std::int64_t sensitivity,
                          json.GetInteger("sensitivity"));
  out.sensitivity = static_cast<Sensitivity>(sensitivity);
  LIMPID_ASSIGN_OR_RETURN(out.direct_identifier,
                          json.GetBool("direct_identifier"));
  LIMPID_ASSIGN_OR_RETURN(const json::Value derivations,
                          json.GetArray("derivations"));
  for (const json::Value& name : derivations.elements()) {
    if (!name.is_string()) return absl::InvalidArgumentError("derivations");
    out.derivations.push_back(name.string());
  }
  LIMPID_ASSIGN_OR_RETURN(out.external_term_iri,
                          json.GetString("external_term"));
  // Written where it is true only: entries from before had no such member.
  if (json.Find("assisted_only") != nullptr) {
    LIMPID_ASSIGN_OR_RETURN(out.assisted_only, json.GetBool("assisted_only"));
  }
  LIMPID_RETURN_IF_ERROR(out.Check());
  return out;
}

}  // namespace

bool IsAttributeId(std::string_view id) {
  if (id.size() > Definition::kMaxIdBytes) return false;
  std::size_t words = 1;
  for (std::size_t dot = id.find('.'); dot != std::string_view::npos;
       dot = id.find('.')) {
    if (!IsWord(id.substr(0, dot))) return false;
    id.remove_prefix(dot + 1);
    ++words;
  }
  return IsWord(id) && words >= kMinWords && words <= kMaxWords;
}

absl::Status Definition::Check() const {
  if (!IsAttributeId(id)) {
    return absl::InvalidArgumentError(
        "id: must be words like person.birth_date");
  }
  if (title.empty() || title.size() > kMaxTitleBytes) {
    return absl::InvalidArgumentError("title: must have 1 to 80 bytes");
  }
  if (!IsIri(category_iri) || category_iri.size() > kMaxIriBytes) {
    return absl::InvalidArgumentError("category_iri: must be an IRI");
  }
  if (sensitivity < Sensitivity::kOrdinary ||
      sensitivity > Sensitivity::kCriminal) {
    return absl::InvalidArgumentError("sensitivity: unknown value");
  }
  if (!external_term_iri.empty() &&
      (!IsIri(external_term_iri) || external_term_iri.size() > kMaxIriBytes)) {
    return absl::InvalidArgumentError("external_term_iri: must be an IRI");
  }
  if (derivations.size() > kMaxDerivations ||
      !std::all_of(derivations.begin(), derivations.end(), IsDerivation)) {
    return absl::InvalidArgumentError("derivations: unknown or too many");
  }
  if (!schema.is_object() || json::Canonical(schema).size() > kMaxSchemaBytes) {
    return absl::InvalidArgumentError(
        "schema_json: must be an object of at most 16 KiB");
  }
  return absl::OkStatus();
}

std::string Definition::ToJson() const {
  json::Value names = json::Value::Array();
  for (const std::string& name : derivations) names.Append(name);
  json::Value out = json::Value::Object();
  out.Set("id", id);
  out.Set("schema_version", schema_version);
  out.Set("schema", schema);
  out.Set("title", title);
  out.Set("category", category_iri);
  out.Set("sensitivity", static_cast<int>(sensitivity));
  out.Set("direct_identifier", direct_identifier);
  out.Set("derivations", std::move(names));
  out.Set("external_term", external_term_iri);
  if (assisted_only) out.Set("assisted_only", true);
  return json::Canonical(out);
}

absl::StatusOr<Definition> Definition::FromJson(std::string_view text) {
  const auto json = json::ParseStrict(text);
  if (json.ok()) {
    auto definition = Parse(*json);
    if (definition.ok()) return definition;
  }
  return absl::DataLossError("a catalogue entry does not parse");
}

}  // namespace limpid::vault
