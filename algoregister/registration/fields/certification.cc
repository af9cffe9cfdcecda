// Fields of a certification: who vouches for a system or deployment, for what,
// until when. MIM5 question 3.

#include <array>
#include <span>

#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/rows.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::fields {
namespace {

constexpr auto kRows = std::to_array<FieldSpec>({
    Naming("title", "Title", FieldType::kText, kTitleBytes),
    Prose("scope", "Scope", Chapter::kAccountability),
    Reference("organisation", "Certifier", Chapter::kAccountability,
              RegistrationKind::kOrganisation),
    Reference("system", "System", Chapter::kAccountability,
              RegistrationKind::kSystem),
    Reference("deployment", "Deployment", Chapter::kAccountability,
              RegistrationKind::kDeployment),
    Listing(),
});

}  // namespace

std::span<const FieldSpec> Certification() { return kRows; }

}  // namespace limpid::algoregister::fields
