#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/json/json.h"
#include "common/json/position.h"
#include "nlohmann/json.hpp"

namespace limpid::json {
namespace {

// A forward iterator over the text that tells how far the lexer has read: its
// SAX interface names no position for a well-formed event.
class CountingIterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator() = default;
  CountingIterator(std::string_view text, std::size_t at, std::size_t& reached)
      : text_(text), at_(at), reached_(&reached) {}

  reference operator*() const { return text_[at_]; }
  CountingIterator& operator++() {
    ++at_;
    *reached_ = at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator old = *this;
    ++*this;
    return old;
  }
  friend bool operator==(const CountingIterator& left,
                         const CountingIterator& right) {
    return left.at_ == right.at_;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t* reached_ = nullptr;
};

// An array or object whose end has not been read yet.
struct Open {
  bool is_object = false;
  std::vector<Value> elements;
  std::vector<Member> members;
  // Offset behind each key, for the message about a second one.
  std::vector<std::size_t> key_ends;
  std::string key;
};

bool IsIntegerLiteral(std::string_view literal) {
  return literal.find_first_of(".eE") == std::string_view::npos;
}

// Whether the digits before any exponent are all zero.
bool IsZeroLiteral(std::string_view literal) {
  const std::string_view mantissa =
      literal.substr(0, literal.find_first_of("eE"));
  return mantissa.find_first_of("123456789") == std::string_view::npos;
}

// Whether keys ascend in the order of RFC 8785, so that none comes twice.
bool IsInOrder(const std::vector<Member>& members) {
  return std::adjacent_find(members.begin(), members.end(),
                            [](const Member& left, const Member& right) {
                              return !KeyLess(left.key, right.key);
                            }) == members.end();
}

// Where a place inside a piece is in the text that the piece starts in.
Position Shift(Position inside, Position start) {
  return {.line = start.line + inside.line - 1,
          .column = inside.line == 1 ? start.column + inside.column - 1
                                     : inside.column};
}

}  // namespace

// Turns the lexer's events into a Value. Every method answers whether to go
// on; the first refusal is kept in status().
class Builder {
 public:
  Builder(std::string_view text, Position start, const ParseLimits& limits)
      : text_(text), start_(start), limits_(limits) {}

  absl::StatusOr<Value> Run() {
    const CountingIterator begin(text_, 0, reached_);
    const CountingIterator end(text_, text_.size(), reached_);
    const bool parsed = nlohmann::json::sax_parse(begin, end, this);
    if (!status_.ok()) return status_;
    if (!parsed) return Refuse("not a JSON text"), status_;
    return std::move(root_);
  }

  // The lexer's interface; the names are its.
  // NOLINTBEGIN(readability-identifier-naming)
  bool null() { return Add(Value()); }
  bool boolean(bool value) { return Add(Value(value)); }
  bool number_integer(std::int64_t value) {
    return Integer(value < -kMaxInteger, static_cast<double>(value),
                   absl::StrCat(value));
  }
  bool number_unsigned(std::uint64_t value) {
    return Integer(value > static_cast<std::uint64_t>(kMaxInteger),
                   static_cast<double>(value), absl::StrCat(value));
  }
  bool number_float(double value, const std::string& literal) {
    if (IsIntegerLiteral(literal)) {
      return Integer(/*unsafe=*/true, value, literal);
    }
    if (value == 0 && !IsZeroLiteral(literal)) {
      return Refuse("a number is too small for a double");
    }
    return AddDouble(value);
  }
  bool string(std::string& value) { return Add(TextValue(std::move(value))); }
  bool binary(std::vector<std::uint8_t>& /*value*/) {
    return Refuse("binary values are not JSON");
  }
  bool start_object(std::size_t /*size*/) { return Begin(/*is_object=*/true); }
  bool start_array(std::size_t /*size*/) { return Begin(/*is_object=*/false); }
  bool key(std::string& name) {
    open_.back().key = std::move(name);
    open_.back().key_ends.push_back(Offset());
    return true;
  }
  bool end_object() { return EndObject(); }
  bool end_array() {
    Value value(std::move(open_.back().elements));
    open_.pop_back();
    return Place(std::move(value));
  }
  bool parse_error(std::size_t position, const std::string& /*last_token*/,
                   const nlohmann::detail::exception& error) {
    // The library's message quotes the text, which must not reach a log. Its
    // class of error is enough: 406 is a number beyond a double.
    constexpr int kNumberOverflow = 406;
    reached_ = std::min(position, text_.size());
    return Refuse(error.id == kNumberOverflow
                      ? "a number is too large for a double"
                      : "not well-formed JSON");
  }
  // NOLINTEND(readability-identifier-naming)

