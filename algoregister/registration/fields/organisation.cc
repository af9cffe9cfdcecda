// Fields of an organisation: a body that publishes, provides or uses systems.
// Contacts are mailboxes of functions, never people.

#include <array>
#include <span>

#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/rows.h"
#include "algoregister/registration/fields/shapes.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::fields {
namespace {

constexpr auto kType = std::to_array<Code>({
    {"national", "national government"},
    {"regional", "regional government"},
    {"local", "local government"},
    {"agency", "agency or authority"},
    {"court", "court or prosecution"},
    {"health", "health care"},
    {"education", "education or research"},
    {"police", "police or defence"},
    {"company", "company"},
    {"association", "association or foundation"},
    {"other", "other"},
});
constexpr auto kRows = std::to_array<FieldSpec>({
    Naming("name", "Name", FieldType::kPlain, kNameBytes),
    Lines("other_names", "Other names", Chapter::kIdentity),
    Coded("type", "Type", Chapter::kContext, kType),
    Line("jurisdiction", "Jurisdiction", Chapter::kContext),
    Line("national_id", "National number of organisations", Chapter::kIdentity),
    Line("company_number", "Company number", Chapter::kIdentity),
    Line("tax_number", "Tax number", Chapter::kIdentity),
    Reference("parent", "Part of", Chapter::kContext,
              RegistrationKind::kOrganisation),
    Plain("contact", "Contact", Chapter::kAccountability, FieldType::kPlain,
          kUrlBytes),
    Line("address", "Address", Chapter::kAccountability),
    Line("complaint_contact", "Contact for complaints",
         Chapter::kAccountability),
    Plain("website", "Web site", Chapter::kAccountability, FieldType::kUrl,
          kUrlBytes),
});

}  // namespace

std::span<const FieldSpec> Organisation() { return kRows; }

}  // namespace limpid::algoregister::fields
