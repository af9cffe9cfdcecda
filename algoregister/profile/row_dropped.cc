// What a row of row_writer.h does not say.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "algoregister/profile/cell.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/row_writer.h"
#include "algoregister/profile/text_list.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/registration/value_check.h"
#include "common/json/json.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using json::Value;

// How a profile's columns carry a field.
struct Carried {
  // As the field of one of them.
  bool itself = false;
  // Else the field whose place it takes as words; empty for none.
  std::string_view instead_of;
};

Carried CarriedBy(const Profile& profile, std::string_view field) {
  Carried out;
  for (const Column& column : profile.columns) {
    out.itself = out.itself || column.field == field;
    if (column.otherwise == field) out.instead_of = column.field;
  }
  return out;
}

}  // namespace

void RowWriter::DropUncovered() {
  for (const json::Member& field : item_.content.Find("fields")->members()) {
    if (*field.value.Find("state") == Value("missing")) continue;
    if (DropField(field.key, field.value)) continue;
    const std::string pointer = PointerTo(field.key);
    const Value* const value = GivenValue(item_.content, field.key);
    const FieldSpec* const spec = FindField(profile_.kind, field.key);
    if (value == nullptr || spec == nullptr) continue;
    if (spec->type == FieldType::kText) DropLanguages(*spec, *value, pointer);
    if (spec->type == FieldType::kRecords) {
      DropMembers(*spec, *value);
    } else {
      // The list of a flat cell says "[]" between quotes, which is read.
      DropUnread(spec->type, *value, pointer + "/value",
                 flat_ && spec->type == FieldType::kPlains);
    }
  }
}

bool RowWriter::DropField(std::string_view field, const Value& state) {
  const Carried carried = CarriedBy(profile_, field);
  if (carried.itself) return false;
  if (carried.instead_of.empty()) {
    Drop(PointerTo(field), "no such field there");
    return true;
  }
  if (*state.Find("state") != Value("given")) {
    Drop(PointerTo(field), "the state cannot be expressed");
    return true;
  }
  if (worded_.contains(field)) return false;
  // One place takes one of the two, and reading takes the other out.
  Drop(PointerTo(field), "not beside " + std::string(carried.instead_of));
  return true;
}

// Valid contents have had texts with line ends at their ends, and "[]", from
// the beginning, so that no check takes them now.
void RowWriter::DropUnread(FieldType type, const Value& value,
                           const std::string& pointer, bool is_quoted) {
  if (type == FieldType::kText && value.is_object()) {
    for (const json::Member& one : value.members()) {
      if (const Value* const text = one.value.Find("text")) {
        DropUnread(FieldType::kPlain, *text, Below(pointer, one.key),
                   is_quoted);
      }
    }
  } else if (type == FieldType::kPlains && value.is_array()) {
    std::size_t index = 0;
    for (const Value& text : value.elements()) {
      DropUnread(FieldType::kPlain, text, absl::StrCat(pointer, "/", index++),
                 is_quoted);
    }
  } else if (type == FieldType::kPlain && value.is_string()) {
    if (Trim(value.string()) != value.string()) {
      Drop(pointer, "tabs and line ends at its ends are lost");
    } else if (!is_quoted && IsEmptyCell(value)) {
      Drop(pointer, "reads as an empty list");
    }
  }
}

void RowWriter::DropLanguages(const FieldSpec& spec, const Value& map,
                              const std::string& pointer) {
  for (const json::Member& member : map.members()) {
    const bool covered = std::any_of(
        profile_.columns.begin(), profile_.columns.end(), [&](const Column& c) {
          return (c.field == spec.name || c.otherwise == spec.name) &&
                 LanguageOf(c) == member.key;
        });
    if (covered) continue;
    Drop(pointer + "/value/" + json::PointerToken(member.key),
         "another language");
  }
}

void RowWriter::DropMembers(const FieldSpec& spec, const Value& list) {
  const auto covers = [&](std::string_view name) {
    return std::any_of(
        profile_.columns.begin(), profile_.columns.end(), [&](const Column& c) {
          if (c.field != spec.name) return false;
          return c.member == name ||
                 std::any_of(c.members.begin(), c.members.end(),
                             [name](const MemberColumn& m) {
                               return m.member == name || m.otherwise == name;
                             });
        });
  };
  std::size_t index = 0;
  for (const Value& record : list.elements()) {
    for (const json::Member& member : record.members()) {
      const std::string pointer = Below(
          absl::StrCat(PointerTo(spec.name), "/value/", index), member.key);
      const MemberSpec* const known = FindMember(spec, member.key);
      if (!covers(member.key)) {
        Drop(pointer, "no such field there");
      } else if (known != nullptr) {
        DropUnread(known->type, member.value, pointer, /*is_quoted=*/false);
      }
    }
    ++index;
  }
}

}  // namespace limpid::algoregister
