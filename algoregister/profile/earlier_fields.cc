#include "algoregister/profile/earlier_fields.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "algoregister/profile/row.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_table.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using json::Value;

// The texts of an earlier version where the row says no other of its own.
// `before` is null where there was no field.
Value WithTranslations(std::string_view name, const Value& field,
                       const Value* before, std::span<const EmptyText> empty) {
  const Value* const now = field.Find("value");
  const Value* const old = before == nullptr ? nullptr : before->Find("value");
  if (now == nullptr || old == nullptr || !now->is_object() ||
      !old->is_object()) {
    return field;
  }
  const bool same =
      std::all_of(now->members().begin(), now->members().end(),
                  [old](const json::Member& member) {
                    const Value* const found = old->Find(member.key);
                    return found != nullptr && *found == member.value;
                  });
  if (!same) return field;
  Value texts = *old;
  for (const EmptyText& one : empty) {
    if (one.field != name || now->Find(one.language) != nullptr) continue;
    const Value* const text = old->Find(one.language);
    if (text != nullptr && *text->Find("origin") == Value("human")) {
      texts.Remove(one.language);
    }
  }
  Value out = *before;
  out.Set("value", std::move(texts));
  return out;
}

// Whether the field stays whatever the row says.
bool Stands(const Value* before, const Value& now) {
  if (before == nullptr) return false;
  if (before->Find("audience") != nullptr) return true;
  return now == Missing() && *before != Missing() &&
         before->Find("value") == nullptr;
}

}  // namespace

Value FieldsAfter(RegistrationKind kind, const Value& before,
                  const RowReading& reading, bool is_own) {
  Value all = before;
  for (const json::Member& member : reading.fields.members()) {
    const Value* const field = all.Find(member.key);
    const bool open = is_own && field == nullptr && member.value == Missing();
    if (open || Stands(field, member.value)) continue;
    const FieldSpec* const spec = FindField(kind, member.key);
    const bool texts = spec != nullptr && spec->type == FieldType::kText;
    all.Set(member.key, texts ? WithTranslations(member.key, member.value,
                                                 field, reading.empty_texts)
                              : member.value);
  }
  for (const std::string& name : reading.cleared) {
    const Value* const field = all.Find(name);
    const bool goes =
        field != nullptr && *field != Missing() && !Stands(field, Missing());
    if (goes) all.Remove(name);
  }
  return all;
}

}  // namespace limpid::algoregister
