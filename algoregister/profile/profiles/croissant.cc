// croissant: a dataset as MLCommons Croissant 1.1 with the terms of its
// responsible-AI vocabulary. Files of 1.0 are read too: all of it is in 1.1.

#include <array>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/profiles/all.h"
#include "algoregister/profile/profiles/columns.h"
#include "algoregister/profile/profiles/document_columns.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::profiles {
namespace {

constexpr auto kContext = std::to_array<CodePair>({
    {R"({
    "@language": "en", "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape", "citeAs": "cr:citeAs",
    "column": "cr:column", "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn", "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract", "field": "cr:field",
    "fileObject": "cr:fileObject", "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet", "format": "cr:format",
    "includes": "cr:includes", "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath",
    "key": "cr:key", "md5": "cr:md5", "parentField": "cr:parentField",
    "path": "cr:path", "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet", "references": "cr:references",
    "regex": "cr:regex", "repeated": "cr:repeated", "replace": "cr:replace",
    "samplingRate": "cr:samplingRate", "sc": "https://schema.org/",
    "separator": "cr:separator", "source": "cr:source",
    "subField": "cr:subField", "transform": "cr:transform",
    "wd": "https://www.wikidata.org/wiki/"
})",
     ""},
});
constexpr auto kType = std::to_array<CodePair>({
    {"sc:Dataset", ""},
    {"Dataset", ""},
    {"schema:Dataset", ""},
    {"https://schema.org/Dataset", ""},
});
constexpr auto kConformsTo = std::to_array<CodePair>({
    {"http://mlcommons.org/croissant/1.1", ""},
    {"http://mlcommons.org/croissant/1.0", ""},
});
constexpr auto kColumns = std::to_array<Column>({
    Constant("/@context", kContext),
    Constant("/@type", kType),
    Constant("/conformsTo", kConformsTo),
    ForeignId("/url"),
    // People are named as creators; only bodies are registered.
    Body("/publisher/[@type=sc:Organization]/name", "organisation"),
    Required(Text("/name", "title")),
    Words("/description", "description"),
    Line("/license", "licence"),
    Line("/version", "version"),
    Line("/citeAs", "citation"),
    List("/keywords", "keywords"),
    List("/inLanguage", "languages"),
    List("/sameAs", "same_as"),
    Day("/dateCreated", "created_on"),
    Day("/datePublished", "published_on"),
    Day("/dateModified", "modified_on"),
    Line("/temporalCoverage", "period"),
    List("/spatialCoverage", "geography"),
    List("/prov:wasDerivedFrom", "derived_from_named"),
    Part("/distribution", "distribution"),
    Part("/recordSet", "record_sets"),
    Words("/rai:dataCollection", "collection_method"),
    List("/rai:dataCollectionType", "collection_types"),
    Words("/rai:dataCollectionMissingData", "missing_data"),
    Words("/rai:dataCollectionRawData", "raw_data"),
    List("/rai:dataCollectionTimeframe", "collection_period"),
    List("/rai:dataPreprocessingProtocol", "preprocessing"),
    Words("/rai:dataImputationProtocol", "imputation"),
    Words("/rai:dataManipulationProtocol", "manipulation"),
    Words("/rai:dataReleaseMaintenancePlan", "maintenance"),
    List("/rai:personalSensitiveInformation", "sensitive_attributes"),
    Words("/rai:dataAnnotationProtocol", "annotation_protocol"),
    List("/rai:dataAnnotationPlatform", "annotation_platforms"),
    List("/rai:dataAnnotationAnalysis", "annotation_analysis"),
    Line("/rai:annotationsPerItem", "annotations_per_item"),
    List("/rai:annotatorDemographics", "annotator_demographics"),
    List("/rai:machineAnnotationTools", "annotation_tools"),
    Words("/rai:dataSocialImpact", "social_impact"),
    List("/rai:dataBiases", "known_biases"),
    List("/rai:dataLimitations", "limitations"),
    List("/rai:dataUseCases", "use_cases"),
    Rest("other_croissant"),
});
constexpr Profile kProfile = {
    .name = "croissant",
    .title = "Croissant 1.1 with responsible-AI terms",
    .organisation_scheme = "croissant:organisation",
    .layout = Layout::kDocument,
    .list_member = "",
    .language = "en",
    .kind = RegistrationKind::kDataset,
    .columns = kColumns,
    .ids_may_be_blank = true};

}  // namespace

const Profile& Croissant() { return kProfile; }

}  // namespace limpid::algoregister::profiles
