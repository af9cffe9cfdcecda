// omb-2025: what the US inventory of AI use cases asks of each stage and risk
// (data dictionary of the 2025 inventory).

#include <array>
#include <span>
#include <string_view>

#include "algoregister/rules/sources.h"

namespace limpid::algoregister::rules {
namespace {

constexpr std::string_view kSource = "omb-2025";

constexpr auto kOut = std::to_array<std::string_view>({"out_of_use"});
constexpr auto kRunning = std::to_array<std::string_view>({"pilot", "in_use"});
constexpr auto kInUse = std::to_array<std::string_view>({"in_use"});
constexpr auto kHigh = std::to_array<std::string_view>({"high"});
constexpr auto kPresumed =
    std::to_array<std::string_view>({"presumed_but_not"});
constexpr auto kBought = std::to_array<std::string_view>({"purchased", "both"});

constexpr auto kUnlessRetired =
    std::to_array<Clause>({{"status", kOut, /*negated=*/true}});
constexpr auto kWhenRunning = std::to_array<Clause>({{"status", kRunning}});
constexpr auto kWhenInUse = std::to_array<Clause>({{"status", kInUse}});
constexpr auto kWhenPresumed =
    std::to_array<Clause>({{"high_impact", kPresumed}});
constexpr auto kWhenBought =
    std::to_array<Clause>({{"status", kRunning}, {"sourcing", kBought}});
constexpr auto kWhenHighInUse =
    std::to_array<Clause>({{"status", kInUse}, {"high_impact", kHigh}});

constexpr Rule Ask(std::string_view field, std::span<const Clause> when = {}) {
  return OfDeployment(kSource, field, kRequired, when);
}

// Of the inventory, which an import keeps as an alias.
constexpr Rule AskId() {
  Rule out = Ask("source_id");
  out.or_alias = kSource;
  return out;
}

constexpr auto kRows = std::to_array<Rule>({
    // Always, from the id to whether it is high-impact.
    AskId(),
    Ask("title"),
    Ask("organisation"),
    Ask("contact"),
    Ask("withheld_from_list"),
    Ask("status"),
    Ask("high_impact"),
    Ask("high_impact_reason", kWhenPresumed),
    // What it is for.
    Ask("themes", kUnlessRetired),
    Ask("technique", kUnlessRetired),
    Ask("goal", kUnlessRetired),
    Ask("benefits", kUnlessRetired),
    Ask("outputs", kUnlessRetired),
    // Data and vendors.
    Ask("begin_date", kWhenInUse),
    Ask("sourcing", kWhenRunning),
    Ask("suppliers", kWhenBought),
    Ask("authorised_to_operate", kWhenRunning),
    Ask("training_data", kWhenRunning),
    Ask("personal_data", kWhenRunning),
    Ask("protected_attributes", kWhenRunning),
    Ask("custom_code", kWhenRunning),
    // The nine safeguards.
    Ask("testing_state", kWhenHighInUse),
    Ask("impact_assessment", kWhenHighInUse),
    Ask("impact", kWhenHighInUse),
    Ask("independent_review", kWhenHighInUse),
    Ask("monitoring_state", kWhenHighInUse),
    Ask("staff_training_state", kWhenHighInUse),
    Ask("failsafe_state", kWhenHighInUse),
    Ask("appeal_state", kWhenHighInUse),
    Ask("consultation", kWhenHighInUse),
});

}  // namespace

std::span<const Rule> OmbUseCases() { return kRows; }

}  // namespace limpid::algoregister::rules
