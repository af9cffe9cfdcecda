#include "algoregister/evidence/csv.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::algoregister::evidence {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  absl::Status Run(CsvRow row) {
    if (text_.empty()) return Fault("there is nothing in it");
    std::size_t columns = 0;
    while (at_ < text_.size()) {
      const std::size_t first_line = line_;
      LIMPID_RETURN_IF_ERROR(ReadLine());
      if (columns == 0) columns = fields_.size();
      if (fields_.size() != columns) {
        return absl::InvalidArgumentError(
            absl::StrCat("line ", first_line, ": has ", fields_.size(),
                         " fields, the header has ", columns));
      }
      LIMPID_RETURN_IF_ERROR(row(first_line, fields_));
    }
    return absl::OkStatus();
  }

 private:
  [[nodiscard]] absl::Status Fault(std::string_view reason) const {
    return absl::InvalidArgumentError(
        absl::StrCat("line ", line_, ": ", base::ToAbsl(reason)));
  }
  [[nodiscard]] absl::Status TooMuch(std::string_view reason) const {
    return absl::ResourceExhaustedError(
        absl::StrCat("line ", line_, ": ", base::ToAbsl(reason)));
  }
  [[nodiscard]] bool Sees(char c) const {
    return at_ < text_.size() && text_[at_] == c;
  }

  absl::Status ReadLine() {
    fields_.clear();
    while (true) {
      if (fields_.size() == kMaxCsvFields) return TooMuch("too many fields");
      std::string field;
      LIMPID_RETURN_IF_ERROR(Sees('"') ? Quoted(field) : Bare(field));
      fields_.push_back(std::move(field));
      if (at_ == text_.size()) return absl::OkStatus();
      if (Sees(',')) {
        ++at_;
        continue;
      }
      return EndLine();
    }
  }

  absl::Status EndLine() {
    if (Sees('\r')) ++at_;
    if (!Sees('\n')) return Fault("a line ends in neither LF nor CRLF");
    ++at_;
    ++line_;
    return absl::OkStatus();
  }

  absl::Status Bare(std::string& out) {
    const std::size_t end =
        std::min(text_.find_first_of(",\r\n\"", at_), text_.size());
    out = text_.substr(at_, end - at_);
    at_ = end;
    if (Sees('"')) return Fault("a quote inside a field");
    return CheckField(out);
  }

  absl::Status Quoted(std::string& out) {
    ++at_;
    while (true) {
      const std::size_t quote = text_.find('"', at_);
      if (quote == std::string_view::npos) return Fault("an unclosed quote");
      out += text_.substr(at_, quote - at_);
      at_ = quote + 1;
      if (!Sees('"')) break;
      out += '"';
      ++at_;
    }
    const bool ends =
        at_ == text_.size() || Sees(',') || Sees('\r') || Sees('\n');
    if (!ends) return Fault("something between a quote and the comma");
    LIMPID_RETURN_IF_ERROR(CheckField(out));
    for (const char c : out) line_ += c == '\n' ? 1 : 0;
    return absl::OkStatus();
  }

  [[nodiscard]] absl::Status CheckField(std::string_view field) const {
    if (field.size() > kMaxCsvFieldBytes) return TooMuch("a field is too long");
    if (field.find('\0') != std::string_view::npos) return Fault("a NUL");
    return absl::OkStatus();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::vector<std::string> fields_;
};

}  // namespace

absl::Status ReadCsv(std::string_view text, CsvRow row) {
  return Reader(text).Run(row);
}

std::string CsvField(std::string_view text) {
  if (text.find_first_of(",\r\n\"") == std::string_view::npos) {
    return std::string(text);
  }
  std::string out(1, '"');
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
  return out;
}

}  // namespace limpid::algoregister::evidence
