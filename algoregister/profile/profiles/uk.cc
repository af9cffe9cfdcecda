// uk-list and uk-1.1: records of the British Algorithmic Transparency
// Recording Standard. The list is what can be harvested of GOV.UK, one line per
// record. Version 1.1 is the exact field list of the standard; its file form is
// ours, because the government publishes records as prose alone: a list of
// objects with the attributes' names, repeated ones as lists of objects.

#include <array>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/profiles/all.h"
#include "algoregister/profile/profiles/columns.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::profiles {
namespace {

constexpr auto kListColumns = std::to_array<Column>({
    ForeignId("url"),
    OrganisationName("publishing_body"),
    Required(Text("tool_name", "title")),
    Plain("title", "listed_title"),
    Date("published", "published_on"),
    Text("description", "summary"),
    Plains("listed_organisations", "listed_organisations"),
});

constexpr auto kPhase = std::to_array<CodePair>({
    {"idea", "planned"},
    {"design", "design"},
    {"development", "in_development"},
    {"production", "in_use"},
    {"retired", "out_of_use"},
});
constexpr auto kSuppliers = std::to_array<MemberColumn>({
    {.foreign = "external_supplier", .member = "name"},
    {.foreign = "external_supplier_identifier", .member = "identifier"},
    {.foreign = "external_supplier_role",
     .member = "role",
     .type = ColumnType::kText},
    {.foreign = "data_access_terms",
     .member = "data_access",
     .type = ColumnType::kText},
});
constexpr auto kSources = std::to_array<MemberColumn>({
    {.foreign = "source_data_name", .member = "title"},
    {.foreign = "source_data_description",
     .member = "description",
     .type = ColumnType::kText},
    {.foreign = "source_data_url",
     .member = "url",
     .type = ColumnType::kUrl,
     .otherwise = "note"},
    {.foreign = "data_collection",
     .member = "collection",
     .type = ColumnType::kText},
    {.foreign = "data_sharing_agreements",
     .member = "sharing",
     .type = ColumnType::kText},
    {.foreign = "data_access_and_storage",
     .member = "storage",
     .type = ColumnType::kText},
});
constexpr auto kAssessments = std::to_array<MemberColumn>({
    {.foreign = "impact_assessment_name", .member = "title"},
    {.foreign = "impact_assessment_description",
     .member = "description",
     .type = ColumnType::kText},
    {.foreign = "impact_assessment_date", .member = "date"},
    {.foreign = "impact_assessment_link",
     .member = "url",
     .type = ColumnType::kUrl,
     .otherwise = "note"},
});
constexpr auto kRisks = std::to_array<MemberColumn>({
    {.foreign = "risk_name", .member = "title"},
    {.foreign = "risk_description",
     .member = "description",
     .type = ColumnType::kText},
    {.foreign = "risk_mitigation",
     .member = "mitigation",
     .type = ColumnType::kText},
});
constexpr auto kColumns = std::to_array<Column>({
    // Not of version 1.1: the id that 2.0 added.
    Optional(ForeignId("id")),
    Required(Text("name", "title")),
    Text("description", "summary"),
    Url("website", "website", "website_note"),
    Plain("contact_email", "contact"),
    OrganisationName("organisation"),
    Plain("team", "department"),
    Plain("senior_responsible_owner", "accountable_role"),
    Records("external_suppliers", "suppliers", kSuppliers),
    Text("scope", "scope"),
    Text("benefit", "benefits"),
    Text("alternatives_considered", "alternatives"),
    Text("model_type", "model_types"),
    Text("frequency_usage", "scale"),
    Coded("phase", "status", kPhase, "status_note"),
    Text("maintenance", "maintenance"),
    Url("system_architecture", "architecture_url", "architecture_note"),
    Text("process_integration", "process"),
    Text("provided_information", "outputs"),
    Text("human_decisions", "human_oversight"),
    Text("required_training", "training_required"),
    Text("appeals_and_review", "appeal"),
    Records("source_data", "data_sources", kSources),
    Records("impact_assessments", "impact_assessments", kAssessments),
    Records("risks", "risk_list", kRisks),
});

constexpr Profile kList = {
    .name = "uk-list",
    .title = "United Kingdom, list of transparency records",
    .organisation_scheme = "uk:organisation",
    .layout = Layout::kJsonList,
    .list_member = "records",
    .language = "en",
    .kind = RegistrationKind::kDeployment,
    .columns = kListColumns,
    .missing = kNoSystem};
constexpr Profile kRecord = {
    .name = "uk-1.1",
    .title = "United Kingdom, transparency standard 1.1",
    .organisation_scheme = "uk:organisation",
    .layout = Layout::kJsonList,
    .list_member = "",
    .language = "en",
    .kind = RegistrationKind::kDeployment,
    .columns = kColumns,
    .missing = kNoSystem,
    .ids_may_be_blank = true};

}  // namespace

const Profile& UkList() { return kList; }
const Profile& Uk11() { return kRecord; }

}  // namespace limpid::algoregister::profiles
