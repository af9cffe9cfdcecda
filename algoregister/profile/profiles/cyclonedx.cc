// cyclonedx and cyclonedx-data: the first machine-learning model with its model
// card, or the first data component, of a CycloneDX 1.6 bill of materials.

#include <array>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/profiles/all.h"
#include "algoregister/profile/profiles/columns.h"
#include "algoregister/profile/profiles/document_columns.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::profiles {
namespace {

constexpr auto kSchema = std::to_array<CodePair>({
    {"http://cyclonedx.org/schema/bom-1.6.schema.json", ""},
});
constexpr auto kFormat = std::to_array<CodePair>({{"CycloneDX", ""}});
// A text, not a number: quoted as JSON.
constexpr auto kSpecVersion = std::to_array<CodePair>({{R"("1.6")", ""}});
constexpr auto kApproach = std::to_array<CodePair>({
    {"supervised", "supervised"},
    {"unsupervised", "unsupervised"},
    {"reinforcement-learning", "reinforcement_learning"},
    {"semi-supervised", "semi_supervised"},
    {"self-supervised", "self_supervised"},
});
constexpr auto kLicences = std::to_array<MemberColumn>({
    {.foreign = "/license/id", .member = "identifier"},
    // The schema takes one of the two.
    {.foreign = "/license/name", .member = "name", .unless = "identifier"},
    {.foreign = "/license/text/content", .member = "text"},
    {.foreign = "/license/url", .member = "url"},
    kOther,
});
constexpr auto kDatasets = std::to_array<MemberColumn>({
    // Either the dataset, or a reference to one of the same file.
    {.foreign = "name", .member = "name", .companion = R"({"type":"dataset"})"},
    {.foreign = "ref", .member = "reference", .unless = "name"},
    {.foreign = "description", .member = "description"},
    kOther,
});
constexpr auto kMetrics = std::to_array<MemberColumn>({
    {.foreign = "type", .member = "name"},
    {.foreign = "value", .member = "value"},
    {.foreign = "slice", .member = "slice"},
    {.foreign = "/confidenceInterval/lowerBound", .member = "lower"},
    {.foreign = "/confidenceInterval/upperBound", .member = "upper"},
    kOther,
});
constexpr auto kRisks = std::to_array<MemberColumn>({
    {.foreign = "name", .member = "name"},
    {.foreign = "mitigationStrategy", .member = "mitigation"},
    kOther,
});
constexpr auto kFairness = std::to_array<MemberColumn>({
    {.foreign = "groupAtRisk", .member = "group"},
    {.foreign = "benefits", .member = "benefits"},
    {.foreign = "harms", .member = "harms"},
    {.foreign = "mitigationStrategy", .member = "mitigation"},
    kOther,
});
constexpr auto kModelColumns = std::to_array<Column>({
    Constant("/$schema", kSchema),
    Constant("/bomFormat", kFormat),
    Constant("/specVersion", kSpecVersion),
    ForeignId("/serialNumber"),
    Required(Text("/components/[type=machine-learning-model]/name", "title")),
    Words("/components/[type=machine-learning-model]/description",
          "description"),
    Line("/components/[type=machine-learning-model]/version", "version"),
    List("/components/[type=machine-learning-model]/tags", "keywords"),
    Body("/components/[type=machine-learning-model]/supplier/name", "provider"),
    Table("/components/[type=machine-learning-model]/licenses", "licences",
          kLicences),
    Digest("/components/[type=machine-learning-model]/hashes/[alg=SHA-256]/"
           "content",
           "artifact_digest"),
    Line("/components/[type=machine-learning-model]/mime-type",
         "artifact_media_type"),
    Code("/components/[type=machine-learning-model]/modelCard/modelParameters/"
         "approach/type",
         "approach", kApproach),
    Line("/components/[type=machine-learning-model]/modelCard/modelParameters/"
         "task",
         "task"),
    Line("/components/[type=machine-learning-model]/modelCard/modelParameters/"
         "architectureFamily",
         "architecture_family"),
    Line("/components/[type=machine-learning-model]/modelCard/modelParameters/"
         "modelArchitecture",
         "architecture"),
    Table("/components/[type=machine-learning-model]/modelCard/modelParameters/"
          "datasets",
          "datasets_named", kDatasets),
    ListOf("/components/[type=machine-learning-model]/modelCard/"
           "modelParameters/inputs",
           "input_formats", "format"),
    ListOf("/components/[type=machine-learning-model]/modelCard/"
           "modelParameters/outputs",
           "output_formats", "format"),
    Table("/components/[type=machine-learning-model]/modelCard/"
          "quantitativeAnalysis/performanceMetrics",
          "metrics", kMetrics),
    List("/components/[type=machine-learning-model]/modelCard/considerations/"
         "users",
         "intended_users"),
    List("/components/[type=machine-learning-model]/modelCard/considerations/"
         "useCases",
         "use_cases"),
    List("/components/[type=machine-learning-model]/modelCard/considerations/"
         "technicalLimitations",
         "limitations"),
    List("/components/[type=machine-learning-model]/modelCard/considerations/"
         "performanceTradeoffs",
         "tradeoffs"),
    Table("/components/[type=machine-learning-model]/modelCard/considerations/"
          "ethicalConsiderations",
          "ethical_considerations", kRisks),
    Table("/components/[type=machine-learning-model]/modelCard/considerations/"
          "fairnessAssessments",
          "fairness_assessments", kFairness),
    Part("/components/[type=machine-learning-model]/modelCard/considerations/"
         "environmentalConsiderations",
         "energy"),
    Rest("other_cyclonedx"),
});
constexpr auto kDataColumns = std::to_array<Column>({
    Constant("/$schema", kSchema),
    Constant("/bomFormat", kFormat),
    Constant("/specVersion", kSpecVersion),
    ForeignId("/serialNumber"),
    Required(Text("/components/[type=data]/name", "title")),
    Words("/components/[type=data]/description", "description"),
    Line("/components/[type=data]/version", "version"),
    List("/components/[type=data]/tags", "keywords"),
    Body("/components/[type=data]/supplier/name", "organisation"),
    Digest("/components/[type=data]/hashes/[alg=SHA-256]/content",
           "content_digest"),
    Address("/components/[type=data]/data/[type=dataset]/contents/url",
            "download_url"),
    List("/components/[type=data]/data/[type=dataset]/sensitiveData",
         "sensitive_attributes"),
    Rest("other_cyclonedx"),
});
constexpr Profile kModelProfile = {
    .name = "cyclonedx",
    .title = "CycloneDX 1.6, machine-learning model",
    .organisation_scheme = "cyclonedx:organisation",
    .layout = Layout::kDocument,
    .list_member = "",
    .language = "en",
    .kind = RegistrationKind::kModel,
    .columns = kModelColumns,
    .ids_may_be_blank = true};
constexpr Profile kDataProfile = {
    .name = "cyclonedx-data",
    .title = "CycloneDX 1.6, data component",
    .organisation_scheme = "cyclonedx-data:organisation",
    .layout = Layout::kDocument,
    .list_member = "",
    .language = "en",
    .kind = RegistrationKind::kDataset,
    .columns = kDataColumns,
    .ids_may_be_blank = true};

}  // namespace

const Profile& CycloneDx() { return kModelProfile; }
const Profile& CycloneDxData() { return kDataProfile; }

}  // namespace limpid::algoregister::profiles
