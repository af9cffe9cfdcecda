// Shapes of rows, code lists and records that several kinds have in common. For
// the tables of this folder alone.

#ifndef LIMPID_ALGOREGISTER_REGISTRATION_FIELDS_SHAPES_H_
#define LIMPID_ALGOREGISTER_REGISTRATION_FIELDS_SHAPES_H_

#include <array>
#include <cstddef>
#include <string_view>

#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/rows.h"

namespace limpid::algoregister::fields {

// A line of free words; what real registers write where an address or a code
// belongs reaches 1,020 bytes.
inline constexpr std::size_t kLineBytes = 2'000;

// A line that is the same in every language.
constexpr FieldSpec Line(std::string_view name, std::string_view label,
                         Chapter chapter) {
  return Plain(name, label, chapter, FieldType::kPlain, kLineBytes);
}

constexpr FieldSpec Lines(std::string_view name, std::string_view label,
                          Chapter chapter) {
  return Plain(name, label, chapter, FieldType::kPlains, kLineBytes);
}

constexpr FieldSpec Address(std::string_view name, std::string_view label,
                            Chapter chapter) {
  return Plain(name, label, chapter, FieldType::kUrl, kUrlBytes);
}

constexpr FieldSpec Day(std::string_view name, std::string_view label,
                        Chapter chapter) {
  return Plain(name, label, chapter, FieldType::kDate);
}

constexpr MemberSpec LineMember(std::string_view name, std::string_view label) {
  return {.name = name,
          .label = label,
          .type = FieldType::kPlain,
          .max_bytes = kLineBytes};
}

constexpr MemberSpec ProseMember(std::string_view name,
                                 std::string_view label) {
  return {.name = name,
          .label = label,
          .type = FieldType::kText,
          .max_bytes = kProseBytes};
}

constexpr MemberSpec AddressMember(std::string_view name,
                                   std::string_view label) {
  return {.name = name,
          .label = label,
          .type = FieldType::kUrl,
          .max_bytes = kUrlBytes};
}

inline constexpr auto kYesNo = std::to_array<Code>({
    {"yes", "yes"},
    {"no", "no"},
});

// How it was made to decide.
inline constexpr auto kTechnique = std::to_array<Code>({
    {"rule_based", "rules written by people"},
    {"self_learning", "learnt from data"},
    {"hybrid", "rules and learning"},
    {"classical_ml", "classical or predictive machine learning"},
    {"vision", "computer vision"},
    {"language", "language processing"},
    {"generative", "generative"},
    {"agentic", "agents that act by themselves"},
    {"reinforcement", "reinforcement learning"},
    {"other", "other"},
});

// Classes of risk as the European act and those who follow it have them.
inline constexpr auto kRiskClass = std::to_array<Code>({
    {"minimal", "minimal risk"},
    {"limited", "limited risk"},
    {"not_high", "not high-risk"},
    {"high", "high-risk"},
    {"unacceptable", "forbidden"},
    {"exempt", "an exception applies"},
});

// Texts of law with their address; `note` takes what is no address.
inline constexpr auto kNotedLinkMembers = std::to_array<MemberSpec>({
    LineMember("title", "Title"),
    AddressMember("url", "Address"),
    LineMember("note", "Instead of an address"),
});

// Who made it or keeps it.
inline constexpr auto kSupplierMembers = std::to_array<MemberSpec>({
    LineMember("name", "Name"),
    LineMember("identifier", "Company number"),
    LineMember("version", "Version"),
    ProseMember("role", "Role"),
    ProseMember("data_access", "Terms of access to data"),
});

}  // namespace limpid::algoregister::fields

#endif  // LIMPID_ALGOREGISTER_REGISTRATION_FIELDS_SHAPES_H_
