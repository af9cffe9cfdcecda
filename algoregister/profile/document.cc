#include "algoregister/profile/document.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using json::Value;
using Steps = std::span<const PlaceStep>;

bool IsSelector(std::string_view token) {
  return token.size() > 2 && token.front() == '[' && token.back() == ']' &&
         token.find('=') != std::string_view::npos;
}

// Digits without a leading zero, as RFC 6901 wants them.
std::optional<std::size_t> IndexOf(const PlaceStep& step) {
  const std::string& key = step.key;
  if (step.is_selector || key.empty()) return std::nullopt;
  if (key.size() > 1 && key.front() == '0') return std::nullopt;
  std::size_t index = 0;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-bounds-pointer-arithmetic): its end
  const char* const end = key.data() + key.size();
  const auto [at, error] = std::from_chars(key.data(), end, index);
  if (error != std::errc() || at != end) return std::nullopt;
  return index;
}

// Whether an element says what the selector asks for. JSON-LD types may be
// lists.
bool Matches(const PlaceStep& step, const Value& element) {
  const Value* const said = element.Find(step.key);
  if (said == nullptr) return false;
  const auto is = [&step](const Value& value) {
    return value.is_string() && value.string() == step.value;
  };
  if (!said->is_array()) return is(*said);
  return std::any_of(said->elements().begin(), said->elements().end(), is);
}

// Of a list: where the step's element is.
std::optional<std::size_t> ElementOf(const PlaceStep& step, const Value& list) {
  if (!step.is_selector) {
    const auto index = IndexOf(step);
    return index && *index < list.size() ? index : std::nullopt;
  }
  const auto all = list.elements();
  const auto found = std::find_if(
      all.begin(), all.end(),
      [&step](const Value& element) { return Matches(step, element); });
  if (found == all.end()) return std::nullopt;
  return static_cast<std::size_t>(found - all.begin());
}

const Value* Follow(const Value& at, const PlaceStep& step) {
  if (at.is_array()) {
    const auto index = ElementOf(step, at);
    return index ? &at.elements()[*index] : nullptr;
  }
  // JSON-LD writes a list of one without its brackets.
  if (step.is_selector) return Matches(step, at) ? &at : nullptr;
  return at.Find(step.key);
}

// What a selector makes when nothing matches.
Value Stub(const PlaceStep& step) {
  if (!step.is_selector) return {};
  return Value::Object({{step.key, Value(step.value)}});
}

// `at`, which may be missing or null, with `value` below it.
absl::StatusOr<Value> With(const Value* at, Steps steps, Value value);

absl::StatusOr<Value> WithElement(const Value& list, Steps steps, Value value) {
  const PlaceStep& step = steps.front();
  std::vector<Value> all(list.elements().begin(), list.elements().end());
  std::optional<std::size_t> index = ElementOf(step, list);
  if (!index) {
    if (!step.is_selector && IndexOf(step) != all.size()) {
      return absl::InvalidArgumentError("a list has no such element");
    }
    index = all.size();
    all.push_back(Stub(step));
  }
  LIMPID_ASSIGN_OR_RETURN(
      Value after, With(&all[*index], steps.subspan(1), std::move(value)));
  all[*index] = std::move(after);
  return Value(std::move(all));
}

absl::StatusOr<Value> With(const Value* at, Steps steps, Value value) {
  if (steps.empty()) return value;
  if (at != nullptr && at->is_null()) at = nullptr;
  const PlaceStep& step = steps.front();
  if (step.is_selector && at != nullptr && at->is_object()) {
    if (!Matches(step, *at)) {
      return absl::InvalidArgumentError("another object stands in the way");
    }
    return With(at, steps.subspan(1), std::move(value));
  }
  if (at == nullptr && step.is_selector) {
    return WithElement(Value::Array(), steps, std::move(value));
  }
  if (at != nullptr && at->is_array()) {
    return WithElement(*at, steps, std::move(value));
  }
  if (at != nullptr && (step.is_selector || !at->is_object())) {
    return absl::InvalidArgumentError("something else stands in the way");
  }
  Value out = at == nullptr ? Value::Object() : *at;
  LIMPID_ASSIGN_OR_RETURN(
      Value below,
      With(out.Find(step.key), steps.subspan(1), std::move(value)));
  out.Set(step.key, std::move(below));
  return out;
}

