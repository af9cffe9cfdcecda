#include "algoregister/profile/text_list.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/json/json.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using json::Value;

std::optional<std::vector<std::string>> JsonList(std::string_view text) {
  const auto list = json::ParseStrict(text, {.max_bytes = text.size()});
  if (!list.ok() || !list->is_array()) return std::nullopt;
  std::vector<std::string> out;
  for (const Value& element : list->elements()) {
    if (element.is_array() || element.is_object()) return std::nullopt;
    if (element.is_string()) {
      out.push_back(element.string());
    } else {
      out.push_back(element.is_null() ? std::string()
                                      : json::Canonical(element));
    }
  }
  return out;
}

// Reads what Python's repr() makes of a list of texts.
class PythonList {
 public:
  explicit PythonList(std::string_view text) : text_(text) {}

  std::optional<std::vector<std::string>> Run() {
    at_ = 1;
    std::vector<std::string> out;
    Blank();
    while (!Is(']')) {
      auto element = Is('\'') || Is('"') ? Quoted() : Bare();
      if (!element) return std::nullopt;
      out.push_back(*std::move(element));
      Blank();
      if (Is(',')) {
        ++at_;
        Blank();
      } else if (!Is(']')) {
        return std::nullopt;
      }
    }
    return at_ + 1 == text_.size() ? std::optional(std::move(out))
                                   : std::nullopt;
  }

 private:
  [[nodiscard]] bool Is(char c) const {
    return at_ < text_.size() && text_[at_] == c;
  }
  void Blank() {
    while (Is(' ') || Is('\n') || Is('\r') || Is('\t')) ++at_;
  }
  std::optional<std::string> Quoted() {
    const char quote = text_[at_];
    std::string out;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == quote) {
        ++at_;
        return out;
      }
      if (text_[at_] != '\\') {
        out.push_back(text_[at_]);
        continue;
      }
      if (++at_ == text_.size()) break;
      Escaped(text_[at_], out);
    }
    return std::nullopt;
  }
  static void Escaped(char c, std::string& out) {
    if (c == 'n') {
      out.push_back('\n');
    } else if (c == 't') {
      out.push_back('\t');
    } else if (c == 'r') {
      out.push_back('\r');
    } else {
      if (c != '\\' && c != '\'' && c != '"') out.push_back('\\');
      out.push_back(c);
    }
  }
  // A number, a truth value, or None.
  std::optional<std::string> Bare() {
    const std::size_t end = text_.find_first_of(",]['\"", at_);
    if (end == std::string_view::npos || end == at_) return std::nullopt;
    std::string out(Trim(text_.substr(at_, end - at_)));
    at_ = end;
    return out == "None" ? std::string() : out;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

bool ReadsBack(std::string_view element, std::string_view separator) {
  const bool splits =
      !separator.empty() && element.find(separator) != std::string_view::npos;
  return !element.empty() && !splits && element.front() != '[' &&
         Trim(element) == element;
}

}  // namespace

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  const std::size_t end = text.find_last_not_of(kBlank);
  return text.substr(begin, end - begin + 1);
}

std::optional<std::vector<std::string>> ParseTextList(std::string_view text,
                                                      bool& is_python) {
  is_python = false;
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') {
    return std::nullopt;
  }
  if (auto list = JsonList(text)) return list;
  auto list = PythonList(text).Run();
  is_python = list.has_value();
  return list;
}

std::optional<std::vector<std::string>> SplitAt(std::string_view text,
                                                std::string_view separator) {
  std::vector<std::string> out;
  while (!separator.empty()) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos) break;
    if (out.size() + 1 == kMaxListTexts) return std::nullopt;
    out.emplace_back(Trim(text.substr(0, at)));
    text.remove_prefix(at + separator.size());
  }
  out.emplace_back(Trim(text));
  return out;
}

std::optional<std::vector<std::string>> ListOfText(std::string_view text,
                                                   std::string_view separator,
                                                   ListNotation& notation) {
  bool is_python = false;
  auto list = ParseTextList(text, is_python);
  if (!list) {
    notation = ListNotation::kSeparated;
    return SplitAt(text, separator);
  }
  notation = is_python ? ListNotation::kPython : ListNotation::kJson;
  if (list->size() > kMaxListTexts) return std::nullopt;
  for (std::string& element : *list) element = std::string(Trim(element));
  return list;
}

std::string JoinTexts(const std::vector<std::string>& elements,
                      std::string_view separator) {
  const bool joins = (elements.size() < 2 || !separator.empty()) &&
                     std::all_of(elements.begin(), elements.end(),
                                 [separator](const std::string& element) {
                                   return ReadsBack(element, separator);
                                 });
  if (!joins) {
    Value list = Value::Array();
    for (const std::string& element : elements) list.Append(element);
    return json::Canonical(list);
  }
  std::string out;
  for (const std::string& element : elements) {
    if (!out.empty()) {
      out += separator;
      if (separator.size() == 1 && separator != "\n") out.push_back(' ');
    }
    out += element;
  }
  return out;
}

}  // namespace limpid::algoregister
