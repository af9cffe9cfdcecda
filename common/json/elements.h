// Reads a long list element by element, with the line each starts on, so that
// one broken element is reported and the others still count. Made for files of
// others; a text whose brackets do not match is one error and gives nothing.

#ifndef LIMPID_COMMON_JSON_ELEMENTS_H_
#define LIMPID_COMMON_JSON_ELEMENTS_H_

#include <cstddef>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/json/json.h"
#include "common/json/value.h"

namespace limpid::json {

// Most elements of one list: as many as values in one text.
inline constexpr std::size_t kMaxElements = 200'000;

struct Element {
  // Place in the list, from 0.
  std::size_t index = 0;
  // Line of the text that the element starts on, from 1.
  std::size_t line = 1;
  // The element, or why it is not one (kInvalidArgument, kResourceExhausted:
  // "line L column C: reason", counted in the whole text).
  absl::StatusOr<Value> value;
};

// Calls `row` for each element of the array that `member` of the object `text`
// holds, in order; of the array `text` itself when `member` is empty. Lines are
// counted from `first_line`, for a text that is a part of another. First checks
// the whole text's brackets, strings and everything outside the array. Returns
// the object with an empty array in that place. `limits` hold for the whole
// (bytes) and for each element (the rest).
//
// Errors:
//   kInvalidArgument    "line L column C: reason", or no such array; the list
//                       has more than kMaxElements.
//   kResourceExhausted  larger than allowed.
//   whatever `row` answers: it ends the reading.
absl::StatusOr<Value> ForEachElement(
    std::string_view text, std::string_view member, const ParseLimits& limits,
    absl::FunctionRef<absl::Status(const Element&)> row,
    std::size_t first_line = 1);

}  // namespace limpid::json

#endif  // LIMPID_COMMON_JSON_ELEMENTS_H_
