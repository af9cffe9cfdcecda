#include "algoregister/profile/made.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "algoregister/profile/document.h"
#include "algoregister/profile/row_rest.h"

namespace limpid::algoregister {
namespace {

using json::Value;

Value FormOf(const Column& column) {
  if (column.codes.empty()) return Value("");
  return ConstantOf(column.codes.front().foreign, /*flat=*/false);
}

// `made` is a text with one placeholder at its end, or none, or a list of one.
bool Matches(const Value& said, const Value& made) {
  if (made.is_array()) {
    return said.is_array() && said.size() == 1 &&
           Matches(said.elements().front(), made.elements().front());
  }
  if (!said.is_string()) return false;
  const std::string_view form = made.string();
  const std::size_t open = form.find('{');
  if (open == std::string_view::npos) return said == made;
  return said.string().size() > open &&
         said.string().starts_with(form.substr(0, open));
}

Value Filled(const Value& form, const ExportItem& item) {
  const std::string time =
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", item.drafted, absl::UTCTimeZone());
  return Value(absl::StrReplaceAll(
      form.string(),
      {{"{time}", time}, {"{publisher}", item.publisher.Text()}}));
}

}  // namespace

bool SaysAnythingMade(const Profile& profile, const Value& document) {
  return std::any_of(profile.columns.begin(), profile.columns.end(),
                     [&document](const Column& column) {
                       return column.type == ColumnType::kMade &&
                              FindPlace(document, column.foreign) != nullptr;
                     });
}

bool IsMadeByExport(const Profile& profile, const Value& document) {
  bool any = false;
  for (const Column& column : profile.columns) {
    if (column.type != ColumnType::kMade) continue;
    any = true;
    const Value* const said = FindPlace(document, column.foreign);
    if (said == nullptr || !Matches(*said, FormOf(column))) return false;
  }
  return any;
}

std::string MadeBy(const Profile& profile, const Value& document) {
  constexpr std::string_view kPublisher = "{publisher}";
  for (const Column& column : profile.columns) {
    if (column.type != ColumnType::kMade) continue;
    const Value form = FormOf(column);
    if (!form.is_string() || !form.string().ends_with(kPublisher)) continue;
    const Value* const said = FindPlace(document, column.foreign);
    if (said == nullptr || !Matches(*said, form)) continue;
    return said->string().substr(form.string().size() - kPublisher.size());
  }
  return {};
}

Value MadeFor(const Column& column, const ExportItem& item) {
  const Value form = FormOf(column);
  if (!form.is_array()) return Filled(form, item);
  return Value(std::vector<Value>{Filled(form.elements().front(), item)});
}

}  // namespace limpid::algoregister
