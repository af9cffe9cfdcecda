// CSV after RFC 4180, strictly: what two readers could read in two ways is
// refused. Knows no column.

#ifndef LIMPID_ALGOREGISTER_EVIDENCE_CSV_H_
#define LIMPID_ALGOREGISTER_EVIDENCE_CSV_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace limpid::algoregister::evidence {

// Of one line.
inline constexpr std::size_t kMaxCsvFields = 64;
// Of one field.
inline constexpr std::size_t kMaxCsvFieldBytes = 1'000;

// One line. `line` counts lines of the text from 1.
using CsvRow = absl::FunctionRef<absl::Status(
    std::size_t line, std::span<const std::string> fields)>;

// Calls `row` for each line, the header first. Lines end in LF or CRLF, the
// last one perhaps in neither; every line has as many fields as the header.
//
// Errors: the first of `row`, and
//   kInvalidArgument    "line N: reason": an empty text, a stray or unclosed
//                       quote, a bare CR, a NUL, another number of fields.
//   kResourceExhausted  over a limit; the same form.
absl::Status ReadCsv(std::string_view text, CsvRow row);

// One field as it is written: in quotes where it needs them.
std::string CsvField(std::string_view text);

}  // namespace limpid::algoregister::evidence

#endif  // LIMPID_ALGOREGISTER_EVIDENCE_CSV_H_
