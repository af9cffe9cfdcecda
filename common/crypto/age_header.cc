#include "common/crypto/age_header.h"

#include <algorithm>
#include <optional>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/age.h"

namespace limpid::crypto {
namespace {

constexpr std::string_view kVersionLine = "age-encryption.org/v1";
constexpr std::string_view kStanzaStart = "-> ";
constexpr std::string_view kFooter = "---";
constexpr std::size_t kColumns = 64;
constexpr std::size_t kQuad = 4;

absl::Status Malformed() {
  return absl::InvalidArgumentError("is not a file of age, version 1");
}

// Takes lines off a header, each up to a line feed.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  std::optional<std::string_view> Next() {
    const std::size_t end = text_.find('\n', at_);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = text_.substr(at_, end - at_);
    at_ = end + 1;
    return line;
  }
  [[nodiscard]] bool NextStartsWith(std::string_view prefix) const {
    return text_.substr(at_).starts_with(prefix);
  }
  [[nodiscard]] std::size_t at() const { return at_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

absl::StatusOr<std::vector<std::string>> Arguments(std::string_view line) {
  std::vector<std::string> out(1);
  for (const char c : line) {
    if (c == ' ') {
      out.emplace_back();
    } else if (c > ' ' && c <= '~') {
      out.back() += c;
    } else {
      return Malformed();
    }
  }
  const auto empty = [](const std::string& one) { return one.empty(); };
  if (std::any_of(out.begin(), out.end(), empty)) return Malformed();
  return out;
}

absl::StatusOr<AgeStanza> ReadStanza(Lines& lines) {
  const auto first = lines.Next();
  if (!first) return Malformed();
  AgeStanza out;
  LIMPID_ASSIGN_OR_RETURN(out.arguments,
                          Arguments(first->substr(kStanzaStart.size())));
  // The body ends with the first line that is not full, which may be empty.
  for (;;) {
    const auto line = lines.Next();
    if (!line || line->size() > kColumns) return Malformed();
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes part, AgeUnbase64(*line));
    out.body.insert(out.body.end(), part.begin(), part.end());
    if (line->size() < kColumns) return out;
  }
}

}  // namespace

std::string AgeBase64(base::ByteView bytes) {
  std::string out = base::Base64Encode(bytes);
  while (!out.empty() && out.back() == '=') out.pop_back();
  return out;
}

absl::StatusOr<base::Bytes> AgeUnbase64(std::string_view text) {
  if (text.find('=') != std::string_view::npos) return Malformed();
  std::string padded(text);
  padded.append((kQuad - padded.size() % kQuad) % kQuad, '=');
  auto out = base::Base64Decode(padded);
  if (!out.ok()) return Malformed();
  return out;
}

std::string WriteAgeStanzas(const std::vector<AgeStanza>& stanzas) {
  std::string out(kVersionLine);
  out += '\n';
  for (const AgeStanza& stanza : stanzas) {
    out += "->";
    for (const std::string& argument : stanza.arguments) {
      out += ' ';
      out += argument;
    }
    out += '\n';
    const std::string body = AgeBase64(stanza.body);
    for (std::size_t i = 0; i <= body.size(); i += kColumns) {
      out += body.substr(i, kColumns);
      out += '\n';
    }
  }
  out += kFooter;
  return out;
}

absl::StatusOr<AgeHeader> ReadAgeHeader(base::ByteView file) {
  const std::string_view text =
      base::AsText(file).substr(0, kMaxAgeHeaderBytes);
  Lines lines(text);
  if (lines.Next() != kVersionLine) return Malformed();
  AgeHeader out;
  while (lines.NextStartsWith(kStanzaStart)) {
    LIMPID_ASSIGN_OR_RETURN(out.stanzas.emplace_back(), ReadStanza(lines));
  }
  out.authenticated = text.substr(0, lines.at() + kFooter.size());
  const auto footer = lines.Next();
  if (out.stanzas.empty() || !footer || !footer->starts_with(kFooter) ||
      footer->substr(kFooter.size(), 1) != " ") {
    return Malformed();
  }
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes mac,
                          AgeUnbase64(footer->substr(kFooter.size() + 1)));
  const auto array = base::ToArray<32>(mac);
  if (!array.ok()) return Malformed();
  out.mac = *array;
  out.size = lines.at();
  return out;
}

}  // namespace limpid::crypto
