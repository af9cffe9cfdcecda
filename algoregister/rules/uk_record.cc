// uk-atrs-1.1: what every record of the UK standard has, tier 1 and the owner,
// description, oversight, data and risk of tier 2.

#include <array>
#include <span>
#include <string_view>

#include "algoregister/rules/sources.h"

namespace limpid::algoregister::rules {
namespace {

constexpr std::string_view kSource = "uk-atrs-1.1";

constexpr auto kNo = std::to_array<std::string_view>({"no"});
// The standard has no field for it: a body that has none says so itself, here
// or in the field's state.
constexpr auto kUnlessAlone =
    std::to_array<Clause>({{"has_supplier", kNo, /*negated=*/true}});

constexpr Rule Ask(std::string_view field, std::span<const Clause> when = {}) {
  return OfDeployment(kSource, field, kRequired, when);
}
constexpr Rule Show(std::string_view field) {
  return OfDeployment(kSource, field, kWanted);
}

constexpr auto kRows = std::to_array<Rule>({
    Ask("title"),
    Ask("summary"),
    Ask("contact"),
    Ask("organisation"),
    Ask("department"),
    Ask("accountable_role"),
    Ask("suppliers", kUnlessAlone),
    Ask("scope"),
    Ask("benefits"),
    Show("alternatives"),
    Ask("model_types"),
    Show("scale"),
    Ask("status"),
    Ask("maintenance"),
    Ask("process"),
    Ask("human_oversight"),
    Show("training_required"),
    Ask("appeal"),
    Ask("data_sources"),
    Ask("impact_assessments"),
    Ask("risk_list"),
});

}  // namespace

std::span<const Rule> UkRecord() { return kRows; }

}  // namespace limpid::algoregister::rules
