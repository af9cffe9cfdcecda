#include "common/json/position.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"

namespace limpid::json {

Position PositionOf(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto breaks = std::count(before.begin(), before.end(), '\n');
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0.
  return {.line = static_cast<std::size_t>(breaks) + 1,
          .column = before.size() - line_start + 1};
}

absl::Status ErrorAt(absl::StatusCode code, Position position,
                     std::string_view reason) {
  return {code, absl::StrCat("line ", position.line, " column ",
                             position.column, ": ", base::ToAbsl(reason))};
}

}  // namespace limpid::json
