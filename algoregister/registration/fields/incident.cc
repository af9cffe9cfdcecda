// Fields of an incident: something that went wrong with a deployment.

#include <array>
#include <span>

#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/rows.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::fields {
namespace {

constexpr auto kRows = std::to_array<FieldSpec>({
    Naming("title", "Title", FieldType::kText, kTitleBytes),
    Reference("organisation", "Organisation", Chapter::kAccountability,
              RegistrationKind::kOrganisation),
    Reference("deployment", "Deployment", Chapter::kAccountability,
              RegistrationKind::kDeployment),
    Plain("happened_on", "Happened on", Chapter::kAccountability,
          FieldType::kDate),
    Prose("effect", "Effect", Chapter::kAccountability),
    Prose("action", "What was done", Chapter::kAccountability),
    Listing(),
});

}  // namespace

std::span<const FieldSpec> Incident() { return kRows; }

}  // namespace limpid::algoregister::fields
