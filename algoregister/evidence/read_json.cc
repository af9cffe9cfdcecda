#include "algoregister/evidence/read_json.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"

namespace limpid::algoregister::evidence {

using base::ToAbsl;

absl::Status Fault(std::string_view pointer, std::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat(
      ToAbsl(pointer.empty() ? "<file>" : pointer), ": ", ToAbsl(reason)));
}

std::string Below(std::string_view pointer, std::string_view key) {
  return absl::StrCat(ToAbsl(pointer), "/", json::PointerToken(key));
}

absl::Status CheckMembers(const json::Value& object, std::string_view pointer,
                          std::initializer_list<std::string_view> required,
                          std::initializer_list<std::string_view> optional) {
  if (!object.is_object()) return Fault(pointer, "must be an object");
  for (const std::string_view key : required) {
    if (object.Find(key) == nullptr) {
      return Fault(Below(pointer, key), "missing");
    }
  }
  const auto in = [](std::initializer_list<std::string_view> keys,
                     std::string_view key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  for (const json::Member& member : object.members()) {
    if (!in(required, member.key) && !in(optional, member.key)) {
      return Fault(Below(pointer, member.key), "unknown member");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadText(const json::Value& object,
                                     std::string_view pointer,
                                     std::string_view key,
                                     std::size_t max_bytes) {
  const json::Value* const value = object.Find(key);
  if (value == nullptr) return Fault(Below(pointer, key), "missing");
  if (!value->is_string()) return Fault(Below(pointer, key), "must be a text");
  const std::string& text = value->string();
  if (text.empty()) return Fault(Below(pointer, key), "must not be empty");
  if (text.size() > max_bytes) return Fault(Below(pointer, key), "too long");
  constexpr std::string_view kRefused("\0\r\n", 3);
  if (text.find_first_of(kRefused) != std::string::npos) {
    return Fault(Below(pointer, key), "has a NUL or a line end");
  }
  return text;
}

absl::StatusOr<double> ReadNumber(const json::Value& object,
                                  std::string_view pointer,
                                  std::string_view key) {
  const json::Value* const value = object.Find(key);
  if (value == nullptr) return Fault(Below(pointer, key), "missing");
  if (!value->is_number()) {
    return Fault(Below(pointer, key), "must be a number");
  }
  return value->number();
}

absl::StatusOr<std::int64_t> ReadInteger(const json::Value& object,
                                         std::string_view pointer,
                                         std::string_view key, std::int64_t low,
                                         std::int64_t high) {
  const json::Value* const value = object.Find(key);
  if (value == nullptr) return Fault(Below(pointer, key), "missing");
  if (!value->is_integer() || value->integer() < low ||
      value->integer() > high) {
    return Fault(
        Below(pointer, key),
        absl::StrCat("must be a whole number ", low, " to ", high).c_str());
  }
  return value->integer();
}

}  // namespace limpid::algoregister::evidence
