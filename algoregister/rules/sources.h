// The rules of one source each, and how their files write rows. For rule.cc
// and the tables of this folder.

#ifndef LIMPID_ALGOREGISTER_RULES_SOURCES_H_
#define LIMPID_ALGOREGISTER_RULES_SOURCES_H_

#include <span>
#include <string_view>

#include "algoregister/rules/rule.h"

namespace limpid::algoregister::rules {

// A field that a standard marks as required counts thrice one that it wants
// shown.
inline constexpr int kRequired = 3;
inline constexpr int kWanted = 1;

constexpr Rule OfDeployment(std::string_view source, std::string_view field,
                            int weight = kRequired,
                            std::span<const Clause> when = {}) {
  return {.source = source,
          .kind = RegistrationKind::kDeployment,
          .field = field,
          .weight = weight,
          .when = when};
}
constexpr Rule OfSystem(std::string_view source, std::string_view field,
                        int weight = kRequired,
                        std::span<const Clause> when = {}) {
  Rule out = OfDeployment(source, field, weight, when);
  out.kind = RegistrationKind::kSystem;
  return out;
}

// US Office of Management and Budget, inventory of 2025.
std::span<const Rule> OmbUseCases();
// Dutch publication standard 1.0.
std::span<const Rule> DutchStandard();
// Cities' and Eurocities' Algorithmic Transparency Standard 0.3.1.
std::span<const Rule> CityStandard();
// Regulation (EU) 2024/1689, Annex VIII.
std::span<const Rule> AiAct();
// OASC MIM5, as we read it.
std::span<const Rule> Mim5();
// UK Algorithmic Transparency Recording Standard, 1.1.
std::span<const Rule> UkRecord();

}  // namespace limpid::algoregister::rules

#endif  // LIMPID_ALGOREGISTER_RULES_SOURCES_H_
