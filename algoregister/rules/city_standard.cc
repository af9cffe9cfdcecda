// ats-0.3.1: what the cities' standard requires.

#include <array>
#include <span>
#include <string_view>

#include "algoregister/rules/sources.h"

namespace limpid::algoregister::rules {
namespace {

constexpr std::string_view kSource = "ats-0.3.1";

constexpr Rule Ask(std::string_view field) {
  return OfDeployment(kSource, field, kRequired);
}

constexpr auto kRows = std::to_array<Rule>({
    Ask("title"),         Ask("summary"),         Ask("organisation"),
    Ask("department"),    Ask("contact"),         Ask("area"),
    Ask("themes"),        Ask("status"),          Ask("process"),
    Ask("goal"),          Ask("impact"),          Ask("risks"),
    Ask("risk_class"),    Ask("proportionality"), Ask("legal_basis"),
    Ask("training_data"), Ask("source_data"),     Ask("connected_sources"),
    Ask("technique"),     Ask("methods"),         Ask("monitoring"),
    Ask("use_type"),      Ask("human_oversight"), Ask("appeal"),
    Ask("review_due"),
});

}  // namespace

std::span<const Rule> CityStandard() { return kRows; }

}  // namespace limpid::algoregister::rules
