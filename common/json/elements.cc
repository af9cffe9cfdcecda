#include "common/json/elements.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "common/json/position.h"

namespace limpid::json {
namespace {

// Offsets [begin, end) of a piece of the text, white space included.
struct Slice {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct Outline {
  // Inside the brackets of the array.
  Slice array;
  std::vector<Slice> elements;
};

// Finds where the elements of one top-level array lie, looking at brackets and
// strings only: what stands between them is the parser's business.
class Scanner {
 public:
  Scanner(std::string_view text, std::string_view member,
          std::size_t first_line)
      : text_(text), member_(member), first_line_(first_line) {}

  absl::StatusOr<Outline> Run() {
    for (at_ = 0; at_ < text_.size(); ++at_) {
      LIMPID_RETURN_IF_ERROR(Step(text_[at_]));
    }
    if (!open_.empty()) return Fault(text_.size(), "ends inside a bracket");
    if (!found_) {
      if (member_.empty()) return absl::InvalidArgumentError("not a list");
      return absl::InvalidArgumentError(absl::StrCat(
          "there is no list \"", base::ToAbsl(member_), "\" at the top"));
    }
    return std::move(outline_);
  }

 private:
  absl::Status Step(char character) {
    switch (character) {
      case '"':
        return SkipString();
      case '{':
      case '[':
        return Open(character);
      case '}':
      case ']':
        return Close(character);
      case ',':
        if (InsideArray()) LIMPID_RETURN_IF_ERROR(EndElement());
        if (open_.size() == 1) last_string_.reset();
        return absl::OkStatus();
      default:
        return absl::OkStatus();
    }
  }

  absl::Status SkipString() {
    const std::size_t begin = at_;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        if (open_.size() == 1) last_string_ = Slice{begin + 1, at_};
        return absl::OkStatus();
      }
    }
    return Fault(begin, "a string does not end");
  }

  absl::Status Open(char bracket) {
    const bool is_the_array =
        bracket == '[' &&
        (member_.empty() ? open_.empty()
                         : open_ == "{" && last_string_ &&
                               TextOf(*last_string_) == member_);
    if (is_the_array && found_) return Fault(at_, "the list appears twice");
    open_.push_back(bracket);
    if (is_the_array) {
      found_ = inside_ = true;
      outline_.array.begin = element_begin_ = at_ + 1;
    }
    return absl::OkStatus();
  }

  absl::Status Close(char bracket) {
    const char opening = bracket == '}' ? '{' : '[';
    if (open_.empty() || open_.back() != opening) {
      return Fault(at_, "a bracket closes that was not opened");
    }
    if (InsideArray()) {
      if (!outline_.elements.empty() || !IsBlank({element_begin_, at_})) {
        LIMPID_RETURN_IF_ERROR(EndElement());
      }
      outline_.array.end = at_;
      inside_ = false;
    }
    open_.pop_back();
    return absl::OkStatus();
  }

  [[nodiscard]] bool InsideArray() const {
    return inside_ && open_.size() == (member_.empty() ? 1U : 2U);
  }

  // Each becomes a row with its own report, however short it is.
  absl::Status EndElement() {
    if (outline_.elements.size() >= kMaxElements) {
      return Fault(at_, absl::StrCat("the list has more than ", kMaxElements,
                                     " elements"));
    }
    outline_.elements.push_back({element_begin_, at_});
    element_begin_ = at_ + 1;
    return absl::OkStatus();
  }

  [[nodiscard]] std::string_view TextOf(Slice slice) const {
    return text_.substr(slice.begin, slice.end - slice.begin);
  }
  [[nodiscard]] bool IsBlank(Slice slice) const {
    return TextOf(slice).find_first_not_of(" \t\r\n") == std::string_view::npos;
  }
  [[nodiscard]] absl::Status Fault(std::size_t offset,
                                   std::string_view reason) const {
    Position position = PositionOf(text_, offset);
    position.line += first_line_ - 1;
    return ErrorAt(absl::StatusCode::kInvalidArgument, position, reason);
  }

  std::string_view text_;
  std::string_view member_;
  std::size_t first_line_;
  std::size_t at_ = 0;
  std::string open_;
  // The string read last at the top of the object, if nothing followed it but
  // a colon.
  std::optional<Slice> last_string_;
  bool found_ = false;
  bool inside_ = false;
  std::size_t element_begin_ = 0;
  Outline outline_;
};

// Counts lines forward only, so that a long list is read once.
class LineCounter {
 public:
  LineCounter(std::string_view text, std::size_t first_line)
      : text_(text), line_(first_line) {}

  Position At(std::size_t offset) {
    for (; at_ < offset && at_ < text_.size(); ++at_) {
      if (text_[at_] != '\n') continue;
      ++line_;
      line_begin_ = at_ + 1;
    }
    return {.line = line_, .column = offset - line_begin_ + 1};
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_;
  std::size_t line_begin_ = 0;
};

std::size_t SkipBlank(std::string_view text, Slice slice) {
  const std::size_t at = text.find_first_not_of(" \t\r\n", slice.begin);
  return at >= slice.end ? slice.end : at;
}

}  // namespace

absl::StatusOr<Value> ForEachElement(
    std::string_view text, std::string_view member, const ParseLimits& limits,
    absl::FunctionRef<absl::Status(const Element&)> row,
    std::size_t first_line) {
  if (text.size() > limits.max_bytes) {
    return absl::ResourceExhaustedError("larger than allowed");
  }
  LIMPID_ASSIGN_OR_RETURN(const Outline outline,
                          Scanner(text, member, first_line).Run());
  // Blanks keep every line and column outside the array where it was.
  std::string envelope(text);
  for (std::size_t i = outline.array.begin; i < outline.array.end; ++i) {
    if (envelope[i] != '\n') envelope[i] = ' ';
  }
  LIMPID_ASSIGN_OR_RETURN(
      Value rest,
      ParseStrictFrom(envelope, {.line = first_line, .column = 1}, limits));
  LineCounter lines(text, first_line);
  Element element;
  for (const Slice slice : outline.elements) {
    const std::size_t begin = SkipBlank(text, slice);
    const Position start = lines.At(begin);
    element.line = start.line;
    element.value =
        ParseStrictFrom(text.substr(begin, slice.end - begin), start, limits);
    LIMPID_RETURN_IF_ERROR(row(element));
    ++element.index;
  }
  return rest;
}

}  // namespace limpid::json
