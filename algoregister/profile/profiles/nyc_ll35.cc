// nyc-ll35: the yearly compliance report of New York City's agencies on
// algorithmic tools (Local Law 35 of 2022): CSV of 18 columns without ids. The
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

}  // namespace

const Profile& NycLl35() { return kProfile; }

}  // namespace limpid::algoregister::profiles
