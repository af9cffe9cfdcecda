// Fields of an assessment of impact: DPIA, FRIA, IAMA, AIA and their like.

#include <array>
#include <span>

#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/rows.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::fields {
namespace {

constexpr auto kRows = std::to_array<FieldSpec>({
    Naming("title", "Title", FieldType::kText, kTitleBytes),
    Prose("summary", "Summary", Chapter::kProceduralTransparency),
    Reference("organisation", "Organisation", Chapter::kAccountability,
              RegistrationKind::kOrganisation),
    Reference("deployment", "Deployment", Chapter::kProceduralTransparency,
              RegistrationKind::kDeployment),
    Listing(),
});

}  // namespace

std::span<const FieldSpec> Assessment() { return kRows; }

}  // namespace limpid::algoregister::fields
