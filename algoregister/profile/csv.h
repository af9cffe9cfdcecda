// Reads and writes comma-separated values (RFC 4180). Takes what spreadsheets
// write: either line end, a last line without one, blank lines between records,
// semicolons where the header has no comma. Pure.

#ifndef LIMPID_ALGOREGISTER_PROFILE_CSV_H_
#define LIMPID_ALGOREGISTER_PROFILE_CSV_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace limpid::algoregister {

struct CsvRecord {
  // Line it starts on, from 1.
  std::size_t line = 1;
  std::vector<std::string> cells;
  // All of them, of which `cells` has at most as many as were asked for.
  std::size_t cell_count = 0;
  // Why it is no record though the next ones are; empty if it is one.
  std::string fault;
};

class CsvReader {
 public:
  // `text` must outlive the reader.
  CsvReader(std::string_view text, char separator)
      : text_(text), separator_(separator) {}

  // Reads the next record that is not blank, keeping at most `max_cells`. False
  // at the end.
  //
  // Errors:
  //   kInvalidArgument  "line L column C: a quoted cell does not end".
  absl::StatusOr<bool> Next(std::size_t max_cells, CsvRecord& record);

  // Counts what follows from `line`.
  void SetLine(std::size_t line) { line_ = line; }

 private:
  absl::Status ReadRecord(std::size_t max_cells, CsvRecord& record);
  absl::Status Quoted(std::string* cell, CsvRecord& record);
  void Unquoted(std::string* cell);
  // Behind a line end at at_, if there is one.
  bool LineEnd();

  std::string_view text_;
  char separator_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t line_begin_ = 0;
};

// One record with its line end, quoted where RFC 4180 asks for it.
std::string CsvLine(const std::vector<std::string>& cells);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_CSV_H_
