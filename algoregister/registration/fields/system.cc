// Fields of a system: the product, from its provider's side. Annex VIII A and B
// of Regulation (EU) 2024/1689 and the Dutch system card.

#include <array>
#include <span>

#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/rows.h"
#include "algoregister/registration/fields/shapes.h"
#include "algoregister/registration/fields/system_codes.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::fields {
namespace {

constexpr auto kContext = Chapter::kContext;
constexpr auto kProcedure = Chapter::kProceduralTransparency;
constexpr auto kTechnical = Chapter::kTechnicalTransparency;
constexpr auto kExplained = Chapter::kTechnicalExplainability;
constexpr auto kAccountable = Chapter::kAccountability;

// MIM5 counts software that never learns.
constexpr auto kLearning = std::to_array<Code>({
    {"none", "does not learn"},
    {"before_use", "learned before it was used"},
    {"in_use", "goes on learning while it is used"},
});
constexpr auto kRows = std::to_array<FieldSpec>({
    Naming("title", "Title", FieldType::kText, kTitleBytes),
    Line("traceable_reference", "Reference that traces it", Chapter::kIdentity),
    Lines("other_names", "Other names", Chapter::kIdentity),

    // What it is for, and where it stands.
    Plain("description", "Description", kContext, FieldType::kText,
          kProseBytes),
    Prose("intended_purpose", "Intended purpose", kContext),
    Prose("forbidden_uses", "Uses it is not for", kContext),
    Prose("functions", "Components and functions supported", kContext),
    Prose("goal", "Goal and impact", kContext),
    Line("status", "Status", kContext),
    Coded("market_status", "Status on the market", kContext, kMarketStatus),
    Day("begin_date", "In use since", kContext),
    Day("end_date", "In use until", kContext),
    Coded("member_states", "Member states", kContext, kMemberStates,
          FieldType::kCodes),
    Plain("website", "Web site", kContext, FieldType::kUrl, kUrlBytes),
    Line("product_page", "Product of the government it belongs to", kContext),
    Records("references", "References", kContext, kNotedLinkMembers),
    Records("labels", "Labels", kContext, kLabelMembers),

    // Which rules it is under.
    Coded("kind", "What it is", kProcedure, kKind),
    Coded("risk_class", "Risk class", kProcedure, kRiskClass),
    Coded("act_role", "Role under the AI act", kProcedure, kActRole),
    Coded("systemic_risk", "Systemic risk", kProcedure, kYesNo),
    Coded("transparency_obligations", "Obligations of transparency", kProcedure,
          kYesNo),
    Coded("conformity_assessment", "Assessment of conformity", kProcedure,
          kConformityBody),
    Document("decision_tree", "How the risk class was found", kProcedure),
    Coded("high_risk_exemption", "Why it is not high-risk", kProcedure,
          kExemption, FieldType::kCodes),
    Prose("high_risk_exemption_grounds", "Grounds for that", kProcedure),
    Records("legal_bases", "Legal bases", kProcedure, kNotedLinkMembers),
    Prose("proportionality", "Proportionality", kProcedure),
    Document("instruments", "Instruments to be applied", kProcedure),
    Document("requirements", "Requirements", kProcedure),
    Document("measures", "Measures", kProcedure),
    Document("assessments", "Assessments", kProcedure),

    // How it works, with which data.
    Plain("methods", "How it works", kTechnical, FieldType::kText, kProseBytes),
    Coded("technique", "Technique", kTechnical, kTechnique),
    Prose("inputs", "Data and inputs", kTechnical),
    Prose("source_data", "Data it works with", kTechnical),
    Coded("dataset_uses", "Datasets used", kTechnical, kUse,
          FieldType::kDatasetUses),
    Document("models", "Models", kTechnical),
    Lines("interactions", "Interaction with other systems", kTechnical),
    Lines("version_requirements", "Versions of software required", kTechnical),
    Lines("variants", "Forms in which it is offered", kTechnical),
    Lines("hardware", "Hardware required", kTechnical),
    Lines("markings", "Markings of the product", kTechnical),
    Coded("open_source", "Open source", kTechnical, kYesNo),
    Address("code_url", "Source code", kTechnical),
    Line("licence", "Licence", kTechnical),
    Prose("energy", "Use of energy", kTechnical),
    Prose("outputs", "Output", kExplained),
    Records("user_interface", "User interface", kExplained, kInterfaceMembers),
    Address("instructions_url", "Instructions for use", kExplained),

    // Who answers for it.
    Reference("provider", "Provider", kAccountable,
              RegistrationKind::kOrganisation),
    Line("provider_address", "Address of the provider", kAccountable),
    Line("provider_contact", "Contact of the provider", kAccountable),
    Line("submitter_name", "Submitted by", kAccountable),
    Line("submitter_contact", "Contact of who submitted it", kAccountable),
    Line("representative_name", "Authorised representative", kAccountable),
    Line("representative_address", "Address of the representative",
         kAccountable),
    Line("representative_contact", "Contact of the representative",
         kAccountable),
    Records("owners", "Owners", kAccountable, kOwnerMembers),
    Records("suppliers", "Suppliers", kAccountable, kSupplierMembers),
    Records("certificates", "Certificates", kAccountable, kCertificateMembers),
    Address("certificate_copy_url", "Copy of the certificate", kAccountable),
    Address("declaration_url", "Declaration of conformity", kAccountable),
    Prose("human_oversight", "Human oversight", kAccountable),
    Prose("risks", "Risks", kAccountable),
    Document("provenance", "Where the card comes from", kAccountable),
    Listing(),
    Lines("processes_attributes", "Attributes of persons it processes",
          kTechnical),

    // What MIM5 asks.
    Coded("decision_level", "How far decisions are automated", kTechnical,
          kDecisionLevel),
    Coded("decides_about_persons", "Decisions are about persons", kContext,
          kDecidesAboutPersons),
    Coded("learning", "Learning", kTechnical, kLearning),
    Coded("independent_validation", "Independent validation", kAccountable,
          kIndependentValidation),
});

}  // namespace

std::span<const FieldSpec> System() { return kRows; }

}  // namespace limpid::algoregister::fields
