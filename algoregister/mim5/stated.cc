#include "algoregister/mim5/stated.h"

#include <array>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "algoregister/registration/content.h"
#include "common/mim5/document.h"

namespace limpid::algoregister {
namespace {

// Where a standard says how grave it is, and what that is in MIM5's terms. A
// field that a kind does not have is never given.
struct RiskRow {
  std::string_view field;
  std::string_view code;
  std::string_view risk;
};
constexpr auto kRisks = std::to_array<RiskRow>({
    {"publication_category", "high_risk", "high_risk"},
    {"publication_category", "impactful", "impactful"},
    {"publication_category", "other", "other"},
    {"risk_class", "unacceptable", "high_risk"},
    {"risk_class", "high", "high_risk"},
    {"risk_class", "limited", "other"},
    {"risk_class", "minimal", "other"},
    {"risk_class", "not_high", "other"},
    {"high_impact", "high", "high_risk"},
    {"high_impact", "presumed_but_not", "other"},
    {"high_impact", "not_high", "other"},
});
// From grave to light.
constexpr auto kGravity =
    std::to_array<std::string_view>({"high_risk", "impactful", "other"});

}  // namespace

std::string StatedCode(const json::Value& content, std::string_view field) {
  const json::Value* const value = GivenValue(content, field);
  return value != nullptr && value->is_string() ? value->string()
                                                : std::string(kNotStated);
}

std::string StatedRisk(const json::Value& content) {
  for (const std::string_view risk : kGravity) {
    for (const RiskRow& row : kRisks) {
      if (row.risk == risk && StatedCode(content, row.field) == row.code) {
        return std::string(risk);
      }
    }
  }
  return std::string(kNotStated);
}

std::string RiskOfUse(const json::Value& use, const json::Value* system) {
  std::string risk = StatedRisk(use);
  if (risk != kNotStated || system == nullptr) return risk;
  return StatedRisk(*system);
}

bool Weighs(std::string_view risk) {
  return risk == "high_risk" || risk == "impactful";
}

std::string CertificationState(const json::Value& content,
                               absl::CivilDay today) {
  std::string stated = StatedCode(content, "state");
  if (stated == "withdrawn" || stated == "suspended") return stated;
  const json::Value* const until = GivenValue(content, "expires_on");
  if (until == nullptr || !until->is_string()) return stated;
  const auto last = mim5::LastDayOf(until->string());
  if (!last) return stated;
  return *last < today ? "expired" : "valid";
}

bool RefusesValidation(const json::Value& system) {
  return StatedCode(system, "independent_validation") == "refused";
}

absl::Status CheckValidationAllowsUse(const json::Value& deployment,
                                      const json::Value& system) {
  if (StatedCode(deployment, "status") != "in_use") return absl::OkStatus();
  if (!Weighs(RiskOfUse(deployment, &system))) return absl::OkStatus();
  if (!RefusesValidation(system)) return absl::OkStatus();
  if (GivenValue(deployment, "refused_validation_accepted") != nullptr) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      "/fields/status/value: the provider of the system refuses independent "
      "validation, so it is not used where it weighs on people; "
      "\"refused_validation_accepted\" says in public why it is all the same");
}

}  // namespace limpid::algoregister
