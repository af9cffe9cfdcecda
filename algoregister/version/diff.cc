#include "algoregister/version/diff.h"

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/registration/ids.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "common/json/patch.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using base::ToAbsl;
using json::Value;

std::string TextMember(const Value& object, std::string_view key) {
  auto text = object.GetString(key);
  return text.ok() ? *std::move(text) : std::string();
}

std::string LanguageMapInWords(const Value& map) {
  std::string out;
  for (const json::Member& member : map.members()) {
    absl::StrAppend(&out, out.empty() ? "" : "\n", member.key, ": ",
                    WordsOf(member.value));
    const std::string origin = TextMember(member.value, "origin");
    if (origin == "machine") out += " (translated by machine)";
  }
  return out;
}

std::string ValueInWords(const FieldSpec& spec, const Value& value);

// "Title: Wet op X; Address: https://..."
std::string RecordInWords(std::span<const MemberSpec> members,
                          const Value& record) {
  std::string out;
  for (const MemberSpec& member : members) {
    const Value* const value = record.Find(member.name);
    if (value == nullptr) continue;
    absl::StrAppend(&out, out.empty() ? "" : "; ", ToAbsl(member.label), ": ",
                    ValueInWords(AsField(member), *value));
  }
  return out;
}

// An element a line.
std::string ListInWords(const FieldSpec& spec, const Value& list) {
  std::string out;
  for (const Value& element : list.elements()) {
    if (!out.empty()) out += "\n";
    if (spec.type == FieldType::kRecords) {
      out += RecordInWords(spec.members, element);
    } else if (spec.type == FieldType::kCodes && element.is_string()) {
      out += CodeLabel(spec.codes, element.string());
    } else {
      out += element.is_string() ? element.string() : json::Canonical(element);
    }
  }
  return out;
}

std::string ValueInWords(const FieldSpec& spec, const Value& value) {
  if (spec.type == FieldType::kText && value.is_object()) {
    return LanguageMapInWords(value);
  }
  if (spec.type == FieldType::kCode && value.is_string()) {
    return std::string(CodeLabel(spec.codes, value.string()));
  }
  if (value.is_array() && spec.type != FieldType::kDocument) {
    return ListInWords(spec, value);
  }
  return value.is_string() ? value.string() : json::Canonical(value);
}

std::string FieldInWords(const FieldSpec* spec, const Value& field) {
  std::string state = TextMember(field, "state");
  if (state == "given") {
    const Value* const value = field.Find("value");
    if (value == nullptr) return {};
    return spec == nullptr ? json::Canonical(*value)
                           : ValueInWords(*spec, *value);
  }
  if (state == "not_applicable") {
    return "not applicable: " + TextMember(field, "reason");
  }
  if (state == "in_progress") {
    return "in progress, due " + TextMember(field, "due");
  }
  if (state == "withheld") {
    return absl::StrCat("withheld by ", TextMember(field, "authority"), ": ",
                        TextMember(field, "ground"), ", to be reviewed ",
                        TextMember(field, "review"));
  }
  return state;
}

std::string AliasesInWords(const Value& list) {
  std::string out;
  if (!list.is_array()) return out;
  for (const Value& alias : list.elements()) {
    absl::StrAppend(&out, out.empty() ? "" : ", ", TextMember(alias, "scheme"),
                    " ", TextMember(alias, "id"));
  }
  return out;
}

std::set<std::string> FieldNames(const Value* from, const Value* to) {
  std::set<std::string> names;
  for (const Value* const fields : {from, to}) {
    if (fields == nullptr || !fields->is_object()) continue;
    for (const json::Member& member : fields->members()) {
      names.insert(member.key);
    }
  }
  return names;
}

void AddOuterChange(std::string_view key, std::string_view label,
                    const Value& from, const Value& to,
                    std::vector<FieldChange>& out) {
  const auto words = [key](const Value* value) -> std::string {
    if (value == nullptr) return {};
    if (key == "aliases") return AliasesInWords(*value);
    return value->is_string() ? value->string() : json::Canonical(*value);
  };
  const Value* const before = from.Find(key);
  const Value* const after = to.Find(key);
  const bool same = before == nullptr || after == nullptr ? before == after
                                                          : *before == *after;
  if (same) return;
  out.push_back({.pointer = absl::StrCat("/", ToAbsl(key)),
                 .label = std::string(label),
                 .before = words(before),
                 .after = words(after)});
}

}  // namespace

Value MakePatch(const Value& from, const Value& to) {
  return json::MakePatch(from, to);
}

std::vector<FieldChange> DescribeChanges(RegistrationKind kind,
                                         const Value& from, const Value& to) {
  std::vector<FieldChange> out;
  AddOuterChange("aliases", "Known elsewhere as", from, to, out);
  const Value* const old_fields = from.Find("fields");
  const Value* const new_fields = to.Find("fields");
  for (const std::string& name : FieldNames(old_fields, new_fields)) {
    const Value* const before =
        old_fields == nullptr ? nullptr : old_fields->Find(name);
    const Value* const after =
        new_fields == nullptr ? nullptr : new_fields->Find(name);
    if (before != nullptr && after != nullptr && *before == *after) continue;
    const FieldSpec* const spec = FindField(kind, name);
    out.push_back(
        {.pointer = "/fields/" + json::PointerToken(name),
         .label = std::string(spec == nullptr ? name : spec->label),
         .before = before == nullptr ? "" : FieldInWords(spec, *before),
         .after = after == nullptr ? "" : FieldInWords(spec, *after)});
  }
  AddOuterChange("reason", "Reason", from, to, out);
  return out;
}

}  // namespace limpid::algoregister
