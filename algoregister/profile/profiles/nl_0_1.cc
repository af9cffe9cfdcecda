// nl-0.1: publication standard 0.1 of the Dutch national register, a list of
// objects, as its first entries of 2022 are written. All but the name was free
// text, so what no later code list has is kept beside the codes.

#include <array>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/profiles/all.h"
#include "algoregister/profile/profiles/columns.h"
#include "algoregister/profile/profiles/languages.h"
#include "algoregister/profile/profiles/nl_codes.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::profiles {
namespace {

constexpr auto kLanguage =
    Joined(std::to_array<CodePair>({{"Nederlands", "nl"}, {"Engels", "en"}}),
           Joined(Joined(kDutchWords, kEnglishWords), kOtherWords));
constexpr auto kVersion = std::to_array<CodePair>({{"0.1", ""}});
constexpr auto kColumns = std::to_array<Column>({
    ForeignId("id"),
    Required(Text("name", "title")),
    OrganisationName("organization"),
    Plain("department", "department"),
    Text("description_short", "summary"),
    Coded("type", "technique", nl::kTechnique, "technique_note"),
    CodedList("category", "themes", nl::kThemes, "theme_note"),
    Url("website", "website", "website_note"),
    Coded("status", "status", nl::kStatus, "status_note"),
    Text("goal", "goal"),
    Text("impact", "impact"),
    Text("proportionality", "proportionality"),
    Text("decision_making_process", "process"),
    Url("documentation", "documentation_url", "documentation_note"),
    Text("description", "methods"),
    Url("application_url", "product_url", "product_note"),
    Url("publiccode", "code_url", "code_note"),
    Coded("mprd", "base_registries", nl::kYesNo, "base_registries_note"),
    Text("source_data", "source_data"),
    Optional(Text("methods_and_models", "model_types")),
    Text("monitoring", "monitoring"),
    Text("human_intervention", "human_oversight"),
    Text("risks", "risks"),
    Text("performance_standard", "performance"),
    Plain("competent_authority", "competent_authority"),
    Text("lawful_basis", "legal_basis"),
    Optional(Coded("iama", "fria_state", nl::kDone, "fria_note")),
    Optional(Text("iama_description", "fria_summary")),
    Coded("dpia", "dpia_state", nl::kDone, "dpia_note"),
    Text("dpia_description", "dpia_summary"),
    Text("objection_procedure", "appeal"),
    Constant("standard_version", kVersion),
    Optional(Plain("schema", "form_version")),
    Plain("uuid", "uuid"),
    Url("url", "source_url"),
    Plain("contact_email", "contact"),
    Plain("area", "area"),
    Optional(Language("language", nl::kTranslation)),
    Language("lang", kLanguage),
    Optional(Coded("state", "list_state", nl::kState)),
    Date("revision_date", "review_due", "review_due_note"),
    Optional(Plain("lars", "source_id")),
    Optional(Date("publication_dt", "published_on")),
});
constexpr Profile kProfile = {
    .name = "nl-0.1",
    .title = "Dutch national register, publication standard 0.1",
    .organisation_scheme = "nl-0.1:organisation",
    .layout = Layout::kJsonList,
    .list_member = "",
    .language = "nl",
    .kind = RegistrationKind::kDeployment,
    .columns = kColumns,
    .missing = kNoSystem,
    .ids_may_be_blank = true};

}  // namespace

const Profile& Nl01() { return kProfile; }

}  // namespace limpid::algoregister::profiles
