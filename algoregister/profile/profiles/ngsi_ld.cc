// ngsi-ld: a model as an NGSI-LD entity of two types: MLModel of the Smart Data
// Models with its attributes, and RegisteredModel for what that one has no
// place for.

#include <array>
#include <string_view>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/profiles/all.h"
#include "algoregister/profile/profiles/columns.h"
#include "algoregister/profile/profiles/document_columns.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::profiles {
namespace {

constexpr auto kType = std::to_array<CodePair>({
    {R"(["MLModel", "RegisteredModel"])", ""},
    {"MLModel", ""},
});
constexpr auto kContext = std::to_array<CodePair>({
    {R"(["https://raw.githubusercontent.com/smart-data-models/)"
     R"(dataModel.MachineLearning/master/context.jsonld"])",
     ""},
});
constexpr auto kIds = std::to_array<CodePair>({{"urn:ngsi-ld:MLModel:", ""}});

constexpr Column Property(Column column) {
  column.companion = R"({"type":"Property"})";
  return column;
}

constexpr auto kColumns = std::to_array<Column>({
    Constant("/type", kType),
    Constant("/@context", kContext),
    MintedId("/id", kIds),
    Property(Body("/provider/value", "provider")),
    Property(Required(Text("/name/value", "title"))),
    Property(Words("/description/value", "description")),
    // Attributes of MLModel.
    Property(OneOf("/typeOfAlgorithm/value", "model_types")),
    Property(Line("/algorithm/value", "algorithm")),
    Property(Line("/mlFramework/value", "framework")),
    Property(Line("/version/value", "version")),
    Property(List("/acceptableDataSources/value", "input_formats")),
    Property(List("/outputDataTypes/value", "output_formats")),
    Property(Line("/dockerImage/value", "container_image")),
    Property(List("/inputAttributes/value", "input_attributes")),
    Property(List("/outputAttributes/value", "output_attributes")),
    // Attributes of RegisteredModel.
    Property(Line("/task/value", "task")),
    Property(Line("/baseModel/value", "base_model")),
    Property(Line("/architecture/value", "architecture")),
    Property(Line("/licence/value", "licence")),
    Property(Digest("/artifactDigest/value", "artifact_digest")),
    Property(List("/trainedOn/value", "trained_on_named")),
    Property(List("/validatedOn/value", "validated_on_named")),
    Property(List("/testedOn/value", "tested_on_named")),
    Property(List("/intendedUsers/value", "intended_users")),
    Property(List("/useCases/value", "use_cases")),
    Property(List("/forbiddenUses/value", "forbidden_uses")),
    Property(List("/limitations/value", "limitations")),
    Property(List("/explainability/value", "explainability")),
    Property(Words("/bias/value", "bias")),
    Property(Words("/application/value", "application")),
    Property(Code("/sensitivePersonalData/value", "sensitive_personal_data",
                  kPresence)),
    Property(Day("/reviewDate/value", "review_on")),
    Rest("other_ngsi_ld"),
});
constexpr Profile kProfile = {
    .name = "ngsi-ld",
    .title = "NGSI-LD entity, Smart Data Models MLModel extended",
    .organisation_scheme = "ngsi-ld:organisation",
    .layout = Layout::kDocument,
    .list_member = "",
    .language = "en",
    .kind = RegistrationKind::kModel,
    .columns = kColumns,
    .ids_may_be_blank = true};

}  // namespace

const Profile& NgsiLd() { return kProfile; }

}  // namespace limpid::algoregister::profiles
