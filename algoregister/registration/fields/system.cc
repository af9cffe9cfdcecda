// Fields of a system: the product, from its provider's side.

#include <array>
#include <span>

#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/rows.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::fields {
namespace {

constexpr auto kRows = std::to_array<FieldSpec>({
    Naming("title", "Title", FieldType::kText, kTitleBytes),
    Plain("description", "Description", Chapter::kContext, FieldType::kText,
          kProseBytes),
    Reference("provider", "Provider", Chapter::kAccountability,
              RegistrationKind::kOrganisation),
    Plain("methods", "How it works", Chapter::kTechnicalTransparency,
          FieldType::kText, kProseBytes),
    Coded("dataset_uses", "Datasets used", Chapter::kTechnicalTransparency,
          kUse, FieldType::kDatasetUses),
    Plain("website", "Web site", Chapter::kContext, FieldType::kUrl, kUrlBytes),
    Plain("processes_attributes", "Attributes of persons it processes",
          Chapter::kTechnicalTransparency, FieldType::kPlains, kNameBytes),
});

}  // namespace

std::span<const FieldSpec> System() { return kRows; }

}  // namespace limpid::algoregister::fields
