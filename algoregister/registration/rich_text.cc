#include "algoregister/registration/rich_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algoregister/registration/html_scanner.h"

namespace limpid::algoregister {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

bool IsKept(std::string_view tag) {
  return tag == "br" || tag == "div" || tag == "li" || tag == "ol" ||
         tag == "p" || tag == "ul";
}
bool IsList(std::string_view tag) { return tag == "ol" || tag == "ul"; }

// Between what these tags hold and what follows there is a gap for the eye.
bool PartsWords(std::string_view tag) {
  constexpr auto kParting = std::to_array<std::string_view>(
      {"article", "aside",  "blockquote", "dd",      "dl",     "dt",
       "figure",  "footer", "form",       "h1",      "h2",     "h3",
       "h4",      "h5",     "h6",         "header",  "hr",     "main",
       "nav",     "option", "pre",        "section", "select", "table",
       "tbody",   "td",     "th",         "thead",   "tr"});
  return std::find(kParting.begin(), kParting.end(), tag) != kParting.end();
}

// Puts pieces together again, well nested.
class Builder {
 public:
  void Text(std::string_view text) { out_ += EscapeText(text); }

  void Open(const std::string& tag) {
    if (tag == "br") {
      out_ += "<br>";
      return;
    }
    if (!IsKept(tag)) {
      Part(tag);
      return;
    }
    // HTML ends a paragraph before all of these.
    if (IsOpen("p")) CloseTo("p");
    if (tag == "li") {
      const auto list = InnermostList();
      if (!list) return;
      while (open_.size() > *list + 1) CloseOne();
    }
    if (open_.size() >= kMaxRichDepth) return;
    out_ += "<" + tag + ">";
    open_.push_back(tag);
  }

  void Close(const std::string& tag) {
    if (!IsKept(tag)) {
      Part(tag);
      return;
    }
    // What was opened outside a list is not closed from inside it, but for
    // lists.
    const auto list = InnermostList();
    const std::size_t floor = IsList(tag) || !list ? 0 : *list;
    for (std::size_t i = open_.size(); i > floor; --i) {
      if (open_[i - 1] != tag) continue;
      CloseTo(tag);
      return;
    }
  }

  std::string Take() {
    while (!open_.empty()) CloseOne();
    const std::size_t begin = out_.find_first_not_of(kBlank);
    if (begin == std::string::npos) return {};
    const std::size_t end = out_.find_last_not_of(kBlank);
    return out_.substr(begin, end - begin + 1);
  }

 private:
  void Part(std::string_view tag) {
    if (!PartsWords(tag) || out_.empty()) return;
    const char last = out_.back();
    if (last != '>' && kBlank.find(last) == std::string_view::npos) {
      out_.push_back(' ');
    }
  }

  [[nodiscard]] bool IsOpen(std::string_view tag) const {
    return std::find(open_.begin(), open_.end(), tag) != open_.end();
  }
  [[nodiscard]] std::optional<std::size_t> InnermostList() const {
    for (std::size_t i = open_.size(); i > 0; --i) {
      if (IsList(open_[i - 1])) return i - 1;
    }
    return std::nullopt;
  }
  void CloseOne() {
    out_ += "</" + open_.back() + ">";
    open_.pop_back();
  }
  void CloseTo(std::string_view tag) {
    while (open_.back() != tag) CloseOne();
    CloseOne();
  }

  std::string out_;
  std::vector<std::string> open_;
};

// A new line, unless one has begun.
void BreakLine(std::string& out) {
  if (!out.empty() && out.back() != '\n') out.push_back('\n');
}

}  // namespace

std::string EscapeText(std::string_view plain) {
  std::string out;
  out.reserve(plain.size());
  for (const char c : plain) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string SanitiseHtml(std::string_view html) {
  HtmlScanner scanner(html);
  Builder builder;
  while (const std::optional<HtmlPiece> piece = scanner.Next()) {
    switch (piece->type) {
      case HtmlPiece::Type::kText:
        builder.Text(piece->text);
        break;
      case HtmlPiece::Type::kOpen:
        builder.Open(piece->name);
        break;
      case HtmlPiece::Type::kClose:
        builder.Close(piece->name);
        break;
    }
  }
  return builder.Take();
}

bool IsRichText(std::string_view text) {
  return text.find('<') != std::string_view::npos && SanitiseHtml(text) == text;
}

std::string PlainTextOf(std::string_view html) {
  HtmlScanner scanner(html);
  std::string out;
  bool has_tag = false;
  while (const std::optional<HtmlPiece> piece = scanner.Next()) {
    if (piece->type == HtmlPiece::Type::kText) {
      out += piece->text;
      continue;
    }
    has_tag = true;
    const bool opens = piece->type == HtmlPiece::Type::kOpen;
    if (piece->name == "br") {
      out.push_back('\n');
    } else if (IsKept(piece->name)) {
      BreakLine(out);
    }
    if (opens && piece->name == "li") out += "- ";
  }
  if (!has_tag) return out;
  const std::size_t begin = out.find_first_not_of(kBlank);
  if (begin == std::string::npos) return {};
  const std::size_t end = out.find_last_not_of(kBlank);
  return out.substr(begin, end - begin + 1);
}

}  // namespace limpid::algoregister
