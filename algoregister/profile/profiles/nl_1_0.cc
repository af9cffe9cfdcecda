// nl-1.0: publication standard 1.0 of the Dutch national register, as its
// delivery interface takes it: a list of objects. Vendors hand out pre-filled
// descriptions in this shape, without an organisation and with members of
// standard 0.4 beside.

#include <array>
#include <string_view>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/profiles/all.h"
#include "algoregister/profile/profiles/columns.h"
#include "algoregister/profile/profiles/languages.h"
#include "algoregister/profile/profiles/nl_codes.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::profiles {
namespace {

constexpr auto kCategory = std::to_array<CodePair>({
    {"Hoog-risico AI-systeem", "high_risk"},
    {"Impactvolle algoritmes", "impactful"},
    {"Overige algoritmes", "other"},
});
// The standard knows "nld" alone.
constexpr auto kLanguage =
    Joined(Joined(kDutchWords, kEnglishWords), kOtherWords);
constexpr auto kVersion = std::to_array<CodePair>({{"1.0", ""}});
constexpr auto kLinks = std::to_array<MemberColumn>({
    {.foreign = "title", .member = "title"},
    {.foreign = "link",
     .member = "url",
     .type = ColumnType::kUrl,
     .otherwise = "note"},
});
constexpr auto kColumns = std::to_array<Column>({
    Required(Text("name", "title")),
    Text("description_short", "summary"),
    OrganisationName("organization"),
    CodedList("category", "themes", nl::kThemes, "theme_note"),
    Coded("status", "status", nl::kStatus),
    Date("begin_date", "begin_date"),
    Date("end_date", "end_date"),
    Plain("contact_email", "contact"),
    Url("website", "website", "website_note"),
    Coded("publication_category", "publication_category", kCategory),
    Url("url", "source_url"),
    RichText("goal", "goal"),
    RichText("proportionality", "proportionality"),
    RichText("human_intervention", "human_oversight"),
    RichText("risks", "risks"),
    RichText("lawful_basis", "legal_basis"),
    Records("lawful_basis_grouping", "legal_bases", kLinks),
    Url("process_index_url", "processing_record_url", "processing_record_note"),
    Records("impacttoetsen_grouping", "impact_assessments", kLinks),
    RichText("impacttoetsen", "impact_assessments_note"),
    RichText("source_data", "source_data"),
    Records("source_data_grouping", "data_sources", kLinks),
    RichText("methods_and_models", "methods"),
    RecordMember("provider", "suppliers", "name"),
    Url("publiccode", "code_url", "code_note"),
    // Of what the delivery interface answers: one object for each language,
    // under one id.
    Optional(Language("language", nl::kTranslation)),
    Language("lang", kLanguage),
    Optional(Coded("state", "list_state", nl::kState)),
    Constant("standard_version", kVersion),
    Plain("source_id", "source_id"),
    RichText("tags", "tags"),
    Optional(ForeignId("lars")),
    Optional(Date("publication_dt", "published_on")),
    // Of the templates.
    Optional(Plain("id", "template_id")),
    Optional(Plain("uuid", "uuid")),
    Optional(Coded("type", "technique", nl::kTechnique, "technique_note")),
    Optional(RichText("iama_description", "fria_summary")),
    Optional(Plain("source_data_link", "data_source_links")),
});
constexpr auto kKey =
    std::to_array<std::string_view>({"organization", "name", "id"});
constexpr Profile kProfile = {
    .name = "nl-1.0",
    .title = "Dutch national register, publication standard 1.0",
    .organisation_scheme = "nl-1.0:organisation",
    .layout = Layout::kJsonList,
    .list_member = "",
    .language = "nl",
    .kind = RegistrationKind::kDeployment,
    .columns = kColumns,
    .missing = kNoSystem,
    .ids_may_be_blank = true,
    .natural_key = kKey};

}  // namespace

const Profile& Nl10() { return kProfile; }

}  // namespace limpid::algoregister::profiles
