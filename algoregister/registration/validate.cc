// ValidateContent, one function per rule of the format page. What values look
// like is in value_check.h.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/registration/ids.h"
#include "algoregister/registration/value_check.h"
#include "common/base/status_macros.h"
#include "common/json/value.h"
#include "common/receipt/registration.h"

namespace limpid::algoregister {
namespace {

using json::Value;

absl::Status CheckAudience(const Value& list, std::string_view pointer) {
  std::string_view previous;
  if (!list.is_array() || list.size() == 0) {
    return Fault(pointer, "must be a list of one audience or more");
  }
  for (const Value& code : list.elements()) {
    const bool known =
        code.is_string() && std::find(kAudiences.begin(), kAudiences.end(),
                                      code.string()) != kAudiences.end();
    if (!known || code.string() <= previous) {
      return Fault(pointer, "must be audiences, ascending, each once");
    }
    previous = code.string();
  }
  return absl::OkStatus();
}

absl::Status CheckWithheld(const Value& field, std::string_view pointer) {
  LIMPID_RETURN_IF_ERROR(CheckKeys(field, pointer,
                                   {"authority", "ground", "review", "state"},
                                   {"audience"}));
  if (const Value* const audience = field.Find("audience")) {
    LIMPID_RETURN_IF_ERROR(
        CheckAudience(*audience, Below(pointer, "audience")));
  }
  for (const std::string_view key : {"authority", "ground"}) {
    LIMPID_RETURN_IF_ERROR(
        CheckText(*field.Find(key), Below(pointer, key), kMaxReasonBytes));
  }
  return CheckDate(*field.Find("review"), Below(pointer, "review"));
}

// One field in one of its five states.
absl::Status CheckField(const FieldSpec& spec, const Value& field,
                        std::string_view pointer) {
  const auto state = field.GetString("state");
  if (!state.ok()) return Fault(Below(pointer, "state"), "missing");
  if (*state == "given") {
    LIMPID_RETURN_IF_ERROR(CheckKeys(field, pointer, {"state", "value"}));
    return CheckGiven(spec, *field.Find("value"), Below(pointer, "value"));
  }
  if (spec.names_the_registration) {
    return Fault(pointer, "must be given");
  }
  if (*state == "missing") return CheckKeys(field, pointer, {"state"});
  if (*state == "withheld") return CheckWithheld(field, pointer);
  if (*state == "not_applicable") {
    LIMPID_RETURN_IF_ERROR(CheckKeys(field, pointer, {"reason", "state"}));
    return CheckText(*field.Find("reason"), Below(pointer, "reason"),
                     kMaxReasonBytes);
  }
  if (*state == "in_progress") {
    LIMPID_RETURN_IF_ERROR(CheckKeys(field, pointer, {"due", "state"}));
    return CheckDate(*field.Find("due"), Below(pointer, "due"));
  }
  return Fault(Below(pointer, "state"), "unknown state");
}

bool IsScheme(std::string_view text) {
  constexpr std::size_t kSchemeBytes = 64;
  return !text.empty() && text.size() <= kSchemeBytes &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == ':' || c == '-';
         });
}

absl::Status CheckAliases(const Value& list) {
  constexpr std::size_t kIdBytes = 200;
  if (!list.is_array() || list.size() > kMaxAliases) {
    return Fault("/aliases", "must be a list of at most 32");
  }
  Alias previous;
  std::size_t index = 0;
  for (const Value& element : list.elements()) {
    const std::string pointer = absl::StrCat("/aliases/", index++);
    LIMPID_RETURN_IF_ERROR(CheckKeys(element, pointer, {"id", "scheme"}));
    LIMPID_RETURN_IF_ERROR(
        CheckText(*element.Find("id"), Below(pointer, "id"), kIdBytes));
    const Value& scheme = *element.Find("scheme");
    if (!scheme.is_string() || !IsScheme(scheme.string())) {
      return Fault(Below(pointer, "scheme"), "must be 1 to 64 of a-z0-9.:-");
    }
    Alias alias{scheme.string(), element.Find("id")->string()};
    if (index > 1 && !(previous < alias)) {
      return Fault(pointer, "aliases must be sorted, each once");
    }
    previous = std::move(alias);
  }
  return absl::OkStatus();
}

absl::StatusOr<RegistrationKind> CheckKind(const Value& kind) {
  for (const RegistrationKind known : receipt::kRegistrationKinds) {
    if (kind == Value(receipt::RegistrationKindName(known))) return known;
  }
  return Fault("/kind", "unknown kind");
}

// What others stand on cannot be for some readers alone.
bool MayBeRestricted(const FieldSpec& spec) {
  return !spec.names_the_registration && spec.type != FieldType::kReference &&
         spec.type != FieldType::kReferences &&
         spec.type != FieldType::kDatasetUses &&
         spec.type != FieldType::kSnapshots;
}

absl::Status CheckRestricted(RegistrationKind kind, const Value& content) {
  static const Value& none = *new Value(Value::Object());
  const Value* const found = content.Find("restricted");
  const Value& parts = found == nullptr ? none : *found;
  if (!parts.is_object() || (found != nullptr && found->size() == 0)) {
    return Fault("/restricted", "must be an object with a member");
  }
  for (const json::Member& part : parts.members()) {
    const std::string pointer = Below("/restricted", part.key);
    const FieldSpec* const spec = FindField(kind, part.key);
    if (spec == nullptr || !MayBeRestricted(*spec)) {
      return Fault(pointer, "not a field that may be restricted");
    }
    if (AudienceOf(content, part.key).empty()) {
      return Fault(pointer, "the field is not withheld with an audience");
    }
    LIMPID_RETURN_IF_ERROR(CheckKeys(part.value, pointer, {"state", "value"}));
    if (*part.value.Find("state") != Value("given")) {
      return Fault(Below(pointer, "state"), "must be given");
    }
    LIMPID_RETURN_IF_ERROR(
        CheckGiven(*spec, *part.value.Find("value"), Below(pointer, "value")));
  }
  for (const json::Member& field : content.Find("fields")->members()) {
    if (field.value.Find("audience") != nullptr &&
        parts.Find(field.key) == nullptr) {
      return Fault(Below("/fields", field.key),
                   "has an audience and no part for it; give the part, or "
                   "keep that of the version before");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateContent(const Value& content) {
  LIMPID_RETURN_IF_ERROR(CheckKeys(
      content, "", {"aliases", "fields", "kind", "reason"}, {"restricted"}));
  LIMPID_ASSIGN_OR_RETURN(const RegistrationKind kind,
                          CheckKind(*content.Find("kind")));
  LIMPID_RETURN_IF_ERROR(CheckAliases(*content.Find("aliases")));
  LIMPID_RETURN_IF_ERROR(
      CheckText(*content.Find("reason"), "/reason", kMaxReasonBytes));
  const Value& fields = *content.Find("fields");
  if (!fields.is_object()) return Fault("/fields", "must be an object");
  for (const json::Member& member : fields.members()) {
    const std::string pointer = Below("/fields", member.key);
    const FieldSpec* const spec = FindField(kind, member.key);
    if (spec == nullptr) return Fault(pointer, "unknown field of this kind");
    LIMPID_RETURN_IF_ERROR(CheckField(*spec, member.value, pointer));
  }
  const FieldSpec& naming = NamingField(kind);
  if (fields.Find(naming.name) == nullptr) {
    return Fault(Below("/fields", naming.name), "must be given");
  }
  return CheckRestricted(kind, content);
}

}  // namespace limpid::algoregister
