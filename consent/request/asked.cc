#include "consent/request/asked.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"

namespace limpid::consent {

absl::StatusOr<LinePositions> CheckAsked(std::string_view field,
                                         LinePositions lines,
                                         const Agreement& agreement) {
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  for (std::size_t i = 0; i < agreement.content.lines.size(); ++i) {
    const AgreementLine& line = agreement.content.lines[i];
    if (line.necessity != Necessity::kRequired ||
        std::binary_search(lines.begin(), lines.end(),
                           static_cast<std::uint16_t>(i))) {
      continue;
    }
    return absl::InvalidArgumentError(
        absl::StrCat(base::ToAbsl(field), ": leaves out the required line ",
                     line.attribute));
  }
  return lines;
}

absl::Status Unresolved(std::string_view field, std::string_view pointer,
                        std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(base::ToAbsl(field), ": ",
                                                 base::ToAbsl(pointer), ": ",
                                                 base::ToAbsl(why)));
}

}  // namespace limpid::consent
