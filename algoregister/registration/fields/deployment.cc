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
    Plain("processes_attributes", "Attributes of persons it processes",
          Chapter::kTechnicalTransparency, FieldType::kPlains, kNameBytes),
});

}  // namespace

std::span<const FieldSpec> Deployment() { return kRows; }

}  // namespace limpid::algoregister::fields
