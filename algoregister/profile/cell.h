// What a file says in one place, read as one type: our value, or why there is
// none, and what had to be repaired. Pure.
// docs/formats/profiles.md

#ifndef LIMPID_ALGOREGISTER_PROFILE_CELL_H_
#define LIMPID_ALGOREGISTER_PROFILE_CELL_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "algoregister/profile/profile.h"
#include "algoregister/registration/field_table.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// How a place is read: a Column or MemberColumn without its name.
struct CellType {
  ColumnType type = ColumnType::kPlain;
  std::span<const CodePair> codes = {};
  // BCP 47.
  std::string_view language = {};
  std::string_view separator = ";";
  bool month_first = false;
  // In a flat file, where spreadsheets' apostrophes stand before formulas.
  bool flat = false;
};

struct CellReading {
  // Of the field's type, but for its bounds; nothing when there is nothing to
  // say or `fault` says why it cannot be.
  std::optional<json::Value> value;
  // Why something was left out, without the value.
  std::string fault;
  // What was repaired.
  std::vector<std::string> repairs;
  // The texts that were left out, as they stood in the file.
  std::vector<std::string> odd;
  // Of a scalar: the text that `value` was read from, and how many of `repairs`
  // came before reading it. The others are the value's: without it nothing was
  // repaired.
  std::optional<std::string> text;
  std::size_t text_repairs = 0;
};

// "", null, "[]", [] and {} say nothing.
bool IsEmptyCell(const json::Value& value);

// The trimmed text of a scalar, numbers as text. Nothing, and a fault, for
// lists and objects.
std::optional<std::string> TextOfCell(const json::Value& value, bool flat,
                                      CellReading& out);

// Reads every type but kForeignId, kOrganisationName, kRecords, kRecordMember
// and kConstant, which are a row's matter. `value` is not empty.
CellReading ReadCell(const CellType& type, const json::Value& value);

// The type that reads a member or field of `type` from a flat file.
ColumnType ColumnTypeFor(FieldType type);

// The pair that `text` means, or nullptr: exactly, or without regard to case,
// blanks, "_", "-" and a letter before ("a) Deployed").
const CodePair* FindCode(std::span<const CodePair> codes,
                         std::string_view text);

// A date in any of the ways files write it, as ISO 8601 writes it; anything
// else as it is: also two digits for a year after 2035, which may be of the
// last century. `how` says what was done.
std::string IsoDate(std::string_view text, bool month_first, std::string& how);

// Why a list of one cell was not taken apart.
inline constexpr std::string_view kTooManyTexts =
    "a list of more than 500 elements";

// A spreadsheet runs what begins with "=", "+", "-", "@", TAB or CR, and some
// do with the first four in full width (U+FF1D, U+FF0B, U+FF0D, U+FF20). Those
// of many countries take a line apart at semicolons, whatever quotes stand
// there, so that inside a text a cell can begin behind each ";" and line end
// too, and behind blanks and quotes there. Such a place is written with an
// apostrophe before it and read with one less:
// WithoutApostrophes(Neutralise(text)) is `text`.
std::string Neutralise(std::string_view text);
std::string WithoutApostrophes(std::string_view text);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_CELL_H_
