#include "algoregister/registration/html_scanner.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace limpid::algoregister {
namespace {

// Their content is not for reading, or could come to life elsewhere.
constexpr auto kPassedOver = std::to_array<std::string_view>(
    {"iframe", "math", "noembed", "noframes", "noscript", "object", "script",
     "style", "svg", "template", "title", "xmp"});

// HTML 4 section 24.2.1: U+00A0 to U+00FF, in order.
constexpr auto kLatin1 = std::to_array<std::string_view>(
    {"nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar",
     "sect",   "uml",    "copy",   "ordf",   "laquo",  "not",    "shy",
     "reg",    "macr",   "deg",    "plusmn", "sup2",   "sup3",   "acute",
     "micro",  "para",   "middot", "cedil",  "sup1",   "ordm",   "raquo",
     "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc",
     "Atilde", "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute",
     "Ecirc",  "Euml",   "Igrave", "Iacute", "Icirc",  "Iuml",   "ETH",
     "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde", "Ouml",   "times",
     "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",
     "szlig",  "agrave", "aacute", "acirc",  "atilde", "auml",   "aring",
     "aelig",  "ccedil", "egrave", "eacute", "ecirc",  "euml",   "igrave",
     "iacute", "icirc",  "iuml",   "eth",    "ntilde", "ograve", "oacute",
     "ocirc",  "otilde", "ouml",   "divide", "oslash", "ugrave", "uacute",
     "ucirc",  "uuml",   "yacute", "thorn",  "yuml"});
constexpr std::uint32_t kLatin1Begin = 0xa0;

struct Named {
  std::string_view name;
  std::uint32_t code;
};
// What editors write beside them.
constexpr auto kNamed = std::to_array<Named>({
    {"amp", '&'},      {"lt", '<'},       {"gt", '>'},        {"quot", '"'},
    {"apos", '\''},    {"ndash", 0x2013}, {"mdash", 0x2014},  {"lsquo", 0x2018},
    {"rsquo", 0x2019}, {"sbquo", 0x201a}, {"ldquo", 0x201c},  {"rdquo", 0x201d},
    {"bdquo", 0x201e}, {"bull", 0x2022},  {"hellip", 0x2026}, {"euro", 0x20ac},
    {"trade", 0x2122}, {"rarr", 0x2192},  {"zwnj", 0x200c},   {"zwj", 0x200d},
    {"ensp", 0x2002},  {"emsp", 0x2003},  {"thinsp", 0x2009},
});

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string Utf8(std::uint32_t code) {
  constexpr std::uint32_t kSix = 0x3f;
  const auto byte = [](std::uint32_t bits) { return static_cast<char>(bits); };
  if (code < 0x80) return {byte(code)};
  std::string out;
  if (code < 0x800) {
    out.push_back(byte(0xc0U | (code >> 6U)));
  } else if (code < 0x10000) {
    out.push_back(byte(0xe0U | (code >> 12U)));
    out.push_back(byte(0x80U | ((code >> 6U) & kSix)));
  } else {
    out.push_back(byte(0xf0U | (code >> 18U)));
    out.push_back(byte(0x80U | ((code >> 12U) & kSix)));
    out.push_back(byte(0x80U | ((code >> 6U) & kSix)));
  }
  out.push_back(byte(0x80U | (code & kSix)));
  return out;
}

std::optional<std::uint32_t> CodeOfName(std::string_view name) {
  for (const Named& one : kNamed) {
    if (one.name == name) return one.code;
  }
  const auto* const found = std::find(kLatin1.begin(), kLatin1.end(), name);
  if (found == kLatin1.end()) return std::nullopt;
  return kLatin1Begin + static_cast<std::uint32_t>(found - kLatin1.begin());
}

// "#233" or "#xe9". No control characters and no halves of a pair.
std::optional<std::uint32_t> CodeOfNumber(std::string_view text) {
  text.remove_prefix(1);
  const bool hex = !text.empty() && Lower(text.front()) == 'x';
  if (hex) text.remove_prefix(1);
  std::uint32_t code = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] =
      std::from_chars(text.data(), end, code, hex ? 16 : 10);
  if (text.empty() || error != std::errc() || at != end) return std::nullopt;
  const bool control = (code < 0x20 && code != '\n' && code != '\t') ||
                       (code >= 0x7f && code < kLatin1Begin);
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (control || surrogate || code > 0x10ffff) return std::nullopt;
  return code;
}

}  // namespace