 private:
  static Value TextValue(std::string text) {
    // The lexer has checked that it is UTF-8.
    Value out;
    out.data_ = std::move(text);
    return out;
  }

  // Offset of the byte the lexer read last.
  [[nodiscard]] std::size_t Offset() const {
    return reached_ == 0 ? 0 : reached_ - 1;
  }

  bool RefuseAt(absl::StatusCode code, std::size_t offset,
                std::string_view reason) {
    if (status_.ok()) {
      status_ = ErrorAt(code, Shift(PositionOf(text_, offset), start_), reason);
    }
    return false;
  }
  bool Refuse(std::string_view reason) {
    return RefuseAt(absl::StatusCode::kInvalidArgument, Offset(), reason);
  }

  bool Integer(bool unsafe, double value, const std::string& literal) {
    if (!unsafe) return AddDouble(value);
    // Beyond the safe range only the canonical spelling of a double is taken.
    const auto real = Value::FromDouble(value);
    if (!real.ok()) return Refuse("a number is too large for a double");
    if (Canonical(*real) != literal) {
      return Refuse("an integer is beyond 2^53 and would change");
    }
    return Add(*real);
  }

  bool AddDouble(double value) {
    auto real = Value::FromDouble(value);
    if (!real.ok()) return Refuse("a number is too large for a double");
    return Add(*std::move(real));
  }

  bool Add(Value value) { return CountValue() && Place(std::move(value)); }

  bool CountValue() {
    if (++value_count_ <= limits_.max_values) return true;
    return RefuseAt(absl::StatusCode::kResourceExhausted, Offset(),
                    "more values than allowed");
  }

  bool Begin(bool is_object) {
    if (!CountValue()) return false;
    if (open_.size() == limits_.max_depth) {
      return RefuseAt(absl::StatusCode::kResourceExhausted, Offset(),
                      "nested deeper than allowed");
    }
    open_.emplace_back().is_object = is_object;
    return true;
  }

  bool EndObject() {
    Open top = std::move(open_.back());
    open_.pop_back();
    // Canonical text, which most of what is read is, needs no sorting.
    if (IsInOrder(top.members)) {
      top.members.shrink_to_fit();
      Value value;
      value.data_ = std::move(top.members);
      return Place(std::move(value));
    }
    std::vector<std::size_t> order(top.members.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&top](std::size_t left, std::size_t right) {
                       return KeyLess(top.members[left].key,
                                      top.members[right].key);
                     });
    Value::Members sorted;
    sorted.reserve(order.size());
    for (const std::size_t index : order) {
      Member& member = top.members[index];
      if (!sorted.empty() && sorted.back().key == member.key) {
        return RefuseAt(absl::StatusCode::kInvalidArgument, top.key_ends[index],
                        "a key appears twice");
      }
      sorted.push_back(std::move(member));
    }
    Value value;
    value.data_ = std::move(sorted);
    return Place(std::move(value));
  }

  bool Place(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().is_object) {
      open_.back().members.push_back(
          {std::move(open_.back().key), std::move(value)});
    } else {
      open_.back().elements.push_back(std::move(value));
    }
    return true;
  }

  std::string_view text_;
  Position start_;
  const ParseLimits& limits_;
  // How many bytes the lexer has read.
  std::size_t reached_ = 0;
  std::size_t value_count_ = 0;
  std::vector<Open> open_;
  Value root_;
  absl::Status status_;
};

absl::StatusOr<Value> ParseStrictFrom(std::string_view text, Position start,
                                      const ParseLimits& limits) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.size() > limits.max_bytes) {
    return ErrorAt(absl::StatusCode::kResourceExhausted, start,
                   "larger than allowed");
  }
  if (text.starts_with(kByteOrderMark)) {
    return ErrorAt(absl::StatusCode::kInvalidArgument, start,
                   "starts with a byte-order mark");
  }
  // The lexer takes a NUL for the end of its input; no JSON text holds one.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return ErrorAt(absl::StatusCode::kInvalidArgument,
                   Shift(PositionOf(text, nul), start), "a NUL byte");
  }
  return Builder(text, start, limits).Run();
}

absl::StatusOr<Value> ParseStrict(std::string_view text,
                                  const ParseLimits& limits) {
  return ParseStrictFrom(text, Position(), limits);
}

}  // namespace limpid::json
