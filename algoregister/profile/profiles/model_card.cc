// model-card: a model as the model card of the Model Card Toolkit, schema
// 0.0.2. A card has no id: it is known by its name.

#include <array>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/profiles/all.h"
#include "algoregister/profile/profiles/columns.h"
#include "algoregister/profile/profiles/document_columns.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::profiles {
namespace {

constexpr auto kVersion = std::to_array<CodePair>({{"0.0.2", ""}});
constexpr auto kOwners = std::to_array<MemberColumn>({
    {.foreign = "name", .member = "name"},
    {.foreign = "contact", .member = "contact"},
    kOther,
});
constexpr auto kLicences = std::to_array<MemberColumn>({
    {.foreign = "identifier", .member = "identifier"},
    {.foreign = "custom_text", .member = "text"},
    kOther,
});
constexpr auto kCitations = std::to_array<MemberColumn>({
    {.foreign = "citation", .member = "citation"},
    {.foreign = "style", .member = "style"},
    kOther,
});
constexpr auto kData = std::to_array<MemberColumn>({
    {.foreign = "name", .member = "name"},
    {.foreign = "link", .member = "reference"},
    {.foreign = "description", .member = "description"},
    kOther,
});
constexpr auto kMetrics = std::to_array<MemberColumn>({
    {.foreign = "type", .member = "name"},
    {.foreign = "value", .member = "value"},
    {.foreign = "slice", .member = "slice"},
    {.foreign = "threshold", .member = "threshold"},
    {.foreign = "/confidence_interval/lower_bound", .member = "lower"},
    {.foreign = "/confidence_interval/upper_bound", .member = "upper"},
    kOther,
});
constexpr auto kRisks = std::to_array<MemberColumn>({
    {.foreign = "name", .member = "name"},
    {.foreign = "mitigation_strategy", .member = "mitigation"},
    kOther,
});
constexpr auto kColumns = std::to_array<Column>({
    Constant("/schema_version", kVersion),
    Required(Text("/model_details/name", "title")),
    Words("/model_details/overview", "description"),
    Words("/model_details/documentation", "documentation"),
    Table("/model_details/owners", "owners", kOwners),
    Line("/model_details/version/name", "version"),
    // Cards of the toolkit's makers write the month first.
    Optional(MonthFirst("/model_details/version/date", "version_date")),
    Line("/model_details/version/diff", "version_notes"),
    Table("/model_details/licenses", "licences", kLicences),
    ListOf("/model_details/references", "references", "reference"),
    Table("/model_details/citations", "citations", kCitations),
    Line("/model_details/path", "artifact_path"),
    Line("/model_parameters/model_architecture", "architecture"),
    Table("/model_parameters/data", "datasets_named", kData),
    OneOf("/model_parameters/input_format", "input_formats"),
    OneOf("/model_parameters/output_format", "output_formats"),
    Table("/quantitative_analysis/performance_metrics", "metrics", kMetrics),
    ListOf("/considerations/users", "intended_users", "description"),
    ListOf("/considerations/use_cases", "use_cases", "description"),
    ListOf("/considerations/limitations", "limitations", "description"),
    ListOf("/considerations/tradeoffs", "tradeoffs", "description"),
    Table("/considerations/ethical_considerations", "ethical_considerations",
          kRisks),
    Rest("other_model_card"),
});
constexpr Profile kProfile = {.name = "model-card",
                              .title = "Model card, schema 0.0.2",
                              .organisation_scheme = "model-card:organisation",
                              .layout = Layout::kDocument,
                              .list_member = "",
                              .language = "en",
                              .kind = RegistrationKind::kModel,
                              .columns = kColumns,
                              .ids_may_be_blank = true};

}  // namespace

const Profile& ModelCard() { return kProfile; }

}  // namespace limpid::algoregister::profiles
