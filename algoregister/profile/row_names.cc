// What rows of a profile go by, and what people call their columns.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "algoregister/profile/cell.h"
#include "algoregister/profile/document.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/row.h"
#include "algoregister/registration/ids.h"
#include "common/base/text.h"
#include "common/json/value.h"

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

std::string ForeignIdOf(const Profile& profile, const json::Value& row) {
  const bool document = profile.layout == Layout::kDocument;
  for (const Column& column : profile.columns) {
    if (column.type != ColumnType::kForeignId || !row.is_object()) continue;
    const json::Value* const value =
        document ? FindPlace(row, column.foreign) : row.Find(column.foreign);
    if (value == nullptr || IsEmptyCell(*value)) continue;
    CellReading ignored;
    auto text = TextOfCell(*value, profile.layout == Layout::kCsv, ignored);
    const bool minted =
        text && !column.codes.empty() &&
        text->starts_with(column.codes.front().foreign) &&
        RegistrationId::Parse(text->substr(column.codes.front().foreign.size()))
            .ok();
    if (text && !minted) return *std::move(text);
  }
  return {};
}

bool HasRowLanguages(const Profile& profile) {
  return std::any_of(
      profile.columns.begin(), profile.columns.end(),
      [](const Column& c) { return c.type == ColumnType::kLanguage; });
}

std::string_view ForeignNameOf(const Profile& profile, std::string_view field) {
  for (const Column& column : profile.columns) {
    const bool here = column.field == field || column.otherwise == field ||
                      column.formerly == field;
    if (here && !field.empty()) return column.foreign;
  }
  return {};
}

bool HasForeignIds(const Profile& profile) {
  return std::any_of(
      profile.columns.begin(), profile.columns.end(),
      [](const Column& c) { return c.type == ColumnType::kForeignId; });
}

}  // namespace limpid::algoregister
