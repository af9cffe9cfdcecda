#include "algoregister/profile/csv.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/status_macros.h"
#include "common/json/position.h"

namespace limpid::algoregister {

absl::StatusOr<bool> CsvReader::Next(std::size_t max_cells, CsvRecord& record) {
  while (at_ < text_.size()) {
    if (LineEnd()) continue;
    record = CsvRecord();
    record.line = line_;
    LIMPID_RETURN_IF_ERROR(ReadRecord(max_cells, record));
    return true;
  }
  return false;
}

absl::Status CsvReader::ReadRecord(std::size_t max_cells, CsvRecord& record) {
  while (true) {
    std::string* const cell =
        record.cell_count < max_cells ? &record.cells.emplace_back() : nullptr;
    ++record.cell_count;
    if (at_ < text_.size() && text_[at_] == '"') {
      LIMPID_RETURN_IF_ERROR(Quoted(cell, record));
    } else {
      Unquoted(cell);
    }
    if (at_ >= text_.size() || LineEnd()) return absl::OkStatus();
    ++at_;
  }
}

absl::Status CsvReader::Quoted(std::string* cell, CsvRecord& record) {
  const json::Position begin{.line = line_, .column = at_ - line_begin_ + 1};
  for (++at_; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '"') {
      const bool doubled = at_ + 1 < text_.size() && text_[at_ + 1] == '"';
      if (!doubled) break;
      ++at_;
    } else if (c == '\n') {
      ++line_;
      line_begin_ = at_ + 1;
    }
    if (cell != nullptr) cell->push_back(c);
  }
  if (at_ >= text_.size()) {
    return json::ErrorAt(absl::StatusCode::kInvalidArgument, begin,
                         "a quoted cell does not end");
  }
  ++at_;
  const std::size_t after = at_;
  Unquoted(nullptr);
  if (at_ != after) record.fault = "text after the quotes of a cell";
  return absl::OkStatus();
}

void CsvReader::Unquoted(std::string* cell) {
  while (at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\n' &&
         text_[at_] != '\r') {
    if (cell != nullptr) cell->push_back(text_[at_]);
    ++at_;
  }
}

bool CsvReader::LineEnd() {
  if (at_ >= text_.size()) return false;
  if (text_[at_] == '\r') {
    ++at_;
    if (at_ < text_.size() && text_[at_] == '\n') ++at_;
  } else if (text_[at_] == '\n') {
    ++at_;
  } else {
    return false;
  }
  ++line_;
  line_begin_ = at_;
  return true;
}

std::string CsvLine(const std::vector<std::string>& cells) {
  std::string out;
  bool first = true;
  for (const std::string& cell : cells) {
    if (!first) out.push_back(',');
    first = false;
    // Blanks at the ends are quoted too, for some readers drop them; so is what
    // others take for a separator.
    const bool quoted =
        cell.find_first_of(",\"\r\n;\t") != std::string::npos ||
        (!cell.empty() && (cell.front() == ' ' || cell.back() == ' '));
    if (!quoted) {
      out += cell;
      continue;
    }
    out.push_back('"');
    for (const char c : cell) {
      if (c == '"') out.push_back('"');
      out.push_back(c);
    }
    out.push_back('"');
  }
  return out + "\r\n";
}

}  // namespace limpid::algoregister
