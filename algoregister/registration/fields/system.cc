// Fields of a system: the product, from its provider's side.

#include <array>
#include <span>

#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/rows.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::fields {
namespace {

// MIM5 counts software that never learns.
constexpr auto kLearning = std::to_array<Code>({
    {"none", "does not learn"},
    {"before_use", "learned before it was used"},
    {"in_use", "goes on learning while it is used"},
});
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

    // What MIM5 asks.
    Coded("decision_level", "How far decisions are automated",
          Chapter::kTechnicalTransparency, kDecisionLevel),
    Coded("decides_about_persons", "Decisions are about persons",
          Chapter::kContext, kDecidesAboutPersons),
    Coded("learning", "Learning", Chapter::kTechnicalTransparency, kLearning),
    Coded("independent_validation", "Independent validation",
          Chapter::kAccountability, kIndependentValidation),
});

}  // namespace

std::span<const FieldSpec> System() { return kRows; }

}  // namespace limpid::algoregister::fields
