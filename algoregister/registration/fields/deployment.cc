// Fields of a deployment: the use of a system by one body.

#include <array>
#include <span>

#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/rows.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::fields {
namespace {

constexpr auto kStatus = std::to_array<Code>({
    {"in_development", "in development"},
    {"in_use", "in use"},
    {"out_of_use", "no longer in use"},
});
constexpr auto kAssessment = std::to_array<Code>({
    {"done", "done"},
    {"not_done", "not done"},
});
// As the Dutch publication standard 1.0 divides them.
constexpr auto kCategory = std::to_array<Code>({
    {"high_risk", "high-risk AI system"},
    {"impactful", "algorithm with impact"},
    {"other", "other algorithm"},
});
constexpr auto kRows = std::to_array<FieldSpec>({
    Naming("title", "Title", FieldType::kText, kTitleBytes),
    Plain("goal", "Goal and impact", Chapter::kContext, FieldType::kText,
          kProseBytes),
    Reference("organisation", "Organisation", Chapter::kAccountability,
              RegistrationKind::kOrganisation),
    Reference("system", "System", Chapter::kContext, RegistrationKind::kSystem),
    Coded("status", "Status", Chapter::kContext, kStatus),
    Plain("legal_basis", "Legal basis", Chapter::kProceduralTransparency,
          FieldType::kText, kProseBytes),
    Coded("impact_assessment", "Impact assessment",
          Chapter::kProceduralTransparency, kAssessment),
    Plain("registered_on", "Registered on", Chapter::kAccountability,
          FieldType::kDate),
    Plain("listed_on", "First seen in the list on", Chapter::kAccountability,
          FieldType::kDate),
    Plain("source_url", "Source registration", Chapter::kAccountability,
          FieldType::kUrl, kUrlBytes),

    // What MIM5 asks.
    Coded("decision_level", "How far decisions are automated",
          Chapter::kTechnicalTransparency, kDecisionLevel),
    Coded("decides_about_persons", "Decisions are about persons",
          Chapter::kContext, kDecidesAboutPersons),
    Coded("publication_category", "Category of publication", Chapter::kContext,
          kCategory),
    Prose("refused_validation_accepted",
          "Why it is used although validation was refused",
          Chapter::kAccountability),
});

}  // namespace

std::span<const FieldSpec> Deployment() { return kRows; }

}  // namespace limpid::algoregister::fields
