#include "algoregister/registration/content.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/registration/ids.h"
#include "algoregister/registration/rich_text.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/json/value.h"
#include "common/receipt/registration.h"

namespace limpid::algoregister {
namespace {

using json::Value;

// Cut at `max_bytes`, not inside a character.
std::string CutText(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return std::string(text);
  std::size_t end = max_bytes;
  constexpr unsigned kContinuationMask = 0xc0;
  constexpr unsigned kContinuation = 0x80;
  while (end > 0 && (static_cast<unsigned char>(text[end]) &
                     kContinuationMask) == kContinuation) {
    --end;
  }
  return std::string(text.substr(0, end));
}

std::optional<RegistrationId> ReferenceOf(const Value& value) {
  if (!value.is_string()) return std::nullopt;
  const auto id = RegistrationId::Parse(value.string());
  if (!id.ok()) return std::nullopt;
  return *id;
}

}  // namespace

Value Given(Value value) {
  return Value::Object(
      {{"state", Value("given")}, {"value", std::move(value)}});
}

Value Missing() { return Value::Object({{"state", Value("missing")}}); }

Value GivenText(std::string_view language, std::string_view text) {
  const Value one =
      Value::Object({{"origin", Value("human")}, {"text", Value(text)}});
  return Given(Value::Object({{std::string(language), one}}));
}

Value NewContent(RegistrationKind kind) {
  return Value::Object({{"aliases", Value::Array()},
                        {"fields", Value::Object()},
                        {"kind", Value(receipt::RegistrationKindName(kind))}});
}

void AddAlias(Value& content, const Alias& alias) {
  std::vector<Alias> all = AliasesOf(content);
  all.push_back(alias);
  std::sort(all.begin(), all.end());
  Value list = Value::Array();
  for (const Alias& one : all) {
    list.Append(
        Value::Object({{"id", Value(one.id)}, {"scheme", Value(one.scheme)}}));
  }
  content.Set("aliases", std::move(list));
}

void SetField(Value& content, std::string_view name, Value field) {
  const Value* const found = content.Find("fields");
  Value fields = found == nullptr ? Value::Object() : *found;
  fields.Set(name, std::move(field));
  content.Set("fields", std::move(fields));
}

void RemoveField(Value& content, std::string_view name) {
  const Value* const found = content.Find("fields");
  if (found == nullptr) return;
  Value fields = *found;
  if (fields.Remove(name)) content.Set("fields", std::move(fields));
}

std::string WordsOf(const Value& text) {
  const Value* const words = text.Find("text");
  if (words == nullptr || !words->is_string()) return {};
  const bool rich = text.Find("format") != nullptr;
  return rich ? PlainTextOf(words->string()) : words->string();
}

const Value* GivenValue(const Value& content, std::string_view name) {
  const Value* const fields = content.Find("fields");
  const Value* const field = fields == nullptr ? nullptr : fields->Find(name);
  if (field == nullptr) return nullptr;
  const Value* const state = field->Find("state");
  // Asked of every field there is, again and again: without a Value to compare.
  const bool is_given =
      state != nullptr && state->is_string() && state->string() == "given";
  return is_given ? field->Find("value") : nullptr;
}

std::string TextOf(const Value& content, std::string_view name,
                   std::string_view language) {
  const Value* const value = GivenValue(content, name);
  if (value == nullptr) return {};
  if (value->is_string()) return value->string();
  if (!value->is_object() || value->size() == 0) return {};
  const Value* chosen = value->Find(language);
  if (chosen == nullptr) chosen = &value->members().front().value;
  return WordsOf(*chosen);
}

RegistrationKind KindOf(const Value& content) {
  const Value* const name = content.Find("kind");
  LIMPID_CHECK(name != nullptr && name->is_string());
  for (const RegistrationKind kind : receipt::kRegistrationKinds) {
    if (receipt::RegistrationKindName(kind) == name->string()) return kind;
  }
  LIMPID_CHECK(false);
}

std::vector<Alias> AliasesOf(const Value& content) {
  std::vector<Alias> out;
  const Value* const list = content.Find("aliases");
  if (list == nullptr || !list->is_array()) return out;
  for (const Value& alias : list->elements()) {
    auto scheme = alias.GetString("scheme");
    auto id = alias.GetString("id");
    if (scheme.ok() && id.ok()) {
      out.push_back({*std::move(scheme), *std::move(id)});
    }
  }
  return out;
}

std::string ReasonOf(const Value& content) {
  auto reason = content.GetString("reason");
  return reason.ok() ? *std::move(reason) : std::string();
}

std::string TitleOf(const Value& content) {
  const FieldSpec& naming = NamingField(KindOf(content));
  return CutText(TextOf(content, naming.name, "en"), kMaxTitleBytes);
}

std::string ListTitleOf(const Value& content) {
  std::string title = TitleOf(content);
  return title.empty() ? std::string(kErasedTitle) : title;
}

std::vector<std::string> AudienceOf(const Value& content,
                                    std::string_view name) {
  std::vector<std::string> out;
  const Value* const fields = content.Find("fields");
  const Value* const field = fields == nullptr ? nullptr : fields->Find(name);
  const Value* const audience =
      field == nullptr ? nullptr : field->Find("audience");
  if (audience == nullptr || !audience->is_array()) return out;
  for (const Value& code : audience->elements()) {
    if (code.is_string()) out.push_back(code.string());
  }
  return out;
}

namespace {

// Names of withheld fields whose restricted part is gone.
std::vector<std::string> OrphanStubs(const Value& content) {
  std::vector<std::string> out;
  const Value* const fields = content.Find("fields");
  if (fields == nullptr) return out;
  const Value* const parts = content.Find("restricted");
  for (const json::Member& field : fields->members()) {
    if (field.value.Find("audience") == nullptr) continue;
    if (parts == nullptr || parts->Find(field.key) == nullptr) {
      out.push_back(field.key);
    }
  }
  return out;
}

// Parts whose public field no longer says for whom they are: nobody may read
// them, and no version may carry them on.
void DropOrphanParts(Value& content) {
  const Value* const found = content.Find("restricted");
  if (found == nullptr) return;
  const Value* const fields = content.Find("fields");
  Value kept = Value::Object();
  for (const json::Member& part : found->members()) {
    const Value* const field =
        fields == nullptr ? nullptr : fields->Find(part.key);
    if (field != nullptr && field->Find("audience") != nullptr) {
      kept.Set(part.key, part.value);
    }
  }
  if (kept.size() == 0) {
    content.Remove("restricted");
  } else {
    content.Set("restricted", std::move(kept));
  }
}

}  // namespace

Value WithErasedReplaced(Value content) {
  DropOrphanParts(content);
  for (const std::string& name : OrphanStubs(content)) {
    Value field = *content.Find("fields")->Find(name);
    field.Remove("audience");
    SetField(content, name, std::move(field));
  }
  if (content.Find("aliases") == nullptr) {
    content.Set("aliases", Value::Array());
  }
  const FieldSpec& naming = NamingField(KindOf(content));
  if (GivenValue(content, naming.name) != nullptr) return content;
  Value name(kErasedTitle);
  if (naming.type == FieldType::kText) {
    name =
        Value::Object({{"en", Value::Object({{"origin", Value("machine")},
                                             {"text", Value(kErasedTitle)}})}});
  }
  SetField(content, naming.name, Given(std::move(name)));
  return content;
}

std::optional<RegistrationId> OrganisationOf(const Value& content) {
  for (const std::string_view name : {"organisation", "provider"}) {
    const Value* const value = GivenValue(content, name);
    if (value == nullptr) continue;
    if (auto id = ReferenceOf(*value)) return id;
  }
  return std::nullopt;
}

namespace {

// Few fields can, and looking each of the others up costs more than all of
// these.
bool MayRefer(const FieldSpec& spec) {
  return spec.type == FieldType::kReference ||
         spec.type == FieldType::kReferences ||
         spec.type == FieldType::kDatasetUses ||
         std::any_of(spec.members.begin(), spec.members.end(),
                     [](const MemberSpec& member) {
                       return member.type == FieldType::kReference;
                     });
}

void AddReference(std::string pointer, const Value* value,
                  std::vector<ReferenceAt>& out) {
  if (value == nullptr) return;
  if (const auto id = ReferenceOf(*value)) {
    out.push_back({std::move(pointer), *id});
  }
}

// Those in one element of a field's list, which stands at `below`.
void AddReferencesIn(const FieldSpec& spec, const Value& element,
                     const std::string& below, std::vector<ReferenceAt>& out) {
  if (spec.type == FieldType::kReferences) AddReference(below, &element, out);
  if (spec.type == FieldType::kDatasetUses) {
    AddReference(below + "/dataset", element.Find("dataset"), out);
  }
  for (const MemberSpec& member : spec.members) {
    if (member.type != FieldType::kReference) continue;
    AddReference(below + "/" + std::string(member.name),
                 element.Find(member.name), out);
  }
}

}  // namespace

std::vector<ReferenceAt> ReferencesOf(const Value& content) {
  std::vector<ReferenceAt> out;
  for (const FieldSpec& spec : FieldsOf(KindOf(content))) {
    if (!MayRefer(spec)) continue;
    const Value* const value = GivenValue(content, spec.name);
    if (value == nullptr) continue;
    const std::string pointer = "/fields/" + std::string(spec.name) + "/value";
    if (spec.type == FieldType::kReference) AddReference(pointer, value, out);
    if (!value->is_array()) continue;
    std::size_t index = 0;
    for (const Value& element : value->elements()) {
      AddReferencesIn(spec, element, pointer + "/" + std::to_string(index++),
                      out);
    }
  }
  return out;
}

}  // namespace limpid::algoregister
