// ca-register: the AI register of the Government of Canada, as published until
// April 2026: CSV of 24 columns, prose in English and French side by side.
// Where a code is said in both languages, English gives the code and French is
// kept as words; a body is "English name / French name" in one cell.

#include <array>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/profiles/all.h"
#include "algoregister/profile/profiles/columns.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::profiles {
namespace {

constexpr auto kStatus = std::to_array<CodePair>({
    {"In production", "in_use"},
    {"In development", "in_development"},
    {"Pilot", "pilot"},
    {"Retired", "out_of_use"},
});
constexpr auto kDeveloper = std::to_array<CodePair>({
    {"Vendor", "purchased"},
    {"Government of Canada", "in_house"},
    {"Open source", "open_source"},
    {"Other", "other"},
});
constexpr auto kYesNo = std::to_array<CodePair>({
    {"Y", "yes"},
    {"Yes", "yes"},
    {"N", "no"},
    {"No", "no"},
});
constexpr auto kColumns = std::to_array<Column>({
    ForeignId("ai_register_id"),
    Text("name_ai_system_en", "title"),
    Text("name_ai_system_fr", "title", "fr"),
    OrganisationName("government_organization"),
    Text("description_ai_system_en", "summary"),
    Text("description_ai_system_fr", "summary", "fr"),
    Text("ai_system_primary_users_en", "primary_users"),
    Text("ai_system_primary_users_fr", "primary_users", "fr"),
    Coded("developed_by_en", "sourcing", kDeveloper, "sourcing_note"),
    Text("developed_by_fr", "sourcing_text", "fr"),
    RecordMember("vendor_information", "suppliers", "name"),
    Coded("ai_system_status_en", "status", kStatus, "status_note"),
    Text("ai_system_status_fr", "status_text", "fr"),
    Date("status_date", "status_date"),
    Text("ai_system_capabilities_en", "capabilities"),
    Text("ai_system_capabilities_fr", "capabilities", "fr"),
    Text("data_sources_en", "source_data"),
    Text("data_sources_fr", "source_data", "fr"),
    Coded("involves_personal_information", "personal_data", kYesNo,
          "personal_data_note"),
    Text("personal_information_banks_en", "personal_information_banks"),
    Text("personal_information_banks_fr", "personal_information_banks", "fr"),
    Coded("notification_ai", "notified", kYesNo, "notice_other"),
    Text("ai_system_results_en", "results"),
    Text("ai_system_results_fr", "results", "fr"),
});
constexpr Profile kProfile = {.name = "ca-register",
                              .title = "Canada, register of AI systems",
                              .organisation_scheme = "ca-register:organisation",
                              .layout = Layout::kCsv,
                              .language = "en",
                              .kind = RegistrationKind::kDeployment,
                              .columns = kColumns,
                              .missing = kNoSystem,
                              .ids_may_be_blank = true};

}  // namespace

const Profile& CaRegister() { return kProfile; }

}  // namespace limpid::algoregister::profiles
