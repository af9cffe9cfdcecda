#include "algoregister/profile/row_rest.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <span>
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

// A text that may be taken out of a rest.
struct LongText {
  std::string pointer;
  std::size_t bytes = 0;
};

void FindLongTexts(const Value& at, const std::string& pointer,
                   std::vector<LongText>& out) {
  if (at.is_object()) {
    for (const json::Member& member : at.members()) {
      FindLongTexts(member.value,
                    pointer + "/" + json::PointerToken(member.key), out);
    }
  } else if (at.is_array()) {
    for (std::size_t i = 0; i < at.size(); ++i) {
      FindLongTexts(at.elements()[i], pointer + "/" + std::to_string(i), out);
    }
  } else if (at.is_string() && at.string().size() > kShortText) {
    out.push_back({pointer, at.string().size()});
  }
}

// Members of objects go; elements of lists become empty, so that others keep
// their places.
Value WithoutTexts(const Value& at, const std::string& pointer,
                   const std::set<std::string>& pointers) {
  if (at.is_array()) {
    Value out = Value::Array();
    for (std::size_t i = 0; i < at.size(); ++i) {
      const std::string below = pointer + "/" + std::to_string(i);
      out.Append(pointers.contains(below)
                     ? Value("")
                     : WithoutTexts(at.elements()[i], below, pointers));
    }
    return out;
  }
  if (!at.is_object()) return at;
  Value out = Value::Object();
  for (const json::Member& member : at.members()) {
    const std::string below = pointer + "/" + json::PointerToken(member.key);
    if (pointers.contains(below)) continue;
    out.Set(member.key, WithoutTexts(member.value, below, pointers));
  }
  return out;
}

// The object of a table; an empty one for no text.
Value ObjectOf(std::string_view json_text) {
  if (json_text.empty()) return Value::Object();
  auto parsed = json::ParseStrict(json_text);
  return parsed.ok() && parsed->is_object() ? *std::move(parsed)
                                            : Value::Object();
}

// Leaves out what `companion` says too.
void RemoveSame(const Value& companion, Value& rest) {
  for (const json::Member& beside : companion.members()) {
    const Value* const said = rest.Find(beside.key);
    if (said != nullptr && *said == beside.value) rest.Remove(beside.key);
  }
}

}  // namespace

Value ConstantOf(std::string_view code, bool flat) {
  if (flat) return Value(code);
  auto parsed = json::ParseStrict(code);
  return parsed.ok() ? *std::move(parsed) : Value(code);
}

Value CompanionOf(const Column& column) { return ObjectOf(column.companion); }

Value CompanionOf(const MemberColumn& member) {
  return ObjectOf(member.companion);
}

const Column* RestColumn(const Profile& profile) {
  if (profile.layout != Layout::kDocument) return nullptr;
  const auto found =
      std::find_if(profile.columns.begin(), profile.columns.end(),
                   [](const Column& column) { return column.foreign.empty(); });
  return found == profile.columns.end() ? nullptr : &*found;
}

bool SaysLess(const Value& said, const Value& constant) {
  if (!said.is_object() || !constant.is_object()) return false;
  return std::all_of(said.members().begin(), said.members().end(),
                     [&constant](const json::Member& member) {
                       const Value* const same = constant.Find(member.key);
                       return same != nullptr && *same == member.value;
                     });
}

std::optional<Value> WithoutWrapping(const Value& list,
                                     std::string_view member) {
  if (!list.is_array()) return std::nullopt;
  Value out = Value::Array();
  for (const Value& element : list.elements()) {
    const Value* const text = element.Find(member);
    if (element.size() != 1 || text == nullptr) return std::nullopt;
    out.Append(*text);
  }
  return out;
}

Value WithWrapping(const Value& texts, std::string_view member) {
  Value out = Value::Array();
  for (const Value& text : texts.elements()) {
    out.Append(Value::Object({{std::string(member), text}}));
  }
  return out;
}

Value DocumentRest(const Profile& profile, const Value& document,
                   std::span<const Column* const> unread) {
  std::vector<Value> companions;
  companions.reserve(profile.columns.size());
  std::vector<TakenPlace> taken;
  for (const Column& column : profile.columns) {
    if (column.foreign.empty()) continue;
    if (std::find(unread.begin(), unread.end(), &column) != unread.end()) {
      continue;
    }
    // Those of records stand in each of them.
    const bool beside = column.type != ColumnType::kRecords;
    companions.push_back(beside ? CompanionOf(column) : Value::Object());
    taken.push_back({.place = column.foreign, .companion = &companions.back()});
  }
  return RestOf(document, taken);
}

Value RecordRest(const Column& column, const Value& record,
                 std::span<const MemberColumn* const> unread) {
  std::vector<std::string> places;
  for (const MemberColumn& member : column.members) {
    if (member.foreign.empty()) continue;
    if (std::find(unread.begin(), unread.end(), &member) != unread.end()) {
      continue;
    }
    places.push_back(member.foreign.starts_with('/')
                         ? std::string(member.foreign)
                         : "/" + json::PointerToken(member.foreign));
  }
  std::vector<TakenPlace> taken;
  taken.reserve(places.size());
  for (const std::string& place : places) taken.push_back({.place = place});
  Value rest = RestOf(record, taken);
  RemoveSame(CompanionOf(column), rest);
  for (const MemberColumn& member : column.members) {
    if (record.Find(member.foreign) == nullptr) continue;
    RemoveSame(CompanionOf(member), rest);
  }
  return rest;
}

std::vector<std::string> ShortenRest(Value& rest, std::size_t most_bytes) {
  std::size_t size = json::Canonical(rest).size();
  if (size <= most_bytes) return {};
  std::vector<LongText> texts;
  FindLongTexts(rest, "", texts);
  std::stable_sort(texts.begin(), texts.end(),
                   [](const LongText& left, const LongText& right) {
                     return left.bytes > right.bytes;
                   });
  std::set<std::string> out;
  for (const LongText& text : texts) {
    if (size <= most_bytes) break;
    size -= std::min(size, text.bytes);
    out.insert(text.pointer);
  }
  if (size > most_bytes) return {};
  rest = WithoutTexts(rest, "", out);
  return {out.begin(), out.end()};
}

std::vector<std::string> UntakenPlaces(const Value& document,
                                       const Value& rest) {
  std::vector<std::string> out;
  if (rest.size() > 0) Collect(document, rest, "", out);
  return out;
}

}  // namespace limpid::algoregister
