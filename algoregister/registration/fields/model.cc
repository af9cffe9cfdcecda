// Fields of a model: what it is, how it was trained, how well it does, where it
// fails. Rows after "title" to "dataset_uses" are those of model cards, SPDX,
// CycloneDX, MLDCAT-AP and the Smart Data Models.

#include <array>
#include <span>

#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/rows.h"
#include "algoregister/registration/fields/shapes.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::fields {
namespace {

constexpr auto kApproach = std::to_array<Code>({
    {"supervised", "supervised learning"},
    {"unsupervised", "unsupervised learning"},
    {"reinforcement_learning", "reinforcement learning"},
    {"semi_supervised", "semi-supervised learning"},
    {"self_supervised", "self-supervised learning"},
});
constexpr auto kSafetyRisk = std::to_array<Code>({
    {"serious", "serious"},
    {"high", "high"},
    {"medium", "medium"},
    {"low", "low"},
});

constexpr MemberSpec Words(std::string_view name, std::string_view label) {
  return {.name = name,
          .label = label,
          .type = FieldType::kPlain,
          .max_bytes = kProseBytes};
}
// What a record of another standard has that ours have not.
constexpr MemberSpec OtherMembers() {
  return Words("other", "Other members, as JSON");
}

constexpr auto kLicenceMembers = std::to_array<MemberSpec>({
    Words("identifier", "Identifier"),
    Words("name", "Name or expression"),
    Words("text", "Text"),
    Words("url", "Address"),
    OtherMembers(),
});
constexpr auto kOwnerMembers = std::to_array<MemberSpec>({
    Words("name", "Name"),
    Words("contact", "Contact"),
    OtherMembers(),
});
constexpr auto kCitationMembers = std::to_array<MemberSpec>({
    Words("citation", "Citation"),
    Words("style", "Style"),
    OtherMembers(),
});
constexpr auto kDatasetMembers = std::to_array<MemberSpec>({
    Words("name", "Name"),
    {.name = "role",
     .label = "Used for",
     .type = FieldType::kCode,
     .codes = kUse},
    Words("reference", "Reference or address"),
    Words("description", "Description"),
    OtherMembers(),
});
constexpr auto kNamedValueMembers = std::to_array<MemberSpec>({
    Words("name", "Name"),
    Words("value", "Value"),
    OtherMembers(),
});
constexpr auto kMetricMembers = std::to_array<MemberSpec>({
    Words("name", "Measure"),
    Words("value", "Value"),
    Words("slice", "Part of the data"),
    Words("threshold", "Threshold"),
    Words("lower", "Lower bound"),
    Words("upper", "Upper bound"),
    OtherMembers(),
});
constexpr auto kRiskMembers = std::to_array<MemberSpec>({
    Words("name", "Risk"),
    Words("mitigation", "Mitigation"),
    OtherMembers(),
});
constexpr auto kFairnessMembers = std::to_array<MemberSpec>({
    Words("group", "Group at risk"),
    Words("benefits", "Benefits"),
    Words("harms", "Harms"),
    Words("mitigation", "Mitigation"),
    OtherMembers(),
});

constexpr auto kTechnical = Chapter::kTechnicalTransparency;
constexpr auto kExplain = Chapter::kTechnicalExplainability;
constexpr auto kFairness = Chapter::kFairness;
constexpr auto kContext = Chapter::kContext;
constexpr auto kAccount = Chapter::kAccountability;

constexpr auto kRows = std::to_array<FieldSpec>({
    Naming("title", "Title", FieldType::kText, kTitleBytes),
    Prose("description", "Description", kTechnical),
    Reference("system", "System", kContext, RegistrationKind::kSystem),
    Coded("dataset_uses", "Datasets used", kTechnical, kUse,
          FieldType::kDatasetUses),
    Reference("provider", "Provider", kAccount,
              RegistrationKind::kOrganisation),
    Prose("documentation", "Documentation", kTechnical),
    Plain("version", "Version", kTechnical, FieldType::kPlain, kNameBytes),
    Plain("version_date", "Date of the version", kTechnical, FieldType::kDate),
    Plain("version_notes", "Changes from the version before", kTechnical,
          FieldType::kPlain, kProseBytes),
    // What it is.
    Plain("base_model", "Base model", kTechnical, FieldType::kPlain, kUrlBytes),
    Plain("task", "Task", kTechnical, FieldType::kPlain, kProseBytes),
    Texts("domains", "Domains", kContext),
    Coded("approach", "Way of learning", kTechnical, kApproach),
    Plain("algorithm", "Algorithm", kTechnical, FieldType::kPlain, kProseBytes),
    Texts("model_types", "Kinds of model", kTechnical),
    Plain("architecture_family", "Family of architectures", kTechnical,
          FieldType::kPlain, kProseBytes),
    Plain("architecture", "Architecture", kTechnical, FieldType::kPlain,
          kProseBytes),
    Plain("parameter_count", "Parameters", kTechnical, FieldType::kNumber),
    Plain("framework", "Framework", kTechnical, FieldType::kPlain, kProseBytes),
    Texts("input_formats", "Inputs", kTechnical),
    Texts("output_formats", "Outputs", kTechnical),
    Texts("input_attributes", "Attributes it reads", kTechnical),
    Texts("output_attributes", "Attributes it writes", kTechnical),
    Document("hyperparameters", "Hyper-parameters", kTechnical),
    Records("thresholds", "Decision thresholds", kTechnical,
            kNamedValueMembers),
    // Where it is.
    Plain("artifact_url", "Download", kTechnical, FieldType::kUrl, kUrlBytes),
    Plain("artifact_path", "Where it is kept", kTechnical, FieldType::kPlain,
          kUrlBytes),
    Plain("artifact_digest", "Digest of the artefact", kTechnical,
          FieldType::kDigest),
    Plain("artifact_media_type", "Media type", kTechnical, FieldType::kPlain,
          kNameBytes),
    Plain("container_image", "Container image", kTechnical, FieldType::kPlain,
          kUrlBytes),
    Plain("source_url", "Page about it", kContext, FieldType::kUrl, kUrlBytes),
    // Data and training.
    Records("datasets_named", "Datasets, not registered here", kTechnical,
            kDatasetMembers),
    Texts("trained_on_named", "Trained on, not registered here", kTechnical),
    Texts("validated_on_named", "Validated on, not registered here",
          kTechnical),
    Texts("tested_on_named", "Tested on, not registered here", kTechnical),
    Prose("training", "Training", kTechnical),
    Prose("training_methods", "Training methods", kTechnical),
    Texts("data_preprocessing", "Preprocessing of the data", kTechnical),
    Document("energy", "Energy used", kTechnical),
    Coded("sensitive_personal_data", "Uses sensitive personal data",
          Chapter::kProceduralTransparency, kYesNo),
    // How well it does, and where it fails.
    Records("metrics", "Measures", kFairness, kMetricMembers),
    Prose("evaluation_strategy", "How it was evaluated", kFairness),
    Prose("evaluation_results", "Results of evaluation", kFairness),
    Texts("limitations", "Limits", kFairness),
    Texts("tradeoffs", "Trade-offs", kFairness),
    Prose("bias", "Bias", kFairness),
    Records("ethical_considerations", "Ethical risks", kFairness, kRiskMembers),
    Records("fairness_assessments", "Fairness assessments", kFairness,
            kFairnessMembers),
    Coded("safety_risk", "Safety risk", kAccount, kSafetyRisk),
    Texts("explainability", "How it can be explained", kExplain),
    Coded("autonomous", "Acts without a human", kExplain, kYesNo),
    // What it is for.
    Texts("intended_users", "Intended users", kContext),
    Texts("use_cases", "Intended uses", kContext),
    Texts("forbidden_uses", "Uses it must not have", kContext),
    Prose("application", "How it is used", kContext),
    Texts("standards", "Standards it complies with", kAccount),
    Plain("licence", "Licence", kContext, FieldType::kPlain, kUrlBytes),
    Records("licences", "Licences", kContext, kLicenceMembers),
    Records("owners", "Owners", kAccount, kOwnerMembers),
    Texts("references", "References", kContext),
    Records("citations", "Citations", kContext, kCitationMembers),
    Texts("keywords", "Keywords", kContext),
    Texts("languages", "Languages", kContext),
    Plain("created_on", "Created on", kAccount, FieldType::kDate),
    Plain("published_on", "Published on", kAccount, FieldType::kDate),
    Plain("review_on", "Next review", kAccount, FieldType::kDate),
    // Parts of other standards' documents.
    Document("other_model_card", "More of the model card", kTechnical),
    Document("other_spdx", "More of the SPDX document", kTechnical),
    Document("other_cyclonedx", "More of the CycloneDX document", kTechnical),
    Document("other_mldcat_ap", "More of the MLDCAT-AP description",
             kTechnical),
    Document("other_ngsi_ld", "More of the NGSI-LD entity", kTechnical),
    Listing(),
});

}  // namespace

std::span<const FieldSpec> Model() { return kRows; }

}  // namespace limpid::algoregister::fields
