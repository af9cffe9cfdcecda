// What rows of a profile go by, and what people call their columns.

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/row.h"
#include "common/base/text.h"

namespace limpid::algoregister {

using base::ToAbsl;

Finding RejectionOf(const Profile& profile, const absl::Status& status) {
  const std::string message(base::ToStd(status.message()));
  for (const Column& column : profile.columns) {
    const std::string pointer =
        column.type == ColumnType::kForeignId
            ? std::string("/aliases")
            : absl::StrCat("/fields/", ToAbsl(column.field));
    const bool here = message.starts_with(pointer + "/") ||
                      message.starts_with(pointer + ":");
    if (!here) continue;
    const std::size_t reason = message.find(": ");
    return {.field = std::string(column.foreign),
            .repaired = false,
            .message = reason == std::string::npos
                           ? message
                           : message.substr(reason + 2)};
  }
  return {.field = "", .repaired = false, .message = message};
}

bool HasForeignIds(const Profile& profile) {
  return std::any_of(
      profile.columns.begin(), profile.columns.end(),
      [](const Column& c) { return c.type == ColumnType::kForeignId; });
}

}  // namespace limpid::algoregister
