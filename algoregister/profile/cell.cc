#include "algoregister/profile/cell.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/text_list.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/registration/rich_text.h"
#include "common/base/check.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using base::ToAbsl;
using json::Value;

// Longest code of any table, in separated parts.
constexpr std::size_t kMaxCodeParts = 8;
// No text of this length is a code, however it is spelled.
constexpr std::size_t kMaxCodeBytes = 1'000;
// Cleaning HTML shortens it; beyond this it cannot become short enough.
constexpr std::size_t kMaxHtmlBytes = std::size_t{256} << 10U;

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool IsPassedOver(char c) { return c == ' ' || c == '_' || c == '-'; }

// Lower case without blanks, "_" and "-": "In gebruik" and "in_gebruik" meet.
std::string CodeKey(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (!IsPassedOver(c)) out.push_back(Lower(c));
  }
  return out;
}

// CodeKey(text) == key, without making it: a table has a hundred codes and a
// cell a thousand texts.
bool HasKey(std::string_view text, std::string_view key) {
  for (const char c : text) {
    if (IsPassedOver(c)) continue;
    if (key.empty() || key.front() != Lower(c)) return false;
    key.remove_prefix(1);
  }
  return key.empty();
}

// "a) Deployed", "(2) Pilot" without what stands before.
std::string_view WithoutLetter(std::string_view text) {
  constexpr std::size_t kMostBefore = 4;
  const std::size_t end = text.substr(0, kMostBefore).find(')');
  if (end == std::string_view::npos || end == 0) return text;
  return Trim(text.substr(end + 1));
}

Value TextMap(std::string_view language, Value one) {
  return Value::Object({{std::string(language), std::move(one)}});
}

Value HumanText(std::string_view text) {
  return Value::Object({{"origin", Value("human")}, {"text", Value(text)}});
}

bool LooksLikeHost(std::string_view text) {
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  const std::string_view host = text.substr(0, end);
  const std::size_t dot = host.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  const std::string_view last = host.substr(dot + 1);
  const bool letters = std::all_of(last.begin(), last.end(), [](char c) {
    return Lower(c) >= 'a' && Lower(c) <= 'z';
  });
  const bool plain = std::all_of(host.begin(), host.end(), [](char c) {
    return (Lower(c) >= 'a' && Lower(c) <= 'z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '.';
  });
  return last.size() >= 2 && letters && plain &&
         host.find("..") == std::string_view::npos;
}

// The schemes of a web address in lower case.
std::string WithScheme(std::string_view text, CellReading& out) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    const std::string_view start = text.substr(0, scheme.size());
    const bool same =
        start.size() == scheme.size() &&
        std::equal(start.begin(), start.end(), scheme.begin(),
                   [](char left, char right) { return Lower(left) == right; });
    if (!same || start == scheme) continue;
    out.repairs.emplace_back("the scheme put in lower case");
    return std::string(scheme) + std::string(text.substr(scheme.size()));
  }
  if (!LooksLikeHost(text)) return std::string(text);
  out.repairs.emplace_back("a missing https:// put before the address");
  return "https://" + std::string(text);
}

void ReadRich(const CellType& type, const std::string& text, CellReading& out) {
  if (text.size() > kMaxHtmlBytes) {
    out.fault = "too long";
    return;
  }
  const std::string clean = SanitiseHtml(text);
  if (clean.find('<') == std::string::npos) {
    const std::string plain = PlainTextOf(clean);
    if (text.find('<') != std::string::npos) {
      out.repairs.emplace_back("HTML without layout; read as plain text");
    }
    if (!plain.empty()) {
      out.value = TextMap(type.language, HumanText(Trim(plain)));
    }
    return;
  }
  if (clean != text) {
    out.repairs.emplace_back(
        "HTML cleaned: the tags br, div, li, ol, p and ul are kept");
  }
  Value one = HumanText(clean);
  one.Set("format", "html");
  out.value = TextMap(type.language, std::move(one));
}

