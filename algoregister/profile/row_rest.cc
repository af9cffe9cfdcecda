#include "algoregister/profile/row_rest.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algoregister/profile/document.h"
#include "algoregister/profile/profile.h"
#include "common/json/json.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using json::Value;

void Collect(const Value& whole, const Value& rest, const std::string& pointer,
             std::vector<std::string>& out) {
  if (whole == rest || whole.kind() != rest.kind()) {
    out.push_back(pointer);
    return;
  }
  if (rest.is_object()) {
    for (const json::Member& member : rest.members()) {
      const Value* const before = whole.Find(member.key);
      if (before == nullptr) continue;
      Collect(*before, member.value,
              pointer + "/" + json::PointerToken(member.key), out);
    }
    return;
  }
  if (!rest.is_array()) {
    out.push_back(pointer);
    return;
  }
  for (std::size_t i = 0; i < rest.size() && i < whole.size(); ++i) {
    const Value& element = rest.elements()[i];
    // What was taken whole keeps its place in the list.
    if (element.is_object() && element.size() == 0) continue;
    Collect(whole.elements()[i], element, pointer + "/" + std::to_string(i),
            out);
  }
}

}  // namespace

Value ConstantOf(std::string_view code, bool flat) {
  if (flat) return Value(code);
  auto parsed = json::ParseStrict(code);
  return parsed.ok() ? *std::move(parsed) : Value(code);
}

Value CompanionOf(const Column& column) {
  if (column.companion.empty()) return Value::Object();
  auto parsed = json::ParseStrict(column.companion);
  return parsed.ok() && parsed->is_object() ? *std::move(parsed)
                                            : Value::Object();
}

Value DocumentRest(const Profile& profile, const Value& document) {
  std::vector<Value> companions;
  companions.reserve(profile.columns.size());
  std::vector<TakenPlace> taken;
  for (const Column& column : profile.columns) {
    if (column.foreign.empty()) continue;
    companions.push_back(CompanionOf(column));
    taken.push_back({.place = column.foreign, .companion = &companions.back()});
  }
  return RestOf(document, taken);
}

std::vector<std::string> UntakenPlaces(const Value& document,
                                       const Value& rest) {
  std::vector<std::string> out;
  if (rest.size() > 0) Collect(document, rest, "", out);
  return out;
}

}  // namespace limpid::algoregister
