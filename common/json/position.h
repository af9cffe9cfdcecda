// Where in a text something went wrong, in the words every parse error of this
// library uses.

#ifndef LIMPID_COMMON_JSON_POSITION_H_
#define LIMPID_COMMON_JSON_POSITION_H_

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"

namespace limpid::json {

// Both from 1; a column counts bytes.
struct Position {
  std::size_t line = 1;
  std::size_t column = 1;
};

// The position of the byte at `offset`, which may be the end of `text`.
Position PositionOf(std::string_view text, std::size_t offset);

// "line L column C: reason" with the code given.
absl::Status ErrorAt(absl::StatusCode code, Position position,
                     std::string_view reason);

}  // namespace limpid::json

#endif  // LIMPID_COMMON_JSON_POSITION_H_
