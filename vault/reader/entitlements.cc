#include "vault/reader/entitlements.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

#include "common/json/json.h"
#include "vault/forms/entitlement.h"

namespace limpid::vault {
namespace {

bool AsksFor(const ReadLine& line) {
  return receipt::HasDerivation(line.form) &&
         line.derivation == kHasEntitlement1;
}

bool SameQuestion(const ReadLine& asked, const ReadLine& line) {
  return AsksFor(line) && line.form == asked.form &&
         line.parameters == asked.parameters;
}

// What the needs of one question come to.
struct Outcome {
  // Whether all are met, when every one was tested.
  std::optional<bool> entitled;
  ReadReason reason = ReadReason::kForm;
};

Outcome Of(const ReadLine& asked, const std::vector<std::string>& needs,
           const std::vector<ReadLine>& lines) {
  bool all = true;
  std::optional<ReadReason> worst;
  for (const std::string& need : needs) {
    const auto found =
        std::find_if(lines.begin(), lines.end(), [&](const ReadLine& line) {
          return line.attribute == need && SameQuestion(asked, line);
        });
    if (found == lines.end()) return {};
    if (found->met) {
      all = all && *found->met;
      continue;
    }
    if (found->reason == ReadReason::kForm) return {};
    const bool waits = found->reason == ReadReason::kSourceUnavailable;
    if (!worst || waits) worst = found->reason;
  }
  if (worst) return {.entitled = std::nullopt, .reason = *worst};
  return {.entitled = all, .reason = ReadReason::kReleased};
}

}  // namespace

bool MayConclude(const ReadLine& line, const std::vector<ReadLine>& lines) {
  if (!AsksFor(line)) return true;
  const auto parameters = json::ParseStrict(line.parameters);
  if (!parameters.ok()) return false;
  const auto needs = NeededAttributes(*parameters);
  return needs.ok() &&
         std::all_of(needs->begin(), needs->end(), [&](const auto& need) {
           return std::any_of(lines.begin(), lines.end(), [&](const auto& one) {
             return one.attribute == need && SameQuestion(line, one);
           });
         });
}

void ConcludeEntitlements(
    std::vector<ReadLine>& lines,
    absl::FunctionRef<void(ReadLine&, const json::Value& parameters, bool)>
        answer) {
  // All first: the reasons are what the outcomes are made of.
  std::vector<std::optional<Outcome>> outcomes(lines.size());
  std::vector<json::Value> parameters(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!AsksFor(lines[i])) continue;
    outcomes[i] = Outcome();
    auto parsed = json::ParseStrict(lines[i].parameters);
    if (!parsed.ok()) continue;
    parameters[i] = *std::move(parsed);
    const auto needs = NeededAttributes(parameters[i]);
    if (needs.ok()) outcomes[i] = Of(lines[i], *needs, lines);
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!outcomes[i]) continue;
    lines[i].reason = outcomes[i]->reason;
    if (!outcomes[i]->entitled) continue;
    answer(lines[i], parameters[i], *outcomes[i]->entitled);
  }
}

}  // namespace limpid::vault
