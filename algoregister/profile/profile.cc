#include "algoregister/profile/profile.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "algoregister/registration/ids.h"

namespace limpid::algoregister {
namespace {

// The daily list of the Dutch national register: an object with "algoritmes",
// ten texts each.
constexpr auto kNlStatus = std::to_array<CodePair>({
    {"in_gebruik", "in_use"},
    {"ontwikkeling", "in_development"},
    {"buiten_gebruik", "out_of_use"},
});
constexpr auto kNlAssessment = std::to_array<CodePair>({
    {"Ja", "done"},
    {"Nee", "not_done"},
    {"Onbekend", ""},
});
constexpr auto kNlColumns = std::to_array<Column>({
    {"id", "", ColumnType::kForeignId, /*required=*/true},
    {"organisatie", "organisation", ColumnType::kOrganisationName,
     /*required=*/true},
    {"title", "title", ColumnType::kText, /*required=*/true},
    {"doel", "goal", ColumnType::kText},
    {"status", "status", ColumnType::kCode, /*required=*/false, kNlStatus},
    {"juridische_basis", "legal_basis", ColumnType::kText},
    {"impactassessment", "impact_assessment", ColumnType::kCode,
     /*required=*/false, kNlAssessment},
    {"geregistreerd", "registered_on", ColumnType::kDate},
    {"toegevoegd", "listed_on", ColumnType::kDate},
    {"url", "source_url", ColumnType::kUrl},
});
constexpr auto kNlMissing = std::to_array<std::string_view>({"system"});

constexpr auto kProfiles = std::to_array<Profile>({
    {.name = "nl-list",
     .organisation_scheme = "nl-list:organisation",
     .list_member = "algoritmes",
     .language = "nl",
     .kind = RegistrationKind::kDeployment,
     .columns = kNlColumns,
     .missing = kNlMissing},
});

}  // namespace

const Profile* FindProfile(std::string_view name) {
  const auto* const found = std::find_if(
      kProfiles.begin(), kProfiles.end(),
      [name](const Profile& profile) { return profile.name == name; });
  return found == kProfiles.end() ? nullptr : found;
}

}  // namespace limpid::algoregister