void ReadDigest(const std::string& text, CellReading& out) {
  constexpr std::string_view kPrefix = "sha256:";
  constexpr std::size_t kDigits = 64;
  std::string digits;
  for (const char c : text) digits.push_back(Lower(c));
  if (digits.starts_with(kPrefix)) digits.erase(0, kPrefix.size());
  const bool hex = std::all_of(digits.begin(), digits.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  if (digits.size() != kDigits || !hex) {
    out.fault = "not a SHA-256";
    return;
  }
  out.value = Value(absl::StrCat(ToAbsl(kPrefix), digits));
}

void ReadNumber(const std::string& text, CellReading& out) {
  auto number = json::ParseStrict(text);
  if (number.ok() && number->is_number()) {
    out.value = *std::move(number);
  } else {
    out.fault = "not a number";
  }
}

void ReadCode(const CellType& type, const std::string& text, CellReading& out) {
  const CodePair* const pair = FindCode(type.codes, text);
  if (pair == nullptr) {
    out.fault = "unknown code";
    return;
  }
  if (pair->foreign != text) out.repairs.emplace_back("odd spelling of a code");
  if (!pair->ours.empty()) out.value = Value(pair->ours);
}

// One text read as a scalar type.
void ReadScalar(const CellType& type, const std::string& text,
                CellReading& out) {
  out.text = text;
  out.text_repairs = out.repairs.size();
  if (type.type == ColumnType::kText) {
    out.value = TextMap(type.language, HumanText(text));
  } else if (type.type == ColumnType::kRichText) {
    ReadRich(type, text, out);
  } else if (type.type == ColumnType::kDate) {
    std::string how;
    out.value = Value(IsoDate(text, type.month_first, how));
    if (!how.empty()) out.repairs.push_back(std::move(how));
  } else if (type.type == ColumnType::kUrl) {
    out.value = Value(WithScheme(text, out));
  } else if (type.type == ColumnType::kCode) {
    ReadCode(type, text, out);
  } else if (type.type == ColumnType::kNumber) {
    ReadNumber(text, out);
  } else if (type.type == ColumnType::kDigest) {
    ReadDigest(text, out);
  } else {
    out.value = Value(text);
  }
  if (!out.fault.empty()) out.odd.push_back(text);
}

// Elements of a JSON list.
std::vector<std::string> TextsOf(const Value& list, bool flat,
                                 CellReading& out) {
  std::vector<std::string> all;
  for (const Value& element : list.elements()) {
    if (IsEmptyCell(element)) continue;
    auto text = TextOfCell(element, flat, out);
    if (text) all.push_back(*std::move(text));
  }
  return all;
}

// The elements of a list, however it is written. Separated ones come apart.
std::vector<std::string> Elements(const CellType& type, const Value& value,
                                  bool& separated, CellReading& out) {
  separated = false;
  if (value.is_array()) {
    if (value.size() <= kMaxListTexts) return TextsOf(value, type.flat, out);
    out.fault = kTooManyTexts;
    return {};
  }
  const auto text = TextOfCell(value, type.flat, out);
  if (!text) return {};
  ListNotation notation = ListNotation::kSeparated;
  auto all = ListOfText(*text, type.separator, notation);
  if (!all) {
    out.fault = kTooManyTexts;
    out.odd.push_back(*text);
    return {};
  }
  separated = notation == ListNotation::kSeparated;
  if (notation == ListNotation::kPython || (!separated && !type.flat)) {
    out.repairs.emplace_back("a list written as a text");
  }
  std::erase(*all, std::string());
  return *std::move(all);
}

// `count` separated elements as the one text that they may have been; too long
// for a code as soon as it is.
std::string Joined(const CellType& type, const std::vector<std::string>& parts,
                   std::size_t first, std::size_t count) {
  std::string out = parts[first];
  for (std::size_t i = 1; i < count && out.size() <= kMaxCodeBytes; ++i) {
    out += type.separator;
    out += parts[first + i];
  }
  return out;
}

// Codes of separated elements: one that has the separator in it is put
// together again.
void ReadCodes(const CellType& type, const std::vector<std::string>& parts,
               bool separated, CellReading& out) {
  std::set<std::string> ours;
  std::size_t at = 0;
  while (at < parts.size()) {
    const CodePair* pair = nullptr;
    std::size_t taken = separated ? kMaxCodeParts : 1;
    for (taken = std::min(taken, parts.size() - at); taken > 0; --taken) {
      pair = FindCode(type.codes, Joined(type, parts, at, taken));
      if (pair != nullptr) break;
    }
    if (pair == nullptr) {
      out.odd.push_back(parts[at]);
      out.fault = "unknown code in a list";
    } else if (!pair->ours.empty()) {
      ours.emplace(pair->ours);
    }
    at += std::max<std::size_t>(taken, 1);
  }
  if (ours.empty()) return;
  Value list = Value::Array();
  for (const std::string& code : ours) list.Append(code);
  out.value = std::move(list);
}

void ReadPlains(const std::vector<std::string>& parts, CellReading& out) {
  std::set<std::string> seen;
  Value list = Value::Array();
  for (const std::string& part : parts) {
    if (seen.insert(part).second) list.Append(part);
  }
  if (seen.size() != parts.size()) {
    out.repairs.emplace_back("what a list says twice is kept once");
  }
  if (!seen.empty()) out.value = std::move(list);
}

void ReadDocument(const CellType& type, const Value& value, CellReading& out) {
  out.value = value;
  if (!type.flat || !value.is_string()) return;
  const std::string text = WithoutApostrophes(value.string());
  auto parsed = json::ParseStrict(text, {.max_bytes = text.size()});
  if (parsed.ok()) out.value = *std::move(parsed);
}

}  // namespace

