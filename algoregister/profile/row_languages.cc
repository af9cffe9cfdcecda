#include "algoregister/profile/row_languages.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/row.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_table.h"
#include "common/base/text.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using base::ToAbsl;
using json::Value;

// The languages of both; of one that both have, what `field` says.
Value BothTexts(const Value& field, const Value& other) {
  Value texts = *other.Find("value");
  for (const json::Member& member : field.Find("value")->members()) {
    texts.Set(member.key, member.value);
  }
  return Given(std::move(texts));
}

bool IsTexts(const Value& field) {
  const Value* const value = field.Find("value");
  return value != nullptr && value->is_object();
}

}  // namespace

std::vector<Finding> AddTranslation(const Profile& profile, RowReading& reading,
                                    const RowReading& other) {
  std::vector<Finding> out;
  for (const json::Member& member : other.fields.members()) {
    const Value* const here = reading.fields.Find(member.key);
    if (member.value == Missing() || (here != nullptr && *here == member.value))
      continue;
    std::erase(reading.cleared, member.key);
    if (here == nullptr || *here == Missing()) {
      reading.fields.Set(member.key, member.value);
      continue;
    }
    const FieldSpec* const spec = FindField(profile.kind, member.key);
    const bool texts = spec != nullptr && spec->type == FieldType::kText &&
                       IsTexts(*here) && IsTexts(member.value);
    if (texts) {
      reading.fields.Set(member.key, BothTexts(*here, member.value));
      continue;
    }
    out.push_back(
        {.field = std::string(ForeignNameOf(profile, member.key)),
         .repaired = true,
         .message = absl::StrCat("the row in ", ToAbsl(reading.language),
                                 " says otherwise; left out")});
  }
  reading.empty_texts.insert(reading.empty_texts.end(),
                             other.empty_texts.begin(),
                             other.empty_texts.end());
  if (reading.organisations.empty()) {
    reading.organisations = other.organisations;
  }
  reading.moved.insert(reading.moved.end(), other.moved.begin(),
                       other.moved.end());
  return out;
}

std::string_view LanguageOfRow(const Profile& profile, const Value& content) {
  const Value* const title =
      GivenValue(content, NamingField(profile.kind).name);
  if (title == nullptr || !title->is_object() ||
      title->Find(profile.language) != nullptr) {
    return profile.language;
  }
  for (const Column& column : profile.columns) {
    if (column.type != ColumnType::kLanguage) continue;
    for (const json::Member& member : title->members()) {
      for (const CodePair& pair : column.codes) {
        if (pair.ours == member.key) return pair.ours;
      }
    }
  }
  return profile.language;
}

std::optional<Value> LanguageWord(const Profile& profile, const Column& column,
                                  std::string_view language) {
  if (column.optional && language == profile.language) return std::nullopt;
  for (const CodePair& pair : column.codes) {
    if (pair.ours == language) return Value(pair.foreign);
  }
  return std::nullopt;
}

}  // namespace limpid::algoregister
