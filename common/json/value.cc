#include "common/json/value.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::json {
namespace {

using base::ToAbsl;

constexpr bool IsThreeByteLeadAboveSurrogates(unsigned char byte) {
  return byte == 0xee || byte == 0xef;
}

// UTF-8 sorts U+E000..U+FFFF (lead bytes ee, ef) before the supplementary
// planes (f0..f4); UTF-16 sorts them after, since surrogates are d800..dfff.
constexpr int Utf16Rank(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return IsThreeByteLeadAboveSurrogates(byte) ? byte + 0x10 : byte;
}

// Index of an array element: digits without a leading zero.
const Value* ElementAt(const Value& array, std::string_view token) {
  std::uint64_t index = 0;
  const bool canonical =
      token == "0" || (!token.empty() && token.front() != '0');
  if (!canonical ||
      !std::all_of(token.begin(), token.end(),
                   [](char c) { return c >= '0' && c <= '9'; }) ||
      !absl::SimpleAtoi(ToAbsl(token), &index) || index >= array.size()) {
    return nullptr;
  }
  return &array.elements()[index];
}

absl::StatusOr<std::string> UnescapeToken(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '~') {
      out.push_back(token[i]);
      continue;
    }
    ++i;
    if (i == token.size() || (token[i] != '0' && token[i] != '1')) {
      return absl::InvalidArgumentError("a JSON pointer has a bad escape");
    }
    out.push_back(token[i] == '0' ? '~' : '/');
  }
  return out;
}

bool MemberBefore(const Member& member, std::string_view key) {
  return KeyLess(member.key, key);
}

}  // namespace

std::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kNull:
      return "null";
    case Kind::kBool:
      return "a boolean";
    case Kind::kInteger:
      return "an integer";
    case Kind::kReal:
      return "a number";
    case Kind::kString:
      return "a string";
    case Kind::kArray:
      return "an array";
    case Kind::kObject:
      return "an object";
  }
  return "unknown";
}

bool KeyLess(std::string_view left, std::string_view right) {
  const auto [l, r] =
      std::mismatch(left.begin(), left.end(), right.begin(), right.end());
  if (r == right.end()) return false;
  if (l == left.end()) return true;
  return Utf16Rank(*l) < Utf16Rank(*r);
}

Value::Value(Flag value) : data_(value.value) {}
Value::Value(Integral value) : data_(value.value) {}
Value::Value() = default;
Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;

Value::Value(std::string text) : data_(std::move(text)) {
  LIMPID_CHECK(base::IsUtf8(string()));
}
Value::Value(std::string_view text) : Value(std::string(text)) {}
Value::Value(const char* text) : Value(std::string(text)) {}
Value::Value(std::vector<Value> elements) : data_(std::move(elements)) {}

Value Value::Object() {
  Value out;
  out.data_ = Members();
  return out;
}

Value Value::Array() { return Value(Elements()); }

Value Value::Object(std::initializer_list<Member> members) {
  Value out = Object();
  for (const Member& member : members) out.SetMember(member.key, member.value);
  return out;
}

absl::StatusOr<Value> Value::FromText(std::string_view text) {
  if (!base::IsUtf8(text)) {
    return absl::InvalidArgumentError("the text is not UTF-8");
  }
  return Value(text);
}

absl::StatusOr<Value> Value::FromDouble(double value) {
  if (!std::isfinite(value)) {
    return absl::InvalidArgumentError("the number is not finite");
  }
  constexpr auto kLimit = static_cast<double>(kMaxInteger);
  if (std::trunc(value) == value && std::abs(value) <= kLimit) {
    return Value(static_cast<std::int64_t>(value));
  }
  Value out;
  out.data_ = value;
  return out;
}

void Value::RequireSafe(bool safe) { LIMPID_CHECK(safe); }

Kind Value::kind() const { return static_cast<Kind>(data_.index()); }

bool Value::boolean() const {
  LIMPID_CHECK(is_bool());
  return std::get<bool>(data_);
}

std::int64_t Value::integer() const {
  LIMPID_CHECK(is_integer());
  return std::get<std::int64_t>(data_);
}

double Value::number() const {
  LIMPID_CHECK(is_number());
  if (is_integer()) return static_cast<double>(integer());
  return std::get<double>(data_);
}

const std::string& Value::string() const {
  LIMPID_CHECK(is_string());
  return std::get<std::string>(data_);
}

std::span<const Value> Value::elements() const {
  LIMPID_CHECK(is_array());
  return std::get<Elements>(data_);
}

std::span<const Member> Value::members() const {
  LIMPID_CHECK(is_object());
  return std::get<Members>(data_);
}

std::size_t Value::size() const {
  if (is_array()) return elements().size();
  if (is_object()) return members().size();
  return 0;
}

