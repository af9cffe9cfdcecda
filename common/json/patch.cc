#include "common/json/patch.h"

#include <string>
#include <string_view>
#include <utility>

#include "common/json/value.h"

namespace limpid::json {
namespace {

void AddOperation(std::string_view operation, const std::string& path,
                  const Value* value, Value& patch) {
  Value entry =
      Value::Object({{"op", Value(operation)}, {"path", Value(path)}});
  if (value != nullptr) entry.Set("value", *value);
  patch.Append(std::move(entry));
}

void Compare(const std::string& path, const Value& from, const Value& to,
             Value& patch) {
  if (from == to) return;
  if (!from.is_object() || !to.is_object()) {
    AddOperation("replace", path, &to, patch);
    return;
  }
  for (const Member& member : from.members()) {
    const std::string below = path + "/" + PointerToken(member.key);
    const Value* const now = to.Find(member.key);
    if (now == nullptr) {
      AddOperation("remove", below, nullptr, patch);
    } else {
      Compare(below, member.value, *now, patch);
    }
  }
  for (const Member& member : to.members()) {
    if (from.Find(member.key) != nullptr) continue;
    AddOperation("add", path + "/" + PointerToken(member.key), &member.value,
                 patch);
  }
}

}  // namespace

Value MakePatch(const Value& from, const Value& to) {
  Value patch = Value::Array();
  Compare("", from, to, patch);
  return patch;
}

}  // namespace limpid::json
