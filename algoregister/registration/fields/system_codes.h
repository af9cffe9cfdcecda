// Code lists and records of systems alone. For system.cc.

#ifndef LIMPID_ALGOREGISTER_REGISTRATION_FIELDS_SYSTEM_CODES_H_
#define LIMPID_ALGOREGISTER_REGISTRATION_FIELDS_SYSTEM_CODES_H_

#include <array>

#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/shapes.h"

namespace limpid::algoregister::fields {

// Regulation (EU) 2024/1689, Annex VIII, A.7 and B.8.
inline constexpr auto kMarketStatus = std::to_array<Code>({
    {"on_market", "on the market or in service"},
    {"withdrawn", "no longer on the market or in service"},
    {"recalled", "recalled"},
});

// The same, Article 6(3): why a system of Annex III is not high-risk.
inline constexpr auto kExemption = std::to_array<Code>({
    {"detects_patterns", "detects patterns of decisions (c)"},
    {"improves_result", "improves the result of human work (b)"},
    {"narrow_task", "performs a narrow procedural task (a)"},
    {"preparatory_task", "prepares an assessment (d)"},
});

// ISO 3166-1 of the member states and of Iceland, Liechtenstein and Norway.
inline constexpr auto kMemberStates = std::to_array<Code>({
    {"AT", "Austria"},   {"BE", "Belgium"},     {"BG", "Bulgaria"},
    {"CY", "Cyprus"},    {"CZ", "Czechia"},     {"DE", "Germany"},
    {"DK", "Denmark"},   {"EE", "Estonia"},     {"ES", "Spain"},
    {"FI", "Finland"},   {"FR", "France"},      {"GR", "Greece"},
    {"HR", "Croatia"},   {"HU", "Hungary"},     {"IE", "Ireland"},
    {"IS", "Iceland"},   {"IT", "Italy"},       {"LI", "Liechtenstein"},
    {"LT", "Lithuania"}, {"LU", "Luxembourg"},  {"LV", "Latvia"},
    {"MT", "Malta"},     {"NL", "Netherlands"}, {"NO", "Norway"},
    {"PL", "Poland"},    {"PT", "Portugal"},    {"RO", "Romania"},
    {"SE", "Sweden"},    {"SI", "Slovenia"},    {"SK", "Slovakia"},
});

inline constexpr auto kKind = std::to_array<Code>({
    {"ai_system", "AI system"},
    {"general_purpose_system", "general-purpose AI system"},
    {"general_purpose_model", "general-purpose AI model"},
    {"no_algorithm", "no algorithm"},
    {"impactful_algorithm", "algorithm with impact"},
    {"other_algorithm", "algorithm without impact"},
});

inline constexpr auto kActRole = std::to_array<Code>({
    {"provider", "provider"},
    {"deployer", "deployer"},
    {"distributor", "distributor"},
    {"importer", "importer"},
});

inline constexpr auto kConformityBody = std::to_array<Code>({
    {"third_party", "assessed by a third party"},
    {"own", "assessed by the provider"},
});

inline constexpr auto kCertificateMembers = std::to_array<MemberSpec>({
    LineMember("kind", "Kind"),
    LineMember("number", "Number"),
    MemberSpec{.name = "expires", .label = "Expires", .type = FieldType::kDate},
    LineMember("body", "Notified body"),
    LineMember("body_number", "Number of the notified body"),
});

inline constexpr auto kOwnerMembers = std::to_array<MemberSpec>({
    LineMember("national_id", "National number of organisations"),
    LineMember("organisation", "Organisation"),
    LineMember("name", "Contact"),
    LineMember("email", "E-mail"),
    LineMember("role", "Role of the contact"),
});

inline constexpr auto kLabelMembers = std::to_array<MemberSpec>({
    LineMember("name", "Name"),
    LineMember("value", "Value"),
});

inline constexpr auto kInterfaceMembers = std::to_array<MemberSpec>({
    ProseMember("description", "Description"),
    LineMember("link", "Address"),
    LineMember("snapshot", "Picture"),
});

}  // namespace limpid::algoregister::fields

#endif  // LIMPID_ALGOREGISTER_REGISTRATION_FIELDS_SYSTEM_CODES_H_
