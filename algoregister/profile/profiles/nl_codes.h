// Code lists of the Dutch national register that more than one of its standards
// has. For the tables of this folder alone.

#ifndef LIMPID_ALGOREGISTER_PROFILE_PROFILES_NL_CODES_H_
#define LIMPID_ALGOREGISTER_PROFILE_PROFILES_NL_CODES_H_

#include <array>

#include "algoregister/profile/profile.h"

namespace limpid::algoregister::profiles::nl {

inline constexpr auto kStatus = std::to_array<CodePair>({
    {"In gebruik", "in_use"},
    {"In ontwikkeling", "in_development"},
    {"Buiten gebruik", "out_of_use"},
});

// The themes of 1.0, and what 0.4 and the keywords before it called them.
inline constexpr auto kThemes = std::to_array<CodePair>({
    {"Organisatie en bedrijfsvoering", "administration"},
    {"Cultuur en recreatie", "culture"},
    {"Economie", "economy"},
    {"Overheidsfinanciën", "public_finance"},
    {"Financiën", "public_finance"},
    {"Wonen", "housing"},
    {"Huisvesting", "housing"},
    {"Internationaal", "international"},
    {"Landbouw", "agriculture"},
    {"Migratie en integratie", "migration"},
    {"Natuur en milieu", "environment"},
    {"Onderwijs en wetenschap", "education"},
    {"Openbare orde en veiligheid", "public_safety"},
    {"Recht", "justice"},
    {"Ruimte en infrastructuur", "space"},
    {"Sociale zekerheid", "social_security"},
    {"Verkeer", "traffic"},
    {"Werk", "work"},
    {"Zorg en gezondheid", "health"},
    {"Dienstverlening", "service_delivery"},
});

inline constexpr auto kTechnique = std::to_array<CodePair>({
    {"Regelgebaseerd", "rule_based"},
    {"Op regels gebaseerd", "rule_based"},
    {"Rule based", "rule_based"},
    {"Zelflerend", "self_learning"},
});

// In which language an answer of the delivery interface is: it answers one
// object for each, under one id.
inline constexpr auto kTranslation = std::to_array<CodePair>({
    {"NLD", "nl"},
    {"ENG", "en"},
    {"FRY", "fy"},
    {"nl", "nl"},
    {"en", "en"},
    {"fy", "fy"},
    {"Nederlands", "nl"},
    {"Engels", "en"},
    {"Fries", "fy"},
    {"Frysk", "fy"},
    {"Dutch", "nl"},
    {"English", "en"},
    {"Frisian", "fy"},
});

// Where that object stands in the national register.
inline constexpr auto kState = std::to_array<CodePair>({
    {"PUBLISHED", "published"},
    {"ARCHIVED", "archived"},
    {"EXPIRED", "expired"},
    {"STATE_1", "state_1"},
    {"STATE_2", "state_2"},
});

inline constexpr auto kDone = std::to_array<CodePair>({
    {"Ja", "done"},
    {"Nee", "not_done"},
});

inline constexpr auto kYesNo = std::to_array<CodePair>({
    {"Ja", "yes"},
    {"Nee", "no"},
});

}  // namespace limpid::algoregister::profiles::nl

#endif  // LIMPID_ALGOREGISTER_PROFILE_PROFILES_NL_CODES_H_
