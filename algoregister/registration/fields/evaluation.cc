// Fields of an evaluation: a test of a model or of a deployment, with its
// counts per group, so that anybody recomputes what it claims.

#include <array>
#include <span>

#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/rows.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::fields {
namespace {

constexpr auto kRows = std::to_array<FieldSpec>({
    Naming("title", "Title", FieldType::kText, kTitleBytes),
    Prose("description", "Description", Chapter::kFairness),
    Reference("organisation", "Organisation", Chapter::kAccountability,
              RegistrationKind::kOrganisation),
    Reference("deployment", "Deployment", Chapter::kFairness,
              RegistrationKind::kDeployment),
    Reference("model", "Model", Chapter::kFairness, RegistrationKind::kModel),
    Listing(),
});

}  // namespace

std::span<const FieldSpec> Evaluation() { return kRows; }

}  // namespace limpid::algoregister::fields
