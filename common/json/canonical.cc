#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "common/json/one_copy.h"

namespace limpid::json {
namespace {

// The shortest decimal digits that read back as the same double, and where the
// point stands: value = 0.DIGITS * 10^point.
struct Decimal {
  std::string digits;
  int point = 0;
};

Decimal ShortestDecimal(double value) {
  std::array<char, 32> buffer{};
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                    std::chars_format::scientific);
  LIMPID_CHECK(error == std::errc());
  const std::string_view text(buffer.data(),
                              static_cast<std::size_t>(end - buffer.data()));
  const std::size_t mark = text.find('e');
  Decimal out;
  for (const char c : text.substr(0, mark)) {
    if (c != '.') out.digits.push_back(c);
  }
  int exponent = 0;
  LIMPID_CHECK(
      absl::SimpleAtoi(base::ToAbsl(text.substr(mark + 1)), &exponent));
  out.point = exponent + 1;
  return out;
}

// ECMA-262 Number::toString for a positive finite number: "If k <= n <= 21",
// "If 0 < n <= 21", "If -6 < n <= 0", otherwise exponential.
std::string PositiveReal(double value) {
  constexpr int kMostPlainDigits = 21;
  constexpr int kMostLeadingZeros = 6;
  const Decimal decimal = ShortestDecimal(value);
  const auto count = static_cast<int>(decimal.digits.size());
  const int point = decimal.point;
  const auto at = static_cast<std::size_t>(point > 0 ? point : 0);
  if (count <= point && point <= kMostPlainDigits) {
    return decimal.digits +
           std::string(static_cast<std::size_t>(point - count), '0');
  }
  if (0 < point && point <= kMostPlainDigits) {
    return decimal.digits.substr(0, at) + "." + decimal.digits.substr(at);
  }
  if (-kMostLeadingZeros < point && point <= 0) {
    return "0." + std::string(static_cast<std::size_t>(-point), '0') +
           decimal.digits;
  }
  const int exponent = point - 1;
  std::string out = decimal.digits.substr(0, 1);
  if (count > 1) out += "." + decimal.digits.substr(1);
  absl::StrAppend(&out, "e", exponent < 0 ? "-" : "+",
                  exponent < 0 ? -exponent : exponent);
  return out;
}

std::string Real(double value) {
  if (value == 0) return "0";
  return value < 0 ? "-" + PositiveReal(-value) : PositiveReal(value);
}

constexpr unsigned char kFirstPrintable = 0x20;

bool NeedsEscape(char character) {
  return character == '"' || character == '\\' ||
         static_cast<unsigned char>(character) < kFirstPrintable;
}

// A character that NeedsEscape.
void AppendEscaped(char character, std::string& out) {
  switch (character) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\r':
      out += "\\r";
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(character);
  out += "\\u00" + base::HexEncode(base::ByteView(&byte, 1));
}

void AppendString(std::string_view text, std::string& out) {
  out.push_back('"');
  // Texts are long and hardly any character needs an escape.
  while (!text.empty()) {
    const auto run =
        std::find_if(text.begin(), text.end(), NeedsEscape) - text.begin();
    out.append(text.substr(0, static_cast<std::size_t>(run)));
    text.remove_prefix(static_cast<std::size_t>(run));
    if (text.empty()) break;
    AppendEscaped(text.front(), out);
    text.remove_prefix(1);
  }
  out.push_back('"');
}

// Appends one value to `out`, which must outlive it, compact or indented, in
// member order.
class Writer {
 public:
  Writer(bool pretty, std::string& out) : pretty_(pretty), out_(out) {}

  void Write(const Value& value) {
    switch (value.kind()) {
      case Kind::kNull:
        out_ += "null";
        return;
      case Kind::kBool:
        out_ += value.boolean() ? "true" : "false";
        return;
      case Kind::kInteger:
        absl::StrAppend(&out_, value.integer());
        return;
      case Kind::kReal:
        out_ += Real(value.number());
        return;
      case Kind::kString:
        AppendString(value.string(), out_);
        return;
      case Kind::kArray:
        WriteArray(value);
        return;
      case Kind::kObject:
        WriteObject(value);
        return;
    }
  }

 private:
  void WriteArray(const Value& value) {
    out_.push_back('[');
    ++depth_;
    bool first = true;
    for (const Value& element : value.elements()) {
      Separate(first);
      first = false;
      Write(element);
    }
    --depth_;
    if (!first) NewLine();
    out_.push_back(']');
  }

  void WriteObject(const Value& value) {
    out_.push_back('{');
    ++depth_;
    bool first = true;
    for (const Member& member : value.members()) {
      Separate(first);
      first = false;
      AppendString(member.key, out_);
      out_ += pretty_ ? ": " : ":";
      Write(member.value);
    }
    --depth_;
    if (!first) NewLine();
    out_.push_back('}');
  }

  void Separate(bool first) {
    if (!first) out_.push_back(',');
    NewLine();
  }

  void NewLine() {
    if (!pretty_) return;
    out_.push_back('\n');
    out_.append(depth_ * 2, ' ');
  }

  bool pretty_;
  std::size_t depth_ = 0;
  std::string& out_;
};

}  // namespace

std::string Canonical(const Value& value) {
  return CanonicalInOnePlace(value, 0);
}

void AppendCanonical(const Value& value, std::string& out) {
  Writer(/*pretty=*/false, out).Write(value);
}

std::string CanonicalInOnePlace(const Value& value, std::size_t most_bytes) {
  std::string out;
  out.reserve(most_bytes);
  AppendCanonical(value, out);
  return out;
}

std::string Pretty(const Value& value) {
  std::string out;
  Writer(/*pretty=*/true, out).Write(value);
  out.push_back('\n');
  return out;
}

}  // namespace limpid::json
