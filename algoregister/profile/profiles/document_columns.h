// Columns of the profiles whose files are documents: all optional, for a
// document leaves out what it does not say. For them alone.

#ifndef LIMPID_ALGOREGISTER_PROFILE_PROFILES_DOCUMENT_COLUMNS_H_
#define LIMPID_ALGOREGISTER_PROFILE_PROFILES_DOCUMENT_COLUMNS_H_

#include <array>
#include <span>
#include <string_view>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/profiles/columns.h"

namespace limpid::algoregister::profiles {

constexpr Column Words(std::string_view place, std::string_view field) {
  return Optional(Text(place, field));
}

constexpr Column Line(std::string_view place, std::string_view field) {
  return Optional(Plain(place, field));
}

// A list of texts; a single one may stand without brackets.
constexpr Column List(std::string_view place, std::string_view field) {
  Column out = Optional(Plains(place, field));
  out.separator = "";
  return out;
}

// A field of several texts at a place that takes one.
constexpr Column OneOf(std::string_view place, std::string_view field) {
  Column out = List(place, field);
  out.single = true;
  return out;
}

// A list of objects of one member each.
constexpr Column ListOf(std::string_view place, std::string_view field,
                        std::string_view member) {
  Column out = List(place, field);
  out.member = member;
  return out;
}

constexpr Column Day(std::string_view place, std::string_view field) {
  return Optional(Date(place, field));
}

constexpr Column Address(std::string_view place, std::string_view field) {
  return Optional(Url(place, field));
}

constexpr Column Count(std::string_view place, std::string_view field) {
  return {.foreign = place,
          .field = field,
          .type = ColumnType::kNumber,
          .optional = true};
}

constexpr Column Digest(std::string_view place, std::string_view field,
                        std::string_view companion = {}) {
  return {.foreign = place,
          .field = field,
          .type = ColumnType::kDigest,
          .companion = companion,
          .optional = true};
}

constexpr Column Code(std::string_view place, std::string_view field,
                      std::span<const CodePair> codes) {
  return Optional(Coded(place, field, codes));
}

constexpr Column Table(std::string_view place, std::string_view field,
                       std::span<const MemberColumn> members,
                       std::string_view companion = {}) {
  Column out = Optional(Records(place, field, members));
  out.separator = "";
  out.companion = companion;
  return out;
}

constexpr Column Part(std::string_view place, std::string_view field) {
  return Optional(Document(place, field));
}

constexpr Column Body(std::string_view place, std::string_view field) {
  return Optional(OrganisationName(place, field));
}

// What no other column takes.
constexpr Column Rest(std::string_view field) { return Part("", field); }

// An id where a document has none: `prefix` and ours.
constexpr Column MintedId(std::string_view place,
                          std::span<const CodePair> prefix) {
  Column out = ForeignId(place);
  out.codes = prefix;
  return out;
}

// What an export makes up.
constexpr Column Made(std::string_view place, std::span<const CodePair> form) {
  return {
      .foreign = place, .field = "", .type = ColumnType::kMade, .codes = form};
}

// What a record has beyond the members named.
inline constexpr MemberColumn kOther = {.foreign = "", .member = "other"};

// SPDX: presence of a property.
inline constexpr auto kPresence = std::to_array<CodePair>({
    {"yes", "yes"},
    {"no", "no"},
    {"noAssertion", ""},
});

}  // namespace limpid::algoregister::profiles

#endif  // LIMPID_ALGOREGISTER_PROFILE_PROFILES_DOCUMENT_COLUMNS_H_
