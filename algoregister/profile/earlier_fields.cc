#include "algoregister/profile/earlier_fields.h"

#include <algorithm>
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

// The language map of a given text, or nullptr.
const Value* TextsOf(const Value* field) {
  const Value* const texts = field == nullptr ? nullptr : field->Find("value");
  return texts != nullptr && texts->is_object() ? texts : nullptr;
}

bool IsHuman(const Value& text) {
  return *text.Find("origin") == Value("human");
}

// What stands for a title that was erased.
bool IsPlaceholder(const Value& text) {
  return !IsHuman(text) && *text.Find("text") == Value(kErasedTitle);
}

// Whether the row says nothing else in a language that people said something
// in before.
bool Agree(const Value& now, const Value& old) {
  return std::all_of(now.members().begin(), now.members().end(),
                     [&old](const json::Member& member) {
                       const Value* const other = old.Find(member.key);
                       return other == nullptr || *other == member.value ||
                              !IsHuman(*other);
                     });
}

Value WithoutPlaceholder(const Value& texts) {
  Value out = Value::Object();
  for (const json::Member& text : texts.members()) {
    if (!IsPlaceholder(text.value)) out.Set(text.key, text.value);
  }
  return out;
}

// Reads rows of one profile over fields of an earlier version.
class Overlay {
 public:
  Overlay(const Profile& profile, const RowReading& reading)
      : profile_(profile), reading_(reading) {}

  // A text of the row, or that it is missing, and what the earlier version said
  // in other languages.
  [[nodiscard]] Value TextAfter(std::string_view name, const Value& field,
                                const Value* before) const {
    const Value* const old = TextsOf(before);
    if (old == nullptr) return field;
    const Value* const now = TextsOf(&field);
    // The row is one language of several: the others are other rows'.
    const bool is_translation = reading_.language != profile_.language &&
                                old->Find(profile_.language) != nullptr;
    if (now != nullptr && !is_translation && !Agree(*now, *old)) return field;
    Value texts = WithoutPlaceholder(*old);
    if (now != nullptr) {
      for (const json::Member& member : now->members()) {
        texts.Set(member.key, member.value);
      }
    }
    const bool took = TakeBack(name, now, texts);
    // Translations of a text that is gone.
    if (now == nullptr && took && !is_translation) return field;
    if (texts.size() == 0) return field;
    Value out = *before;
    out.Set("value", std::move(texts));
    return out;
  }

  [[nodiscard]] bool IsText(std::string_view name) const {
    const FieldSpec* const spec = FindField(profile_.kind, name);
    return spec != nullptr && spec->type == FieldType::kText;
  }

  // The remarks on what `before` gave and `after` does not.
  void TellLost(const Value& before, const Value& after,
                std::vector<Finding>& findings) const {
    for (const json::Member& member : before.members()) {
      if (member.value.Find("value") == nullptr) continue;
      const Value* const now = after.Find(member.key);
      if (now == nullptr || now->Find("value") == nullptr) {
        if (WasMoved(member.key)) continue;
        Tell(member.key,
             absl::StrCat("the file says nothing there any more; taken out of ",
                          member.key),
             findings);
        continue;
      }
      const Value* const old_texts = TextsOf(&member.value);
      const Value* const texts = TextsOf(now);
      if (!IsText(member.key) || old_texts == nullptr || texts == nullptr) {
        continue;
      }
      for (const json::Member& text : old_texts->members()) {
        const bool kept = texts->Find(text.key) != nullptr;
        if (kept || IsPlaceholder(text.value)) continue;
        Tell(member.key,
             absl::StrCat("taken out of ", member.key, ": what it said in ",
                          text.key),
             findings);
      }
    }
  }

 private:
  // Takes out what people said in languages that the row leaves empty; whether
  // that was anything.
  bool TakeBack(std::string_view name, const Value* now, Value& texts) const {
    bool out = false;
    for (const EmptyText& one : reading_.empty_texts) {
      const bool said = now != nullptr && now->Find(one.language) != nullptr;
      if (one.field != name || said) continue;
      const Value* const text = texts.Find(one.language);
      if (text == nullptr || !IsHuman(*text)) continue;
      texts.Remove(one.language);
      out = true;
    }
    return out;
  }

  [[nodiscard]] bool WasMoved(std::string_view name) const {
    return std::any_of(
        reading_.moved.begin(), reading_.moved.end(),
        [name](const MovedWords& words) { return words.formerly == name; });
  }

  void Tell(std::string_view name, std::string message,
            std::vector<Finding>& findings) const {
    findings.push_back({.field = std::string(ForeignNameOf(profile_, name)),
                        .repaired = true,
                        .message = std::move(message)});
  }

  const Profile& profile_;
  const RowReading& reading_;
};

// Whether the field stays whatever the row says.
bool Stands(const Value* before, const Value& now) {
  if (before == nullptr) return false;
  if (before->Find("audience") != nullptr) return true;
  return now == Missing() && *before != Missing() &&
         before->Find("value") == nullptr;
}

// What an optional column takes out.
void TakeOut(const Overlay& overlay, const std::string& name, Value& all) {
  const Value* const field = all.Find(name);
  if (field == nullptr || *field == Missing() || Stands(field, Missing())) {
    return;
  }
  Value left = overlay.IsText(name) ? overlay.TextAfter(name, Missing(), field)
                                    : Missing();
  if (left == Missing()) {
    all.Remove(name);
  } else {
    all.Set(name, std::move(left));
  }
}

}  // namespace

Value FieldsAfter(const Profile& profile, const Value& before,
                  const RowReading& reading, bool is_own,
                  std::vector<Finding>& findings) {
  const Overlay overlay(profile, reading);
  Value all = before;
  for (const json::Member& member : reading.fields.members()) {
    const Value* const field = all.Find(member.key);
    const bool open = is_own && field == nullptr && member.value == Missing();
    if (open || Stands(field, member.value)) continue;
    Value next = overlay.IsText(member.key)
                     ? overlay.TextAfter(member.key, member.value, field)
                     : member.value;
    all.Set(member.key, std::move(next));
  }
  for (const std::string& name : reading.cleared) TakeOut(overlay, name, all);
  for (const MovedWords& words : reading.moved) {
    const Value* const field = all.Find(words.formerly);
    if (field != nullptr && *field == words.field) all.Remove(words.formerly);
  }
  overlay.TellLost(before, all, findings);
  return all;
}

}  // namespace limpid::algoregister
