// Fields of a dataset.

#include <array>
#include <span>

#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/rows.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::fields {
namespace {

constexpr auto kOrigin = std::to_array<Code>({
    {"consented_personal_data", "personal data given with consent"},
    {"other_personal_data", "personal data on another basis"},
    {"no_personal_data", "no personal data"},
    {"synthetic", "synthetic data"},
});
constexpr auto kRows = std::to_array<FieldSpec>({
    Naming("title", "Title", FieldType::kText, kTitleBytes),
    Plain("description", "Description", Chapter::kTechnicalTransparency,
          FieldType::kText, kProseBytes),
    Reference("organisation", "Organisation", Chapter::kAccountability,
              RegistrationKind::kOrganisation),
    Coded("origin", "Origin of the data", Chapter::kProceduralTransparency,
          kOrigin),
    Plain("licence", "Licence", Chapter::kContext, FieldType::kPlain,
          kNameBytes),
    Plain("snapshots", "Snapshots", Chapter::kTechnicalTransparency,
          FieldType::kSnapshots),
    Listing(),
});

}  // namespace

std::span<const FieldSpec> Dataset() { return kRows; }

}  // namespace limpid::algoregister::fields
