// How the tables of this folder write their columns, and the lists that more
// than one of them has. For them alone.

#ifndef LIMPID_ALGOREGISTER_PROFILE_PROFILES_COLUMNS_H_
#define LIMPID_ALGOREGISTER_PROFILE_PROFILES_COLUMNS_H_

#include <array>
#include <span>
#include <string_view>

#include "algoregister/profile/profile.h"

namespace limpid::algoregister::profiles {

constexpr Column ForeignId(std::string_view foreign) {
  return {.foreign = foreign, .field = "", .type = ColumnType::kForeignId};
}

constexpr Column OrganisationName(std::string_view foreign,
                                  std::string_view field = "organisation") {
  return {.foreign = foreign,
          .field = field,
          .type = ColumnType::kOrganisationName};
}

constexpr Column Text(std::string_view foreign, std::string_view field,
                      std::string_view language = {}) {
  return {.foreign = foreign,
          .field = field,
          .type = ColumnType::kText,
          .language = language};
}

constexpr Column RichText(std::string_view foreign, std::string_view field) {
  return {.foreign = foreign, .field = field, .type = ColumnType::kRichText};
}

constexpr Column Plain(std::string_view foreign, std::string_view field) {
  return {.foreign = foreign, .field = field, .type = ColumnType::kPlain};
}

constexpr Column Plains(std::string_view foreign, std::string_view field) {
  return {.foreign = foreign, .field = field, .type = ColumnType::kPlains};
}

constexpr Column Date(std::string_view foreign, std::string_view field,
                      std::string_view otherwise = {}) {
  return {.foreign = foreign,
          .field = field,
          .type = ColumnType::kDate,
          .otherwise = otherwise};
}

// A date of the United States.
constexpr Column MonthFirst(std::string_view foreign, std::string_view field,
                            std::string_view otherwise = {}) {
  Column out = Date(foreign, field, otherwise);
  out.month_first = true;
  return out;
}

constexpr Column Url(std::string_view foreign, std::string_view field,
                     std::string_view otherwise = {}) {
  return {.foreign = foreign,
          .field = field,
          .type = ColumnType::kUrl,
          .otherwise = otherwise};
}

constexpr Column Coded(std::string_view foreign, std::string_view field,
                       std::span<const CodePair> codes,
                       std::string_view otherwise = {}) {
  return {.foreign = foreign,
          .field = field,
          .type = ColumnType::kCode,
          .codes = codes,
          .otherwise = otherwise};
}

constexpr Column CodedList(std::string_view foreign, std::string_view field,
                           std::span<const CodePair> codes,
                           std::string_view otherwise = {}) {
  Column out = Coded(foreign, field, codes, otherwise);
  out.type = ColumnType::kCodes;
  return out;
}

constexpr Column Records(std::string_view foreign, std::string_view field,
                         std::span<const MemberColumn> members) {
  return {.foreign = foreign,
          .field = field,
          .type = ColumnType::kRecords,
          .members = members};
}

constexpr Column RecordMember(std::string_view foreign, std::string_view field,
                              std::string_view member,
                              std::string_view separator = ";") {
  return {.foreign = foreign,
          .field = field,
          .type = ColumnType::kRecordMember,
          .separator = separator,
          .member = member};
}

// One member of the one record that such a field has in flat files.
constexpr Column SingleMember(std::string_view foreign, std::string_view field,
                              std::string_view member) {
  return RecordMember(foreign, field, member, /*separator=*/"");
}

constexpr Column Document(std::string_view foreign, std::string_view field) {
  return {.foreign = foreign, .field = field, .type = ColumnType::kDocument};
}

constexpr Column Constant(std::string_view foreign,
                          std::span<const CodePair> codes) {
  return {.foreign = foreign,
          .field = "",
          .type = ColumnType::kConstant,
          .codes = codes};
}

// In which language the row is.
constexpr Column Language(std::string_view foreign,
                          std::span<const CodePair> codes) {
  return {.foreign = foreign,
          .field = "",
          .type = ColumnType::kLanguage,
          .codes = codes};
}

// Words that an earlier release kept in `field`.
constexpr Column Formerly(Column column, std::string_view field) {
  column.formerly = field;
  return column;
}

constexpr Column Required(Column column) {
  column.required = true;
  return column;
}

constexpr Column Optional(Column column) {
  column.optional = true;
  return column;
}

inline constexpr auto kYesNoPairs = std::to_array<CodePair>({
    {"Yes", "yes"},
    {"No", "no"},
});

// No national register says which registered system a deployment is one of.
inline constexpr auto kNoSystem = std::to_array<std::string_view>({
    "system",
});

}  // namespace limpid::algoregister::profiles

#endif  // LIMPID_ALGOREGISTER_PROFILE_PROFILES_COLUMNS_H_
