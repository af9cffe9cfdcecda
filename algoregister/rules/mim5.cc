// mim5: what OASC MIM5 asks a supplier and a body to state, as we read it
// (there is no official list): the more, the graver the use is. The six
// headings of 2022 without those that are other kinds of registration: a
// fairness report is an evaluation, a certificate a certification.

#include <array>
#include <span>
#include <string_view>

#include "algoregister/rules/sources.h"

namespace limpid::algoregister::rules {
namespace {

constexpr std::string_view kSource = "mim5";

constexpr auto kGrave =
    std::to_array<std::string_view>({"impactful", "high_risk"});
constexpr auto kGravest = std::to_array<std::string_view>({"high_risk"});
constexpr auto kWhenGrave =
    std::to_array<Clause>({{"publication_category", kGrave}});
constexpr auto kWhenGravest =
    std::to_array<Clause>({{"publication_category", kGravest}});

constexpr Rule Ask(std::string_view field, std::span<const Clause> when = {}) {
  return OfDeployment(kSource, field, kRequired, when);
}

constexpr auto kRows = std::to_array<Rule>({
    // Everything, however small.
    Ask("title"),
    Ask("summary"),
    Ask("organisation"),
    Ask("contact"),
    Ask("status"),
    Ask("publication_category"),
    Ask("goal"),
    Ask("decision_level"),
    // Whatever touches people: parties, risks, law, a human, a way to object.
    Ask("risks", kWhenGrave),
    Ask("suppliers", kWhenGrave),
    Ask("methods", kWhenGrave),
    Ask("source_data", kWhenGrave),
    Ask("human_oversight", kWhenGrave),
    Ask("appeal", kWhenGrave),
    Ask("legal_basis", kWhenGrave),
    Ask("proportionality", kWhenGrave),
    // High risk: how it was trained, assessed and is watched.
    Ask("training_data", kWhenGravest),
    Ask("impact_assessments", kWhenGravest),
    Ask("monitoring", kWhenGravest),
    Ask("affected_groups", kWhenGravest),
});

}  // namespace

std::span<const Rule> Mim5() { return kRows; }

}  // namespace limpid::algoregister::rules