// A place on its way down, without the steps that are behind.
struct Remaining {
  Steps steps;
  const Value* companion;
};
using Places = std::vector<Remaining>;

// Copies a value without what places take. Nothing when nothing is left.
std::optional<Value> Without(const Value& at, const Places& places);

// The places by the child of `at` that each goes through, a step further. Each
// is looked up once, however many children there are.
using ByChild = std::map<const Value*, Places>;
ByChild Through(const Value& at, const Places& places) {
  ByChild out;
  for (const Remaining& place : places) {
    const Value* const child = Follow(at, place.steps.front());
    if (child == nullptr) continue;
    out[child].push_back({place.steps.subspan(1), place.companion});
  }
  return out;
}

bool EndsHere(const Places& places) {
  return std::any_of(places.begin(), places.end(), [](const Remaining& place) {
    return place.steps.empty();
  });
}

// What values that are taken from the object take along.
std::vector<const Value*> CompanionsOf(const ByChild& through) {
  std::vector<const Value*> out;
  for (const auto& [child, places] : through) {
    for (const Remaining& place : places) {
      if (place.companion == nullptr || !place.steps.empty()) continue;
      out.push_back(place.companion);
    }
  }
  return out;
}

bool IsCompanion(const std::vector<const Value*>& companions,
                 const json::Member& member) {
  return std::any_of(companions.begin(), companions.end(),
                     [&member](const Value* companion) {
                       const Value* const said = companion->Find(member.key);
                       return said != nullptr && *said == member.value;
                     });
}

std::optional<Value> WithoutMembers(const Value& object, const Places& places) {
  const ByChild through = Through(object, places);
  const std::vector<const Value*> companions = CompanionsOf(through);
  Value out = Value::Object();
  for (const json::Member& member : object.members()) {
    if (IsCompanion(companions, member)) continue;
    const auto taken = through.find(&member.value);
    if (taken == through.end()) {
      out.Set(member.key, member.value);
      continue;
    }
    if (EndsHere(taken->second)) continue;
    std::optional<Value> rest = Without(member.value, taken->second);
    if (rest) out.Set(member.key, *std::move(rest));
  }
  return out.size() == 0 ? std::nullopt : std::optional(std::move(out));
}

// Whether SetPlace would make this element again.
bool IsStub(const Value& element, const Places& through_list) {
  if (element.is_object() && element.size() == 0) return true;
  return std::any_of(through_list.begin(), through_list.end(),
                     [&element](const Remaining& place) {
                       const PlaceStep& step = place.steps.front();
                       return step.is_selector && element == Stub(step);
                     });
}

std::optional<Value> WithoutElements(const Value& list, const Places& places) {
  const ByChild through = Through(list, places);
  std::vector<Value> out;
  std::vector<bool> touched;
  for (const Value& element : list.elements()) {
    const auto taken = through.find(&element);
    touched.push_back(taken != through.end());
    if (taken == through.end()) {
      out.push_back(element);
      continue;
    }
    // An element that is not the last keeps its place in the list.
    std::optional<Value> rest;
    if (!EndsHere(taken->second)) rest = Without(element, taken->second);
    out.push_back(rest ? *std::move(rest) : Value::Object());
  }
  while (!out.empty() && touched[out.size() - 1] &&
         IsStub(out.back(), places)) {
    out.pop_back();
  }
  return out.empty() ? std::nullopt : std::optional(Value(std::move(out)));
}

