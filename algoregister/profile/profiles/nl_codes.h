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
