#include "algoregister/profile/earlier_fields.h"

#include <algorithm>

#include "algoregister/registration/content.h"

namespace limpid::algoregister {

using json::Value;

Value WithTranslations(const Value& field, const Value* before) {
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
  return same ? *before : field;
}

bool Stands(const Value* before, const Value& now) {
  if (before == nullptr) return false;
  if (before->Find("audience") != nullptr) return true;
  return now == Missing() && *before != Missing() &&
         before->Find("value") == nullptr;
}

}  // namespace limpid::algoregister
