#include "algoregister/profile/export.h"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "algoregister/profile/profile.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/ids.h"
#include "common/json/json.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using json::Value;

// Writes one item as a row.
class RowWriter {
 public:
  RowWriter(const Profile& profile, const ExportItem& item,
            const OrganisationNames& names, std::vector<Dropped>& dropped)
      : profile_(profile), item_(item), names_(names), dropped_(dropped) {}

  // The row, without meaning if the item has no id in that register.
  Value Run(std::string& foreign_id) {
    for (const Alias& alias : AliasesOf(item_.content)) {
      if (alias.scheme == profile_.name && foreign_id.empty()) {
        foreign_id = alias.id;
      } else {
        Drop("/aliases", "another register's id");
      }
    }
    if (foreign_id.empty()) {
      Drop("", "has no id in that register");
      return {};
    }
    Value row = Value::Object();
    for (const Column& column : profile_.columns) {
      row.Set(column.foreign, column.type == ColumnType::kForeignId
                                  ? foreign_id
                                  : Text(column));
    }
    DropUncovered();
    return row;
  }

 private:
  void Drop(std::string pointer, std::string_view reason) {
    dropped_.push_back({.registration = item_.registration,
                        .pointer = std::move(pointer),
                        .reason = std::string(reason)});
  }

  static std::string PointerTo(std::string_view field) {
    return "/fields/" + json::PointerToken(field);
  }

  // What that register writes for "not known".
  static std::string Unknown(const Column& column) {
    const auto found =
        std::find_if(column.codes.begin(), column.codes.end(),
                     [](const CodePair& pair) { return pair.ours.empty(); });
    return found == column.codes.end() ? std::string()
                                       : std::string(found->foreign);
  }

  std::string Text(const Column& column) {
    const Value* const field =
        item_.content.FindPointer(PointerTo(column.field));
    if (field == nullptr) return Unknown(column);
    const Value* const value = GivenValue(item_.content, column.field);
    if (value == nullptr) {
      if (*field->Find("state") != Value("missing")) {
        Drop(PointerTo(column.field), "the state cannot be expressed");
      }
      return Unknown(column);
    }
    if (column.type == ColumnType::kText) return Language(column, *value);
    if (column.type == ColumnType::kCode) return Code(column, value->string());
    if (column.type == ColumnType::kOrganisationName) {
      const auto id = RegistrationId::Parse(value->string());
      const auto name = id.ok() ? names_.find(*id) : names_.end();
      return name == names_.end() ? std::string() : name->second;
    }
    return value->string();
  }

  std::string Language(const Column& column, const Value& map) {
    std::string out;
    for (const json::Member& member : map.members()) {
      if (member.key != profile_.language) {
        Drop(PointerTo(column.field) + "/value/" +
                 json::PointerToken(member.key),
             "another language");
        continue;
      }
      out = member.value.Find("text")->string();
      if (*member.value.Find("origin") != Value("human")) {
        Drop(PointerTo(column.field) + "/value/" +
                 json::PointerToken(member.key) + "/origin",
             "who translated cannot be expressed");
      }
    }
    return out;
  }

  std::string Code(const Column& column, std::string_view ours) {
    for (const CodePair& pair : column.codes) {
      if (pair.ours == ours) return std::string(pair.foreign);
    }
    Drop(PointerTo(column.field), "the code cannot be expressed");
    return Unknown(column);
  }

  void DropUncovered() {
    for (const json::Member& field : item_.content.Find("fields")->members()) {
      const bool covered = std::any_of(
          profile_.columns.begin(), profile_.columns.end(),
          [&field](const Column& c) { return c.field == field.key; });
      if (!covered && *field.value.Find("state") != Value("missing")) {
        Drop(PointerTo(field.key), "no such field there");
      }
    }
  }

  const Profile& profile_;
  const ExportItem& item_;
  const OrganisationNames& names_;
  std::vector<Dropped>& dropped_;
};

}  // namespace

Export ExportItems(const Profile& profile, std::span<const ExportItem> items,
                   const OrganisationNames& names) {
  Export out;
  std::map<std::string, Value> rows;
  for (const ExportItem& item : items) {
    if (item.registration.kind != profile.kind) {
      out.dropped.push_back({.registration = item.registration,
                             .pointer = "",
                             .reason = "no such kind there"});
      continue;
    }
    std::string foreign_id;
    Value row = RowWriter(profile, item, names, out.dropped).Run(foreign_id);
    if (!foreign_id.empty()) rows[foreign_id] = std::move(row);
  }
  Value list = Value::Array();
  for (auto& [foreign_id, row] : rows) list.Append(std::move(row));
  out.file = json::Pretty(
      Value::Object({{std::string(profile.list_member), std::move(list)}}));
  return out;
}

}  // namespace limpid::algoregister
