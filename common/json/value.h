// Value is one JSON value of the project's own, so that no header names the
// parser behind it. It refuses what canonical JSON cannot carry: text that is
// not UTF-8, numbers that are not finite, integers a double cannot hold.
// Object keys are unique and kept in the order of RFC 8785 section 3.2.3.

#ifndef LIMPID_COMMON_JSON_VALUE_H_
#define LIMPID_COMMON_JSON_VALUE_H_

#include <concepts>
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

namespace limpid::json {

// 2^53 - 1, the largest integer whose neighbours a double still tells apart
// (RFC 7493 section 2.2).
inline constexpr std::int64_t kMaxInteger = 9'007'199'254'740'991;

enum class Kind { kNull, kBool, kInteger, kReal, kString, kArray, kObject };

// "null", "a boolean", "an integer", ... for messages.
std::string_view KindName(Kind kind);

struct Member;

// A value type. Thread-compatible. A number is kInteger whenever it is
// integral and within +-kMaxInteger, however it was written (56.0 is 56, -0 is
// 0), and kReal otherwise, so that equal values have equal canonical bytes.
class Value {
 public:
  // null.
  Value();
  explicit Value(std::same_as<bool> auto value) : Value(Flag{value}) {}
  // Aborts beyond +-kMaxInteger: callers keep larger numbers as text.
  template <std::integral T>
  requires(!std::same_as<T, bool> &&
           !std::same_as<T, char>) explicit Value(T value)
      : Value(Integral{CheckedInteger(value)}) {}
  // Abort on text that is not UTF-8; FromText is for bytes of others.
  explicit Value(std::string text);
  explicit Value(std::string_view text);
  explicit Value(const char* text);
  explicit Value(std::vector<Value> elements);

  // An object or an array without contents.
  static Value Object();
  static Value Array();
  // An object of these members; a later one replaces an earlier one.
  static Value Object(std::initializer_list<Member> members);

  // Errors:
  //   kInvalidArgument  `text` is not UTF-8; `value` is not finite.
  static absl::StatusOr<Value> FromText(std::string_view text);
  static absl::StatusOr<Value> FromDouble(double value);

  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();

  [[nodiscard]] Kind kind() const;
  [[nodiscard]] bool is_null() const { return kind() == Kind::kNull; }
  [[nodiscard]] bool is_bool() const { return kind() == Kind::kBool; }
  [[nodiscard]] bool is_integer() const { return kind() == Kind::kInteger; }
  [[nodiscard]] bool is_number() const {
    return is_integer() || kind() == Kind::kReal;
  }
  [[nodiscard]] bool is_string() const { return kind() == Kind::kString; }
  [[nodiscard]] bool is_array() const { return kind() == Kind::kArray; }
  [[nodiscard]] bool is_object() const { return kind() == Kind::kObject; }

  // The contents. Abort unless the kind fits: ask first, or use Get* below.
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::int64_t integer() const;
  [[nodiscard]] double number() const;
  [[nodiscard]] const std::string& string() const;
  [[nodiscard]] std::span<const Value> elements() const;
  // In canonical key order.
  [[nodiscard]] std::span<const Member> members() const;
  // Elements or members; 0 for every other kind.
  [[nodiscard]] std::size_t size() const;

  // The member named `key`, or nullptr; nullptr too when not an object. Valid
  // until this value changes.
  [[nodiscard]] const Value* Find(std::string_view key) const;
  // What an RFC 6901 pointer names ("" is the value itself), or nullptr.
  [[nodiscard]] const Value* FindPointer(std::string_view pointer) const;

  // A required member of an object.
  //
  // Errors:
  //   kInvalidArgument  not an object, no such member, or of another kind; the
  //                     message names `key`, never the contents.
  [[nodiscard]] absl::StatusOr<std::string> GetString(
      std::string_view key) const;
  [[nodiscard]] absl::StatusOr<std::int64_t> GetInteger(
      std::string_view key) const;
  [[nodiscard]] absl::StatusOr<bool> GetBool(std::string_view key) const;
  // A copy of the member, which must be an array or an object.
  [[nodiscard]] absl::StatusOr<Value> GetArray(std::string_view key) const;
  [[nodiscard]] absl::StatusOr<Value> GetObject(std::string_view key) const;

  // Errors:
  //   kInvalidArgument  not an object, or a member outside `keys`.
  [[nodiscard]] absl::Status CheckOnlyKeys(
      std::initializer_list<std::string_view> keys) const;

  // Adds or replaces a member; aborts unless this is an object.
  template <typename T>
  Value& Set(std::string_view key, T&& value) {
    return SetMember(key, Value(std::forward<T>(value)));
  }
  // Adds an element at the end; aborts unless this is an array.
  template <typename T>
  Value& Append(T&& value) {
    return AppendElement(Value(std::forward<T>(value)));
  }
  // Removes a member; returns whether there was one.
  bool Remove(std::string_view key);
  // The members, moved out, in canonical key order; aborts unless this is an
  // object.
  [[nodiscard]] std::vector<Member> TakeMembers() &&;

  friend bool operator==(const Value& left, const Value& right);

 private:
  friend class Builder;
  using Elements = std::vector<Value>;
  using Members = std::vector<Member>;
  struct Flag {
    bool value;
  };
  struct Integral {
    std::int64_t value;
  };

  // Out of line: Member is complete only below, and Clang minds.
  explicit Value(Flag value);
  explicit Value(Integral value);
  template <std::integral T>
  static std::int64_t CheckedInteger(T value) {
    RequireSafe(std::in_range<std::int64_t>(value) &&
                static_cast<std::int64_t>(value) <= kMaxInteger &&
                static_cast<std::int64_t>(value) >= -kMaxInteger);
    return static_cast<std::int64_t>(value);
  }
  static void RequireSafe(bool safe);
  Value& SetMember(std::string_view key, Value value);
  Value& AppendElement(Value value);
  [[nodiscard]] absl::StatusOr<const Value*> Required(std::string_view key,
                                                      Kind kind) const;

  std::variant<std::monostate, bool, std::int64_t, double, std::string,
               Elements, Members>
      data_;
};

// One member of an object.
struct Member {
  std::string key;
  Value value;

  friend bool operator==(const Member&, const Member&) = default;
};

// Whether `left` sorts before `right` by UTF-16 code units, the key order of
// RFC 8785. Both are UTF-8.
[[nodiscard]] bool KeyLess(std::string_view left, std::string_view right);

// `token` with '~' and '/' escaped for an RFC 6901 pointer.
std::string PointerToken(std::string_view token);
// The tokens of a pointer, unescaped.
//
// Errors:
//   kInvalidArgument  neither "" nor starting with '/', or a bad escape.
absl::StatusOr<std::vector<std::string>> SplitPointer(std::string_view pointer);

}  // namespace limpid::json

#endif  // LIMPID_COMMON_JSON_VALUE_H_
