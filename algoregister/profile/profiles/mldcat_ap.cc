// mldcat-ap and mldcat-ap-dataset: the first model, or dataset, of an MLDCAT-AP
// 3.1 description in JSON-LD with the names of its context. Dates are typed
// values there and stay in the rest as they are.

#include <array>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/profiles/all.h"
#include "algoregister/profile/profiles/columns.h"
#include "algoregister/profile/profiles/document_columns.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::profiles {
namespace {

constexpr auto kContext = std::to_array<CodePair>({
    {"https://semiceu.github.io/MLDCAT-AP/releases/3.1.0/context/"
     "mldcat-ap.jsonld",
     ""},
});
constexpr auto kIds = std::to_array<CodePair>({{"urn:limpid:", ""}});
constexpr auto kModelColumns = std::to_array<Column>({
    Constant("/@context", kContext),
    MintedId("/@graph/[@type=MachineLearningModel]/@id", kIds),
    Required(
        Text("/@graph/[@type=MachineLearningModel]/MachineLearningModel.name",
             "title")),
    Words(
        "/@graph/[@type=MachineLearningModel]/MachineLearningModel.description",
        "description"),
    Words("/@graph/[@type=MachineLearningModel]/"
          "MachineLearningModel.shortDescription",
          "documentation"),
    Line("/@graph/[@type=MachineLearningModel]/MachineLearningModel.version",
         "version"),
    List("/@graph/[@type=MachineLearningModel]/MachineLearningModel.keyword",
         "keywords"),
    List("/@graph/[@type=MachineLearningModel]/MachineLearningModel.language",
         "languages"),
    Line("/@graph/[@type=MachineLearningModel]/MachineLearningModel.licence",
         "licence"),
    Line("/@graph/[@type=MachineLearningModel]/"
         "MachineLearningModel.fineTunedFrom",
         "base_model"),
    Line("/@graph/[@type=MachineLearningModel]/"
         "MachineLearningModel.modelArchitecture",
         "architecture"),
    Count("/@graph/[@type=MachineLearningModel]/"
          "MachineLearningModel.totalNumberOfParameters",
          "parameter_count"),
    List("/@graph/[@type=MachineLearningModel]/MachineLearningModel.trainedOn",
         "trained_on_named"),
    List(
        "/@graph/[@type=MachineLearningModel]/MachineLearningModel.validatedOn",
        "validated_on_named"),
    List("/@graph/[@type=MachineLearningModel]/MachineLearningModel.testedOn",
         "tested_on_named"),
    Words("/@graph/[@type=MachineLearningModel]/"
          "MachineLearningModel.trainingProcess",
          "training"),
    Words("/@graph/[@type=MachineLearningModel]/"
          "MachineLearningModel.trainingMethodologies",
          "training_methods"),
    Words("/@graph/[@type=MachineLearningModel]/"
          "MachineLearningModel.evaluationStrategies",
          "evaluation_strategy"),
    Words("/@graph/[@type=MachineLearningModel]/"
          "MachineLearningModel.evaluationResults",
          "evaluation_results"),
    Words("/@graph/[@type=MachineLearningModel]/MachineLearningModel.bias",
          "bias"),
    OneOf(
        "/@graph/[@type=MachineLearningModel]/MachineLearningModel.limitations",
        "limitations"),
    List(
        "/@graph/[@type=MachineLearningModel]/MachineLearningModel.intendedUse",
        "use_cases"),
    Words("/@graph/[@type=MachineLearningModel]/MachineLearningModel.howToUse",
          "application"),
    Rest("other_mldcat_ap"),
});
constexpr auto kDatasetColumns = std::to_array<Column>({
    Constant("/@context", kContext),
    MintedId("/@graph/[@type=Dataset]/@id", kIds),
    Required(Text("/@graph/[@type=Dataset]/Dataset.title", "title")),
    Words("/@graph/[@type=Dataset]/Dataset.description", "description"),
    Line("/@graph/[@type=Dataset]/Dataset.version", "version"),
    List("/@graph/[@type=Dataset]/Dataset.keyword", "keywords"),
    List("/@graph/[@type=Dataset]/Dataset.language", "languages"),
    Address("/@graph/[@type=Dataset]/Dataset.landingPage", "source_url"),
    List("/@graph/[@type=Dataset]/Dataset.geographicalCoverage", "geography"),
    Words("/@graph/[@type=Dataset]/Dataset.collectionMethod",
          "collection_method"),
    List("/@graph/[@type=Dataset]/Dataset.curationMethod", "preprocessing"),
    List("/@graph/[@type=Dataset]/Dataset.biasMethod", "known_biases"),
    List("/@graph/[@type=Dataset]/Dataset.unsuitabilityMethod", "limitations"),
    List("/@graph/[@type=Dataset]/Dataset.dataProvenance",
         "derived_from_named"),
    Rest("other_mldcat_ap"),
});
constexpr Profile kModelProfile = {
    .name = "mldcat-ap",
    .title = "MLDCAT-AP 3.1, machine learning model",
    .organisation_scheme = "mldcat-ap:organisation",
    .layout = Layout::kDocument,
    .list_member = "",
    .language = "en",
    .kind = RegistrationKind::kModel,
    .columns = kModelColumns,
    .ids_may_be_blank = true};
constexpr Profile kDatasetProfile = {
    .name = "mldcat-ap-dataset",
    .title = "MLDCAT-AP 3.1, dataset",
    .organisation_scheme = "mldcat-ap-dataset:organisation",
    .layout = Layout::kDocument,
    .list_member = "",
    .language = "en",
    .kind = RegistrationKind::kDataset,
    .columns = kDatasetColumns,
    .ids_may_be_blank = true};

}  // namespace

const Profile& MldcatAp() { return kModelProfile; }
const Profile& MldcatApDataset() { return kDatasetProfile; }

}  // namespace limpid::algoregister::profiles
