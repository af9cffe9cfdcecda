// Fields of a dataset: what it is, whose data it has and on which ground, how
// it was made, what is wrong with it. Rows from "citation" on are those of
// Croissant with its responsible-AI terms, SPDX and MLDCAT-AP.

#include <array>
#include <span>

#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/rows.h"
#include "algoregister/registration/fields/shapes.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::fields {
namespace {

constexpr auto kOrigin = std::to_array<Code>({
    {"consented_personal_data", "personal data given with consent"},
    {"other_personal_data", "personal data on another basis"},
    {"no_personal_data", "no personal data"},
    {"synthetic", "synthetic data"},
    {"own_administrative", "the organisation's own administration"},
    {"other_public_body", "another public body"},
    {"open_data", "open data"},
    {"licensed", "licensed data"},
    {"purchased", "purchased data"},
    {"crawled", "collected from the web"},
    {"user_provided", "given by users"},
});
constexpr auto kPersonalData = std::to_array<Code>({
    {"none", "none"},
    {"anonymised", "anonymised"},
    {"pseudonymised", "pseudonymised"},
    {"identified", "of identified people"},
});
constexpr auto kModality = std::to_array<Code>({
    {"audio", "audio"},
    {"categorical", "categories"},
    {"graph", "graphs"},
    {"image", "images"},
    {"numeric", "numbers"},
    {"other", "other"},
    {"sensor", "sensor readings"},
    {"structured", "structured records"},
    {"syntactic", "parsed text"},
    {"text", "text"},
    {"timeseries", "time series"},
    {"timestamp", "points in time"},
    {"video", "video"},
});
constexpr auto kConfidentiality = std::to_array<Code>({
    {"red", "not to be shown to others"},
    {"amber", "for the organisation and its partners"},
    {"green", "for a community"},
    {"clear", "public"},
});
constexpr auto kAvailability = std::to_array<Code>({
    {"clickthrough", "after agreeing to terms"},
    {"direct_download", "by direct download"},
    {"query", "by query"},
    {"registration", "after registration"},
    {"scraping_script", "by running a script"},
});
constexpr auto kAttributeUse = std::to_array<Code>({
    {"feature", "used as a feature"},
    {"bias_testing", "used only to test for bias"},
    {"not_used", "held, but not used"},
});
constexpr auto kProtectedMembers = std::to_array<MemberSpec>({
    {.name = "attribute",
     .label = "Attribute",
     .type = FieldType::kPlain,
     .max_bytes = kNameBytes,
     .required = true},
    {.name = "use",
     .label = "Use",
     .type = FieldType::kCode,
     .codes = kAttributeUse},
    {.name = "why",
     .label = "Why",
     .type = FieldType::kPlain,
     .max_bytes = kProseBytes},
});
constexpr auto kGroupMembers = std::to_array<MemberSpec>({
    {.name = "group",
     .label = "Group",
     .type = FieldType::kPlain,
     .max_bytes = kNameBytes,
     .required = true},
    {.name = "count", .label = "Records", .type = FieldType::kNumber},
    {.name = "share",
     .label = "Share of the dataset",
     .type = FieldType::kNumber},
    {.name = "population_share",
     .label = "Share of the population",
     .type = FieldType::kNumber},
});
constexpr auto kFileMembers = std::to_array<MemberSpec>({
    {.name = "name",
     .label = "Name",
     .type = FieldType::kPlain,
     .max_bytes = kUrlBytes,
     .required = true},
    {.name = "digest", .label = "SHA-256", .type = FieldType::kDigest},
    {.name = "bytes", .label = "Bytes", .type = FieldType::kNumber},
    {.name = "media_type",
     .label = "Media type",
     .type = FieldType::kPlain,
     .max_bytes = kNameBytes},
});
constexpr auto kCrawlerMembers = std::to_array<MemberSpec>({
    {.name = "name",
     .label = "Crawler",
     .type = FieldType::kPlain,
     .max_bytes = kNameBytes,
     .required = true},
    {.name = "from", .label = "From", .type = FieldType::kDate},
    {.name = "to", .label = "Until", .type = FieldType::kDate},
});

constexpr auto kProcedure = Chapter::kProceduralTransparency;
constexpr auto kTechnical = Chapter::kTechnicalTransparency;
constexpr auto kFairness = Chapter::kFairness;
constexpr auto kContext = Chapter::kContext;
constexpr auto kAccount = Chapter::kAccountability;

constexpr auto kRows = std::to_array<FieldSpec>({
    Naming("title", "Title", FieldType::kText, kTitleBytes),
    Prose("description", "Description", kTechnical),
    Reference("organisation", "Organisation", kAccount,
              RegistrationKind::kOrganisation),
    Coded("origin", "Origin of the data", kProcedure, kOrigin),
    Plain("licence", "Licence", kContext, FieldType::kPlain, kNameBytes),
    Plain("snapshots", "Snapshots", kTechnical, FieldType::kSnapshots),
    Plain("version", "Version", kTechnical, FieldType::kPlain, kNameBytes),
    // Whose data, on which ground.
    Coded("personal_data", "Personal data in it", kProcedure, kPersonalData),
    Coded("sensitive_personal_data",
          "Special-category or otherwise sensitive personal data", kProcedure,
          kYesNo),
    Texts("sensitive_attributes", "Sensitive attributes", kProcedure),
    Prose("legal_ground", "Legal ground", kProcedure),
    Plain("consent_documentation", "Where consent is documented", kProcedure,
          FieldType::kUrl, kUrlBytes),
    Prose("opt_outs", "How opt-outs were honoured", kProcedure),
    Prose("retention", "Retention", kProcedure),
    Texts("storage_geography", "Where it is stored and processed", kProcedure),
    Coded("confidentiality", "Confidentiality", kProcedure, kConfidentiality),
    // What is in it.
    Coded("modality", "Kinds of data", kTechnical, kModality,
          FieldType::kCodes),
    Plain("record_count", "Records", kTechnical, FieldType::kNumber),
    Plain("size_bytes", "Bytes", kTechnical, FieldType::kNumber),
    Plain("counted_on", "Counted on", kTechnical, FieldType::kDate),
    Prose("population", "Population", kContext),
    Texts("geography", "Places it covers", kContext),
    Plain("period", "Period it covers", kContext, FieldType::kPlain,
          kNameBytes),
    Texts("features", "Attributes used as features", kTechnical),
    Records("protected_attributes", "Protected attributes, and why", kFairness,
            kProtectedMembers),
    // How it was made.
    Prose("collection_method", "How it was collected", kTechnical),
    Texts("collection_types", "Kinds of collection", kTechnical),
    Texts("collection_period", "When it was collected", kTechnical),
    Prose("collector", "Who collected it", kAccount),
    Prose("raw_data", "Source of the raw data", kTechnical),
    Prose("missing_data", "Missing data", kTechnical),
    Prose("sampling", "Sampling", kTechnical),
    Records("crawlers", "Crawlers", kTechnical, kCrawlerMembers),
    Prose("annotation_protocol", "How it was labelled", kTechnical),
    Texts("annotation_platforms", "Labelling platforms", kTechnical),
    Texts("annotation_analysis", "From annotations to labels", kTechnical),
    Plain("annotations_per_item", "Labels per item", kTechnical,
          FieldType::kPlain, kProseBytes),
    Texts("annotator_demographics", "Who labelled it", kFairness),
    Texts("annotation_tools", "Labelling software", kTechnical),
    Texts("preprocessing", "Preprocessing", kTechnical),
    Prose("imputation", "Imputation", kTechnical),
    Prose("manipulation", "Manipulation", kTechnical),
    Texts("anonymisation", "Anonymisation and privacy techniques", kTechnical),
    References("derived_from", "Derived from", kTechnical,
               RegistrationKind::kDataset),
    Texts("derived_from_named", "Derived from, not registered here",
          kTechnical),
    // What is wrong with it, and what it is for.
    Texts("known_biases", "Known biases", kFairness),
    Texts("limitations", "Known gaps and limits", kFairness),
    Prose("noise", "Noise", kFairness),
    Prose("representativeness", "Representativeness", kFairness),
    Records("group_figures", "Figures per group", kFairness, kGroupMembers),
    Prose("social_impact", "Social impact", kFairness),
    Texts("use_cases", "Intended uses", kContext),
    Texts("forbidden_uses", "Uses it must not have", kContext),
    Prose("maintenance", "Updates and maintenance", kAccount),
    Plain("review_on", "Next review", kAccount, FieldType::kDate),
    // Where it is.
    Plain("source_url", "Page about it", kContext, FieldType::kUrl, kUrlBytes),
    Texts("same_as", "Also described at", kContext),
    Plain("download_url", "Download", kContext, FieldType::kUrl, kUrlBytes),
    Coded("availability", "How it can be had", kContext, kAvailability),
    Prose("not_public_because", "Not public because", kContext),
    Plain("content_digest", "Digest of the content", kTechnical,
          FieldType::kDigest),
    Records("files", "Digests per file", kTechnical, kFileMembers),
    Plain("citation", "Citation", kContext, FieldType::kPlain, kProseBytes),
    Texts("keywords", "Keywords", kContext),
    Texts("languages", "Languages", kContext),
    Plain("created_on", "Created on", kAccount, FieldType::kDate),
    Plain("published_on", "Published on", kAccount, FieldType::kDate),
    Plain("modified_on", "Changed on", kAccount, FieldType::kDate),
    // Parts of other standards' documents.
    Document("distribution", "Distribution", kTechnical),
    Document("record_sets", "Record sets and their fields", kTechnical),
    Document("other_croissant", "More of the Croissant description",
             kTechnical),
    Document("other_spdx", "More of the SPDX document", kTechnical),
    Document("other_cyclonedx", "More of the CycloneDX document", kTechnical),
    Document("other_mldcat_ap", "More of the MLDCAT-AP description",
             kTechnical),
    Listing(),
});

}  // namespace

std::span<const FieldSpec> Dataset() { return kRows; }

}  // namespace limpid::algoregister::fields