const Value* Value::Find(std::string_view key) const {
  if (!is_object()) return nullptr;
  const auto& all = std::get<Members>(data_);
  // Most objects have so few members that a look at each key costs less than
  // comparing some by the order of RFC 8785.
  constexpr std::size_t kFewMembers = 8;
  if (all.size() <= kFewMembers) {
    const auto found =
        std::find_if(all.begin(), all.end(),
                     [key](const Member& one) { return one.key == key; });
    return found == all.end() ? nullptr : &found->value;
  }
  const auto at = std::lower_bound(all.begin(), all.end(), key, MemberBefore);
  return at != all.end() && at->key == key ? &at->value : nullptr;
}

const Value* Value::FindPointer(std::string_view pointer) const {
  const auto tokens = SplitPointer(pointer);
  if (!tokens.ok()) return nullptr;
  const Value* at = this;
  for (const std::string& token : *tokens) {
    at = at->is_array() ? ElementAt(*at, token) : at->Find(token);
    if (at == nullptr) return nullptr;
  }
  return at;
}

absl::StatusOr<const Value*> Value::Required(std::string_view key,
                                             Kind kind) const {
  if (!is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the value is not an object with \"", ToAbsl(key), "\""));
  }
  const Value* const found = Find(key);
  if (found == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", ToAbsl(key), "\" is missing"));
  }
  if (found->kind() != kind) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", ToAbsl(key), "\" is not ", ToAbsl(KindName(kind))));
  }
  return found;
}

absl::StatusOr<std::string> Value::GetString(std::string_view key) const {
  LIMPID_ASSIGN_OR_RETURN(const Value* found, Required(key, Kind::kString));
  return found->string();
}

absl::StatusOr<std::int64_t> Value::GetInteger(std::string_view key) const {
  LIMPID_ASSIGN_OR_RETURN(const Value* found, Required(key, Kind::kInteger));
  return found->integer();
}

absl::StatusOr<bool> Value::GetBool(std::string_view key) const {
  LIMPID_ASSIGN_OR_RETURN(const Value* found, Required(key, Kind::kBool));
  return found->boolean();
}

absl::StatusOr<Value> Value::GetArray(std::string_view key) const {
  LIMPID_ASSIGN_OR_RETURN(const Value* found, Required(key, Kind::kArray));
  return *found;
}

absl::StatusOr<Value> Value::GetObject(std::string_view key) const {
  LIMPID_ASSIGN_OR_RETURN(const Value* found, Required(key, Kind::kObject));
  return *found;
}

absl::Status Value::CheckOnlyKeys(
    std::initializer_list<std::string_view> keys) const {
  if (!is_object()) {
    return absl::InvalidArgumentError("the value is not an object");
  }
  for (const Member& member : members()) {
    if (std::find(keys.begin(), keys.end(), member.key) == keys.end()) {
      return absl::InvalidArgumentError("the object has an unknown member");
    }
  }
  return absl::OkStatus();
}

Value& Value::SetMember(std::string_view key, Value value) {
  LIMPID_CHECK(is_object() && base::IsUtf8(key));
  auto& all = std::get<Members>(data_);
  const auto at = std::lower_bound(all.begin(), all.end(), key, MemberBefore);
  if (at != all.end() && at->key == key) {
    at->value = std::move(value);
  } else {
    all.insert(at, Member{std::string(key), std::move(value)});
  }
  return *this;
}

Value& Value::AppendElement(Value value) {
  LIMPID_CHECK(is_array());
  std::get<Elements>(data_).push_back(std::move(value));
  return *this;
}

bool Value::Remove(std::string_view key) {
  LIMPID_CHECK(is_object());
  auto& all = std::get<Members>(data_);
  const auto at = std::lower_bound(all.begin(), all.end(), key, MemberBefore);
  if (at == all.end() || at->key != key) return false;
  all.erase(at);
  return true;
}

std::vector<Member> Value::TakeMembers() && {
  LIMPID_CHECK(is_object());
  return std::move(std::get<Members>(data_));
}

bool operator==(const Value& left, const Value& right) {
  return left.data_ == right.data_;
}

std::string PointerToken(std::string_view token) {
  std::string out;
  for (const char character : token) {
    if (character == '~') {
      out += "~0";
    } else if (character == '/') {
      out += "~1";
    } else {
      out.push_back(character);
    }
  }
  return out;
}

absl::StatusOr<std::vector<std::string>> SplitPointer(
    std::string_view pointer) {
  std::vector<std::string> out;
  if (pointer.empty()) return out;
  if (pointer.front() != '/') {
    return absl::InvalidArgumentError("a JSON pointer starts with '/'");
  }
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    LIMPID_ASSIGN_OR_RETURN(std::string token,
                            UnescapeToken(pointer.substr(0, end)));
    out.push_back(std::move(token));
    pointer.remove_prefix(end);
  }
  return out;
}

}  // namespace limpid::json
