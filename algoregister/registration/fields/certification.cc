// Fields of a certification: who vouches for a system or deployment, for what,
// until when. MIM5 question 3.

#include <array>
#include <span>

#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/rows.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::fields {
namespace {

constexpr auto kResult = std::to_array<Code>({
    {"certified", "certified"},
    {"with_conditions", "certified with conditions"},
    {"not_certified", "not certified"},
    {"validation_refused", "the provider refused the validation"},
});
// What nobody writes down is when it ends: that is worked out when asked.
constexpr auto kState = std::to_array<Code>({
    {"valid", "valid"},
    {"withdrawn", "withdrawn"},
    {"suspended", "suspended"},
});
constexpr auto kIndependent = std::to_array<Code>({
    {"yes", "independent of provider and user"},
    {"no", "not independent"},
});
constexpr auto kLinkState = std::to_array<Code>({
    {"works", "answered"},
    {"broken", "did not answer"},
});
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
    Plain("certifier", "Certifier, where it has no registration",
          Chapter::kAccountability, FieldType::kPlain, kNameBytes),
    Plain("scheme", "Scheme or standard", Chapter::kAccountability,
          FieldType::kPlain, kNameBytes),
    Coded("result", "Result", Chapter::kAccountability, kResult),
    Plain("certificate_number", "Number of the certificate",
          Chapter::kAccountability, FieldType::kPlain, kNameBytes),
    Plain("issued_on", "Issued on", Chapter::kAccountability, FieldType::kDate),
    Plain("expires_on", "Valid until", Chapter::kAccountability,
          FieldType::kDate),
    Coded("state", "State", Chapter::kAccountability, kState),
    Coded("independent", "Independence of the certifier",
          Chapter::kAccountability, kIndependent),
    Plain("link", "Certificate", Chapter::kAccountability, FieldType::kUrl,
          kUrlBytes),
    Plain("document_digest", "Digest of the certificate",
          Chapter::kAccountability, FieldType::kDigest),
    Coded("link_state", "Whether the address answered",
          Chapter::kAccountability, kLinkState),
    Plain("link_checked_on", "Address was asked on", Chapter::kAccountability,
          FieldType::kDate),
    Plain("registry", "Registry of the scheme", Chapter::kAccountability,
          FieldType::kUrl, kUrlBytes),
});

}  // namespace

std::span<const FieldSpec> Certification() { return kRows; }

}  // namespace limpid::algoregister::fields
