// Whatever text comes in: reading ends, no record has more cells than were
// asked for, and what is written of a record reads as that record.

#include <cstddef>
#include <cstdint>
#include <string>

#include "algoregister/profile/csv.h"
#include "common/base/bytes.h"
#include "common/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using limpid::algoregister::CsvLine;
  using limpid::algoregister::CsvReader;
  using limpid::algoregister::CsvRecord;
  constexpr std::size_t kMaxCells = 20;
  const std::string text = limpid::base::ToText({data, size});
  CsvReader reader(text, ',');
  CsvRecord record;
  std::size_t line = 0;
  while (true) {
    const auto more = reader.Next(kMaxCells, record);
    if (!more.ok() || !*more) return 0;
    LIMPID_CHECK(record.cells.size() <= kMaxCells);
    LIMPID_CHECK(record.cell_count >= record.cells.size());
    LIMPID_CHECK(record.line > line);
    line = record.line;
    const std::string written = CsvLine(record.cells);
    CsvReader again(written, ',');
    CsvRecord same;
    const auto read = again.Next(kMaxCells, same);
    LIMPID_CHECK(read.ok());
    // One empty cell is a blank line.
    if (!*read) continue;
    LIMPID_CHECK(same.cells == record.cells && same.fault.empty());
  }
}