std::optional<Value> Without(const Value& at, const Places& places) {
  if (at.is_array()) return WithoutElements(at, places);
  if (!at.is_object()) return at;
  // A list of one without its brackets: the same object, a step further.
  Places inside;
  bool selected = false;
  for (const Remaining& place : places) {
    const bool skips =
        place.steps.front().is_selector && Matches(place.steps.front(), at);
    selected = selected || skips;
    inside.push_back(
        {skips ? place.steps.subspan(1) : place.steps, place.companion});
  }
  if (EndsHere(inside)) return std::nullopt;
  std::optional<Value> out = WithoutMembers(at, inside);
  if (out && selected && IsStub(*out, places)) return std::nullopt;
  return out;
}

absl::StatusOr<std::string> Unescape(std::string_view token) {
  LIMPID_ASSIGN_OR_RETURN(std::vector<std::string> tokens,
                          json::SplitPointer("/" + std::string(token)));
  return std::move(tokens.front());
}

absl::StatusOr<PlaceStep> ParseStep(std::string_view token) {
  PlaceStep step;
  step.is_selector = IsSelector(token);
  if (!step.is_selector) {
    LIMPID_ASSIGN_OR_RETURN(step.key, Unescape(token));
    return step;
  }
  token = token.substr(1, token.size() - 2);
  const std::size_t equals = token.find('=');
  LIMPID_ASSIGN_OR_RETURN(step.key, Unescape(token.substr(0, equals)));
  LIMPID_ASSIGN_OR_RETURN(step.value, Unescape(token.substr(equals + 1)));
  if (step.key.empty() || step.value.empty()) {
    return absl::InvalidArgumentError("a selector is [member=text]");
  }
  return step;
}

}  // namespace

absl::StatusOr<std::vector<PlaceStep>> ParsePlace(std::string_view place) {
  std::vector<PlaceStep> out;
  if (place.empty()) return out;
  if (place.front() != '/') {
    return absl::InvalidArgumentError("a place starts with '/'");
  }
  if (!base::IsUtf8(place)) {
    return absl::InvalidArgumentError("a place is not UTF-8");
  }
  while (!place.empty()) {
    if (out.size() == kMaxPlaceSteps) {
      return absl::InvalidArgumentError("a place has at most 16 steps");
    }
    place.remove_prefix(1);
    const std::size_t end = std::min(place.find('/'), place.size());
    LIMPID_ASSIGN_OR_RETURN(PlaceStep step, ParseStep(place.substr(0, end)));
    out.push_back(std::move(step));
    place.remove_prefix(end);
  }
  return out;
}

const Value* FindPlace(const Value& document, std::string_view place) {
  const auto steps = ParsePlace(place);
  if (!steps.ok()) return nullptr;
  const Value* at = &document;
  for (const PlaceStep& step : *steps) {
    at = Follow(*at, step);
    if (at == nullptr) return nullptr;
  }
  return at;
}

absl::Status SetPlace(Value& document, std::string_view place, Value value) {
  LIMPID_ASSIGN_OR_RETURN(const std::vector<PlaceStep> steps,
                          ParsePlace(place));
  LIMPID_ASSIGN_OR_RETURN(Value after,
                          With(&document, steps, std::move(value)));
  document = std::move(after);
  return absl::OkStatus();
}

Value RestOf(const Value& document, std::span<const TakenPlace> taken) {
  std::vector<std::vector<PlaceStep>> parsed;
  for (const TakenPlace& place : taken) {
    auto steps = ParsePlace(place.place);
    parsed.push_back(steps.ok() ? *std::move(steps) : std::vector<PlaceStep>());
  }
  Places places;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (parsed[i].empty()) continue;
    places.push_back({parsed[i], taken[i].companion});
  }
  std::optional<Value> rest = Without(document, places);
  return rest ? *std::move(rest) : Value::Object();
}

}  // namespace limpid::algoregister