std::optional<Entity> EntityAt(std::string_view text) {
  // "&thetasym;" is the longest that HTML 4 has; numbers have up to 7 digits.
  constexpr std::size_t kLongest = 12;
  if (text.empty() || text.front() != '&') return std::nullopt;
  const std::size_t end = text.substr(0, kLongest).find(';');
  if (end == std::string_view::npos || end < 2) return std::nullopt;
  const std::string_view name = text.substr(1, end - 1);
  const auto code = name.front() == '#' ? CodeOfNumber(name) : CodeOfName(name);
  if (!code) return std::nullopt;
  return Entity{.character = Utf8(*code), .size = end + 1};
}

std::optional<HtmlPiece> HtmlScanner::Next() {
  while (at_ < html_.size()) {
    if (html_[at_] == '<') {
      if (Comment()) continue;
      if (auto tag = Tag()) return tag;
      if (at_ >= html_.size()) break;
    }
    HtmlPiece piece;
    piece.text = Text();
    if (!piece.text.empty()) return piece;
  }
  return std::nullopt;
}

// "<!-- ... -->", "<!DOCTYPE ...>", "<?xml ...>" and "</ ...>" say nothing.
bool HtmlScanner::Comment() {
  const std::string_view rest = html_.substr(at_);
  if (rest.starts_with("<!--") && comments_end_) {
    constexpr std::size_t kOpening = 4;
    const std::size_t end = html_.find("-->", at_ + kOpening);
    comments_end_ = end != std::string_view::npos;
    if (comments_end_) {
      at_ = end + 3;
      return true;
    }
  }
  const bool declares = rest.starts_with("<!") || rest.starts_with("<?");
  if (!declares) return false;
  const std::size_t end = html_.find('>', at_);
  at_ = end == std::string_view::npos ? html_.size() : end + 1;
  return true;
}

std::size_t HtmlScanner::EndOfTag() {
  for (std::size_t at = at_; at < html_.size() && quotes_end_; ++at) {
    const char c = html_[at];
    if (c == '>') return at + 1;
    if (c != '"' && c != '\'') continue;
    at = html_.find(c, at + 1);
    if (at == std::string_view::npos) break;
  }
  // No such end: from here on quotes are not looked at.
  quotes_end_ = false;
  if (!tags_end_) return std::string_view::npos;
  const std::size_t end = html_.find('>', at_);
  tags_end_ = end != std::string_view::npos;
  return tags_end_ ? end + 1 : end;
}

std::optional<HtmlPiece> HtmlScanner::Tag() {
  std::size_t begin = at_ + 1;
  const bool closes = begin < html_.size() && html_[begin] == '/';
  if (closes) ++begin;
  if (begin >= html_.size() || !IsLetter(html_[begin])) return std::nullopt;
  const std::size_t end = EndOfTag();
  if (end == std::string_view::npos) return std::nullopt;
  HtmlPiece piece;
  piece.type = closes ? HtmlPiece::Type::kClose : HtmlPiece::Type::kOpen;
  for (std::size_t at = begin; at < end; ++at) {
    const char c = html_[at];
    if (c == '>' || c == '/' || c == ' ' || (c >= '\t' && c <= '\r')) break;
    piece.name.push_back(Lower(c));
  }
  at_ = end;
  const bool passed = std::find(kPassedOver.begin(), kPassedOver.end(),
                                piece.name) != kPassedOver.end();
  if (!closes && passed) PassOver(piece.name);
  return piece;
}

void HtmlScanner::PassOver(std::string_view name) {
  while (at_ < html_.size()) {
    at_ = html_.find("</", at_);
    if (at_ == std::string_view::npos) break;
    at_ += 2;
    const std::string_view found = html_.substr(at_, name.size());
    const bool same =
        found.size() == name.size() &&
        std::equal(found.begin(), found.end(), name.begin(),
                   [](char left, char right) { return Lower(left) == right; });
    if (!same) continue;
    const std::size_t end = html_.find('>', at_);
    at_ = end == std::string_view::npos ? html_.size() : end + 1;
    return;
  }
  at_ = html_.size();
}

// Up to the next '<', but at least one byte: a '<' that begins nothing is text.
std::string HtmlScanner::Text() {
  std::string out;
  do {
    const char c = html_[at_];
    const auto entity =
        c == '&' ? EntityAt(html_.substr(at_)) : std::optional<Entity>();
    if (entity) {
      out += entity->character;
      at_ += entity->size;
      continue;
    }
    if (c != '\0') out.push_back(c);
    ++at_;
  } while (at_ < html_.size() && html_[at_] != '<');
  return out;
}

}  // namespace limpid::algoregister
