// nl-list: the daily list of the Dutch national register, an object with
// "algoritmes", ten texts each.

#include <array>
#include <string_view>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/profiles/all.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::profiles {
namespace {

constexpr auto kStatus = std::to_array<CodePair>({
    {"in_gebruik", "in_use"},
    {"ontwikkeling", "in_development"},
    {"buiten_gebruik", "out_of_use"},
});
constexpr auto kAssessment = std::to_array<CodePair>({
    {"Ja", "done"},
    {"Nee", "not_done"},
    {"Onbekend", ""},
});
constexpr auto kColumns = std::to_array<Column>({
    {"id", "", ColumnType::kForeignId, /*required=*/true},
    {"organisatie", "organisation", ColumnType::kOrganisationName,
     /*required=*/true},
    {"title", "title", ColumnType::kText, /*required=*/true},
    {"doel", "goal", ColumnType::kText},
    {"status", "status", ColumnType::kCode, /*required=*/false, kStatus},
    {"juridische_basis", "legal_basis", ColumnType::kText},
    {"impactassessment", "impact_assessment", ColumnType::kCode,
     /*required=*/false, kAssessment},
    {"geregistreerd", "registered_on", ColumnType::kDate},
    {"toegevoegd", "listed_on", ColumnType::kDate},
    {"url", "source_url", ColumnType::kUrl},
});
constexpr auto kMissing = std::to_array<std::string_view>({"system"});
constexpr Profile kProfile = {.name = "nl-list",
                              .title = "Dutch national register, daily list",
                              .organisation_scheme = "nl-list:organisation",
                              .layout = Layout::kJsonList,
                              .list_member = "algoritmes",
                              .language = "nl",
                              .kind = RegistrationKind::kDeployment,
                              .columns = kColumns,
                              .missing = kMissing};

}  // namespace

const Profile& NlList() { return kProfile; }

}  // namespace limpid::algoregister::profiles
