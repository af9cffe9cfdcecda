// spdx and spdx-dataset: the first AI package, or dataset package, of an SPDX
// 3.0.1 document in JSON-LD.

#include <array>
#include <string_view>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/profiles/all.h"
#include "algoregister/profile/profiles/columns.h"
#include "algoregister/profile/profiles/document_columns.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::profiles {
namespace {

constexpr auto kContext = std::to_array<CodePair>({
    {"https://spdx.org/rdf/3.0.1/spdx-context.jsonld", ""},
});
constexpr auto kSpecVersion = std::to_array<CodePair>({{"3.0.1", ""}});
// A blank node, named as the examples of the specification name it.
constexpr auto kCreationInfo =
    std::to_array<CodePair>({{"_:creationinfo", ""}});
constexpr auto kTime = std::to_array<CodePair>({{"{time}", ""}});
// Who keeps the registration here, and so says what the document says.
constexpr auto kAgentId =
    std::to_array<CodePair>({{"urn:limpid:publisher:{publisher}", ""}});
constexpr auto kAgentIds =
    std::to_array<CodePair>({{R"(["urn:limpid:publisher:{publisher}"])", ""}});
constexpr auto kModelPurpose = std::to_array<CodePair>({{"model", ""}});
constexpr auto kDataPurpose = std::to_array<CodePair>({{"data", ""}});
constexpr auto kIds = std::to_array<CodePair>({{"urn:limpid:", ""}});
constexpr std::string_view kHash = R"({"type":"Hash"})";
constexpr std::string_view kEntry = R"({"type":"DictionaryEntry"})";
constexpr auto kSafetyRisk = std::to_array<CodePair>({
    {"serious", "serious"},
    {"high", "high"},
    {"medium", "medium"},
    {"low", "low"},
});
constexpr auto kDatasetType = std::to_array<CodePair>({
    {"audio", "audio"},
    {"categorical", "categorical"},
    {"graph", "graph"},
    {"image", "image"},
    {"noAssertion", ""},
    {"numeric", "numeric"},
    {"other", "other"},
    {"sensor", "sensor"},
    {"structured", "structured"},
    {"syntactic", "syntactic"},
    {"text", "text"},
    {"timeseries", "timeseries"},
    {"timestamp", "timestamp"},
    {"video", "video"},
});
constexpr auto kConfidentiality = std::to_array<CodePair>({
    {"red", "red"},
    {"amber", "amber"},
    {"green", "green"},
    {"clear", "clear"},
});
constexpr auto kAvailability = std::to_array<CodePair>({
    {"clickthrough", "clickthrough"},
    {"directDownload", "direct_download"},
    {"query", "query"},
    {"registration", "registration"},
    {"scrapingScript", "scraping_script"},
});
constexpr auto kNamedValues = std::to_array<MemberColumn>({
    {.foreign = "key", .member = "name"},
    {.foreign = "value", .member = "value"},
    kOther,
});
constexpr auto kModelColumns = std::to_array<Column>({
    Constant("/@context", kContext),
    Constant("/@graph/[type=CreationInfo]/@id", kCreationInfo),
    Constant("/@graph/[type=CreationInfo]/specVersion", kSpecVersion),
    MintedId("/@graph/[type=ai_AIPackage]/spdxId", kIds),
    Constant("/@graph/[type=ai_AIPackage]/creationInfo", kCreationInfo),
    Made("/@graph/[type=CreationInfo]/created", kTime),
    Made("/@graph/[type=CreationInfo]/createdBy", kAgentIds),
    Required(Text("/@graph/[type=ai_AIPackage]/name", "title")),
    Words("/@graph/[type=ai_AIPackage]/description", "description"),
    Line("/@graph/[type=ai_AIPackage]/software_packageVersion", "version"),
    Address("/@graph/[type=ai_AIPackage]/software_homePage", "source_url"),
    Constant("/@graph/[type=ai_AIPackage]/software_primaryPurpose",
             kModelPurpose),
    Words("/@graph/[type=ai_AIPackage]/summary", "documentation"),
    Address("/@graph/[type=ai_AIPackage]/software_downloadLocation",
            "artifact_url"),
    Digest("/@graph/[type=ai_AIPackage]/verifiedUsing/[algorithm=sha256]/"
           "hashValue",
           "artifact_digest", kHash),
    List("/@graph/[type=ai_AIPackage]/ai_typeOfModel", "model_types"),
    List("/@graph/[type=ai_AIPackage]/ai_domain", "domains"),
    Words("/@graph/[type=ai_AIPackage]/ai_informationAboutApplication",
          "application"),
    Words("/@graph/[type=ai_AIPackage]/ai_informationAboutTraining",
          "training"),
    List("/@graph/[type=ai_AIPackage]/ai_modelDataPreprocessing",
         "data_preprocessing"),
    Part("/@graph/[type=ai_AIPackage]/ai_hyperparameter", "hyperparameters"),
    Table("/@graph/[type=ai_AIPackage]/ai_metric", "metrics", kNamedValues,
          kEntry),
    Table("/@graph/[type=ai_AIPackage]/ai_metricDecisionThreshold",
          "thresholds", kNamedValues, kEntry),
    OneOf("/@graph/[type=ai_AIPackage]/ai_limitation", "limitations"),
    List("/@graph/[type=ai_AIPackage]/ai_modelExplainability",
         "explainability"),
    Code("/@graph/[type=ai_AIPackage]/ai_useSensitivePersonalInformation",
         "sensitive_personal_data", kPresence),
    Code("/@graph/[type=ai_AIPackage]/ai_autonomyType", "autonomous",
         kPresence),
    Code("/@graph/[type=ai_AIPackage]/ai_safetyRiskAssessment", "safety_risk",
         kSafetyRisk),
    List("/@graph/[type=ai_AIPackage]/ai_standardCompliance", "standards"),
    Part("/@graph/[type=ai_AIPackage]/ai_energyConsumption", "energy"),
    Made("/@graph/[type=Agent]/spdxId", kAgentId),
    Made("/@graph/[type=Agent]/creationInfo", kCreationInfo),
    Rest("other_spdx"),
});
constexpr auto kDatasetColumns = std::to_array<Column>({
    Constant("/@context", kContext),
    Constant("/@graph/[type=CreationInfo]/@id", kCreationInfo),
    Constant("/@graph/[type=CreationInfo]/specVersion", kSpecVersion),
    MintedId("/@graph/[type=dataset_DatasetPackage]/spdxId", kIds),
    Constant("/@graph/[type=dataset_DatasetPackage]/creationInfo",
             kCreationInfo),
    Made("/@graph/[type=CreationInfo]/created", kTime),
    Made("/@graph/[type=CreationInfo]/createdBy", kAgentIds),
    Required(Text("/@graph/[type=dataset_DatasetPackage]/name", "title")),
    Words("/@graph/[type=dataset_DatasetPackage]/description", "description"),
    Line("/@graph/[type=dataset_DatasetPackage]/software_packageVersion",
         "version"),
    Address("/@graph/[type=dataset_DatasetPackage]/software_homePage",
            "source_url"),
    Constant("/@graph/[type=dataset_DatasetPackage]/software_primaryPurpose",
             kDataPurpose),
    Address("/@graph/[type=dataset_DatasetPackage]/software_downloadLocation",
            "download_url"),
    Digest("/@graph/[type=dataset_DatasetPackage]/verifiedUsing/"
           "[algorithm=sha256]/hashValue",
           "content_digest", kHash),
    Optional(
        CodedList("/@graph/[type=dataset_DatasetPackage]/dataset_datasetType",
                  "modality", kDatasetType)),
    Words("/@graph/[type=dataset_DatasetPackage]/dataset_dataCollectionProcess",
          "collection_method"),
    OneOf("/@graph/[type=dataset_DatasetPackage]/dataset_intendedUse",
          "use_cases"),
    Count("/@graph/[type=dataset_DatasetPackage]/dataset_datasetSize",
          "size_bytes"),
    Words("/@graph/[type=dataset_DatasetPackage]/dataset_datasetNoise",
          "noise"),
    List("/@graph/[type=dataset_DatasetPackage]/dataset_dataPreprocessing",
         "preprocessing"),
    List("/@graph/[type=dataset_DatasetPackage]/dataset_knownBias",
         "known_biases"),
    Code("/@graph/[type=dataset_DatasetPackage]/"
         "dataset_hasSensitivePersonalInformation",
         "sensitive_personal_data", kPresence),
    List(
        "/@graph/[type=dataset_DatasetPackage]/dataset_anonymizationMethodUsed",
        "anonymisation"),
    Code("/@graph/[type=dataset_DatasetPackage]/dataset_confidentialityLevel",
         "confidentiality", kConfidentiality),
    Words(
        "/@graph/[type=dataset_DatasetPackage]/dataset_datasetUpdateMechanism",
        "maintenance"),
    Code("/@graph/[type=dataset_DatasetPackage]/dataset_datasetAvailability",
         "availability", kAvailability),
    Made("/@graph/[type=Agent]/spdxId", kAgentId),
    Made("/@graph/[type=Agent]/creationInfo", kCreationInfo),
    Rest("other_spdx"),
});
constexpr Profile kModelProfile = {.name = "spdx",
                                   .title = "SPDX 3.0.1, AI package",
                                   .organisation_scheme = "spdx:organisation",
                                   .layout = Layout::kDocument,
                                   .list_member = "",
                                   .language = "en",
                                   .kind = RegistrationKind::kModel,
                                   .columns = kModelColumns,
                                   .ids_may_be_blank = true};
constexpr Profile kDatasetProfile = {
    .name = "spdx-dataset",
    .title = "SPDX 3.0.1, dataset package",
    .organisation_scheme = "spdx-dataset:organisation",
    .layout = Layout::kDocument,
    .list_member = "",
    .language = "en",
    .kind = RegistrationKind::kDataset,
    .columns = kDatasetColumns,
    .ids_may_be_blank = true};

}  // namespace

const Profile& Spdx() { return kModelProfile; }
const Profile& SpdxDataset() { return kDatasetProfile; }

}  // namespace limpid::algoregister::profiles
