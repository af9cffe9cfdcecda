// uk-atrs-1.1: what every record of the UK standard has, tier 1 and the owner,
// description, oversight, data and risk of tier 2.

#include <array>
#include <span>
#include <string_view>

#include "algoregister/rules/sources.h"

namespace limpid::algoregister::rules {
namespace {

constexpr std::string_view kSource = "uk-atrs-1.1";

constexpr auto kYes = std::to_array<std::string_view>({"yes"});
constexpr auto kWhenSupplied = std::to_array<Clause>({{"has_supplier", kYes}});

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
    Ask("suppliers", kWhenSupplied),
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
