// Takes a file of a profile apart into rows, whatever its layout: each row with
// the line it starts on, a broken one as a fault of its own. Pure.
// docs/formats/profiles.md

#ifndef LIMPID_ALGOREGISTER_PROFILE_READER_H_
#define LIMPID_ALGOREGISTER_PROFILE_READER_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/row.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// The US list has 36 columns; the widest national form some 140.
inline constexpr std::size_t kMaxCsvColumns = 1'000;

struct FileRow {
  // Place in the file, from 0.
  std::size_t index = 0;
  // From 1.
  std::size_t line = 1;
  // As ReadRow wants it; or why it is no row.
  absl::StatusOr<json::Value> value;
};

struct FileText {
  std::string_view text;
  std::size_t max_bytes = 0;
  // Of a part of a larger file: line there of the part's first row, from which
  // lines are counted. 0 for a whole file.
  std::size_t first_row_line = 0;
};

// Calls `row` for each row in order and returns the remarks on the file as a
// whole.
//
// Errors:
//   kInvalidArgument    the file as a whole is not of the profile's layout,
//                       "line L column C: reason" or "line L: reason".
//   kResourceExhausted  larger than allowed.
//   whatever `row` answers: it ends the reading.
absl::StatusOr<std::vector<Finding>> ForEachRow(
    const Profile& profile, const FileText& file,
    absl::FunctionRef<absl::Status(const FileRow&)> row);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_READER_H_
