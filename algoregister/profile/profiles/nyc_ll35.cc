// The yearly compliance report of New York City's agencies on algorithmic tools
// (Local Law 35 of 2022), CSV without ids: nyc-ll35 has the 18 columns of the
// file up to the report of 2023, nyc-ll35-2024 the 27 of the file since. The
// same tool is reported every year: the year is part of what names a row.

#include <array>
#include <string_view>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/profiles/all.h"
#include "algoregister/profile/profiles/columns.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::profiles {
namespace {

constexpr auto kColumns = std::to_array<Column>({
    Date("year", "reporting_year"),
    Required(OrganisationName("agency")),
    Required(Text("tool_name", "title")),
    Text("tool_desc_brief", "summary"),
    Text("tool_desc_detail", "methods"),
    Text("data", "source_data"),
    Coded("vendor", "has_supplier", kYesNoPairs, "has_supplier_note"),
    MonthFirst("date_use", "begin_date", "begin_date_note"),
    Text("data_training", "training_data"),
    Text("data_input", "inputs"),
    Text("data_output", "outputs"),
    RecordMember("vendor_name", "suppliers", "name"),
    Text("vendor_desc", "supplier_involvement"),
    Coded("identifying_info", "personal_data", kYesNoPairs,
          "personal_data_note"),
    Text("analysis_type", "model_types"),
    Text("population_type", "affected_groups"),
    Coded("updated", "updated", kYesNoPairs, "updated_note"),
    Text("updated_desc", "updates"),
});
constexpr auto kYesNo = std::to_array<CodePair>({
    {"Yes", "yes"},
    {"TRUE", "yes"},
    {"No", "no"},
    {"FALSE", "no"},
});
constexpr auto kColumns2024 = std::to_array<Column>({
    Date("year", "reporting_year"),
    Required(OrganisationName("agency")),
    Plain("department", "department"),
    Required(Text("tool_name", "title")),
    MonthFirst("date_first_use", "begin_date", "begin_date_note"),
    Coded("updated", "updated", kYesNo, "updated_note"),
    Plain("purpose_type", "purpose_kind"),
    Plain("computation_type", "computation_kind"),
    Plain("autonomy", "decides_alone"),
    Text("frequency", "scale"),
    Text("population_type", "affected_groups"),
    Text("population_type_individual", "affected_individuals"),
    Text("population_type_other", "affected_others"),
    Url("website", "website", "website_note"),
    Text("tool_desc", "summary"),
    Text("purpose_desc", "goal"),
    Text("updated_desc", "updates"),
    Coded("identifying_info", "personal_data", kYesNo, "personal_data_note"),
    Text("data_training", "training_data"),
    Text("data_input", "inputs"),
    Text("data_output", "outputs"),
    RecordMember("vendor_name", "suppliers", "name"),
    Plain("vendor_type", "supplier_kind"),
    Text("vendor_desc", "supplier_involvement"),
    // Columns of the reports before that were given up.
    Text("data_2022", "source_data"),
    Coded("vendor_2022", "has_supplier", kYesNo, "has_supplier_note"),
    Text("analysis_type", "model_types"),
});
constexpr auto kKey =
    std::to_array<std::string_view>({"year", "agency", "tool_name"});
constexpr Profile kProfile = {
    .name = "nyc-ll35",
    .title = "New York City, algorithmic tools of agencies",
    .organisation_scheme = "nyc-ll35:organisation",
    .layout = Layout::kCsv,
    .language = "en",
    .kind = RegistrationKind::kDeployment,
    .columns = kColumns,
    .missing = kNoSystem,
    .ids_may_be_blank = true,
    .natural_key = kKey};

constexpr Profile kProfile2024 = [] {
  Profile out = kProfile;
  out.name = "nyc-ll35-2024";
  out.title = "New York City, algorithmic tools of agencies, form since 2024";
  out.columns = kColumns2024;
  return out;
}();

}  // namespace

const Profile& NycLl35() { return kProfile; }
const Profile& NycLl352024() { return kProfile2024; }

}  // namespace limpid::algoregister::profiles