bool IsEmptyCell(const Value& value) {
  if (value.is_null()) return true;
  if (value.is_array() || value.is_object()) return value.size() == 0;
  if (!value.is_string()) return false;
  const std::string_view text = Trim(value.string());
  return text.empty() || text == "[]";
}

std::optional<std::string> TextOfCell(const Value& value, bool flat,
                                      CellReading& out) {
  if (value.is_number()) {
    out.repairs.emplace_back("a number; read as text");
    return json::Canonical(value);
  }
  if (!value.is_string()) {
    out.fault = absl::StrCat("must be a text, is ",
                             ToAbsl(json::KindName(value.kind())));
    return std::nullopt;
  }
  std::string text = value.string();
  if (flat) {
    std::string safe = WithoutApostrophes(text);
    if (safe.size() != text.size()) {
      out.repairs.emplace_back("an apostrophe before a formula taken away");
    }
    text = std::move(safe);
  }
  const std::string_view trimmed = Trim(text);
  if (trimmed.size() != text.size()) {
    out.repairs.emplace_back("blanks at the ends removed");
  }
  return std::string(trimmed);
}

CellReading ReadCell(const CellType& type, const Value& value) {
  CellReading out;
  const bool codes = type.type == ColumnType::kCodes;
  if (codes || type.type == ColumnType::kPlains) {
    bool separated = false;
    const auto parts = Elements(type, value, separated, out);
    if (codes) {
      ReadCodes(type, parts, separated, out);
    } else {
      ReadPlains(parts, out);
    }
    return out;
  }
  if (type.type == ColumnType::kDocument) {
    ReadDocument(type, value, out);
    return out;
  }
  if (type.type == ColumnType::kNumber && value.is_number()) {
    out.value = value;
    return out;
  }
  if (type.type == ColumnType::kCode && value.is_bool()) {
    ReadScalar(type, value.boolean() ? "true" : "false", out);
    return out;
  }
  const auto text = TextOfCell(value, type.flat, out);
  if (text) ReadScalar(type, *text, out);
  return out;
}

ColumnType ColumnTypeFor(FieldType type) {
  switch (type) {
    case FieldType::kText:
      return ColumnType::kText;
    case FieldType::kCode:
      return ColumnType::kCode;
    case FieldType::kDate:
      return ColumnType::kDate;
    case FieldType::kUrl:
      return ColumnType::kUrl;
    case FieldType::kCodes:
      return ColumnType::kCodes;
    case FieldType::kPlains:
      return ColumnType::kPlains;
    case FieldType::kNumber:
      return ColumnType::kNumber;
    case FieldType::kDigest:
      return ColumnType::kDigest;
    case FieldType::kDocument:
      return ColumnType::kDocument;
    case FieldType::kRecords:
      return ColumnType::kRecords;
    case FieldType::kPlain:
    case FieldType::kReference:
    case FieldType::kReferences:
    case FieldType::kDatasetUses:
    case FieldType::kSnapshots:
      return ColumnType::kPlain;
  }
  LIMPID_CHECK(false);
}

const CodePair* FindCode(std::span<const CodePair> codes,
                         std::string_view text) {
  for (const CodePair& pair : codes) {
    if (pair.foreign == text) return &pair;
  }
  if (text.size() > kMaxCodeBytes) return nullptr;
  const std::string key = CodeKey(text);
  for (const CodePair& pair : codes) {
    if (HasKey(pair.foreign, key)) return &pair;
  }
  const std::string bare = CodeKey(WithoutLetter(text));
  for (const CodePair& pair : codes) {
    if (HasKey(WithoutLetter(pair.foreign), bare)) return &pair;
  }
  return nullptr;
}

}  // namespace limpid::algoregister
