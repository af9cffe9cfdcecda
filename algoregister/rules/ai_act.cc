// ai-act: Annex VIII of Regulation (EU) 2024/1689. A and B of the provider's
// system, C of a public body's use of a high-risk one.

#include <array>
#include <span>
#include <string_view>

#include "algoregister/rules/sources.h"

namespace limpid::algoregister::rules {
namespace {

constexpr std::string_view kSource = "ai-act";

constexpr auto kHigh = std::to_array<std::string_view>({"high"});
constexpr auto kHighCategory = std::to_array<std::string_view>({"high_risk"});

// What was imported from a section of the annex is registered under it, whether
// or not a field says so: the files have no such field.
constexpr auto kWhenHigh = std::to_array<Clause>(
    {{.field = "risk_class", .codes = kHigh, .from = "annex-viii-a"}});
// The provider relies on Article 6(3).
constexpr auto kWhenExempt = std::to_array<Clause>(
    {{.field = "high_risk_exemption", .from = "annex-viii-b"},
     {.field = "risk_class", .codes = kHigh, .negated = true}});
constexpr auto kWhenUsedHigh =
    std::to_array<Clause>({{.field = "publication_category",
                            .codes = kHighCategory,
                            .from = "annex-viii-c"}});

constexpr Rule PartA(std::string_view field) {
  return OfSystem(kSource, field, kRequired, kWhenHigh);
}
constexpr Rule PartB(std::string_view field) {
  return OfSystem(kSource, field, kRequired, kWhenExempt);
}
constexpr Rule PartC(std::string_view field) {
  return OfDeployment(kSource, field, kRequired, kWhenUsedHigh);
}

constexpr auto kRows = std::to_array<Rule>({
    PartA("provider"),
    PartA("provider_address"),
    PartA("provider_contact"),
    PartA("title"),
    PartA("traceable_reference"),
    PartA("intended_purpose"),
    PartA("functions"),
    PartA("inputs"),
    PartA("methods"),
    PartA("market_status"),
    PartA("certificates"),
    PartA("certificate_copy_url"),
    PartA("member_states"),
    PartA("declaration_url"),
    PartA("instructions_url"),
    PartB("provider"),
    PartB("title"),
    PartB("intended_purpose"),
    PartB("market_status"),
    PartB("member_states"),
    PartB("high_risk_exemption"),
    PartB("high_risk_exemption_grounds"),
    PartC("organisation"),
    PartC("submitter_name"),
    PartC("provider_entry_url"),
    PartC("fria_summary"),
    PartC("dpia_summary"),
});

}  // namespace

std::span<const Rule> AiAct() { return kRows; }

}  // namespace limpid::algoregister::rules
