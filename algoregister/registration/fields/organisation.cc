// Fields of an organisation: a body that publishes, provides or uses systems.

#include <array>
#include <span>

#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/rows.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::fields {
namespace {

constexpr auto kRows = std::to_array<FieldSpec>({
    Naming("name", "Name", FieldType::kPlain, kNameBytes),
    Plain("contact", "Contact", Chapter::kAccountability, FieldType::kPlain,
          kUrlBytes),
    Plain("website", "Web site", Chapter::kAccountability, FieldType::kUrl,
          kUrlBytes),
});

}  // namespace

std::span<const FieldSpec> Organisation() { return kRows; }

}  // namespace limpid::algoregister::fields
