// nl-1.0: what the Dutch publication standard marks as required, and what it
// shows even when it is empty.

#include <array>
#include <span>
#include <string_view>

#include "algoregister/rules/sources.h"

namespace limpid::algoregister::rules {
namespace {

constexpr std::string_view kSource = "nl-1.0";

constexpr auto kBegun =
    std::to_array<std::string_view>({"pilot", "evaluation", "in_use"});
constexpr auto kWhenBegun = std::to_array<Clause>({{"status", kBegun}});

constexpr Rule Ask(std::string_view field) {
  return OfDeployment(kSource, field, kRequired);
}
constexpr Rule Show(std::string_view field, std::span<const Clause> when = {}) {
  return OfDeployment(kSource, field, kWanted, when);
}

constexpr auto kRows = std::to_array<Rule>({
    Ask("title"),
    Ask("summary"),
    Ask("organisation"),
    Ask("status"),
    Ask("contact"),
    Ask("publication_category"),
    Show("themes"),
    Show("begin_date", kWhenBegun),
    Show("goal"),
    Show("proportionality"),
    Show("human_oversight"),
    Show("risks"),
    Show("source_data"),
});

}  // namespace

std::span<const Rule> DutchStandard() { return kRows; }

}  // namespace limpid::algoregister::rules
