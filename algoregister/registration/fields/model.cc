// Fields of a model.

#include <array>
#include <span>

#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/rows.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::fields {
namespace {

constexpr auto kRows = std::to_array<FieldSpec>({
    Naming("title", "Title", FieldType::kText, kTitleBytes),
    Plain("description", "Description", Chapter::kTechnicalTransparency,
          FieldType::kText, kProseBytes),
    Reference("system", "System", Chapter::kContext, RegistrationKind::kSystem),
    Coded("dataset_uses", "Datasets used", Chapter::kTechnicalTransparency,
          kUse, FieldType::kDatasetUses),
    Listing(),
});

}  // namespace

std::span<const FieldSpec> Model() { return kRows; }

}  // namespace limpid::algoregister::fields
