// annex-viii-a, -b and -c: what Annex VIII of Regulation (EU) 2024/1689 asks
// for the database of the Union: of providers of high-risk systems (A), of
// providers who hold that theirs is none (B), of public deployers (C). The file
// form is ours, a list of objects whose members carry the number of the point:
// the Union's is not public. The text may still move, so each is a profile.

#include <array>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/profiles/all.h"
#include "algoregister/profile/profiles/columns.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::profiles {
namespace {

constexpr auto kStatus = std::to_array<CodePair>({
    {"on the market or in service", "on_market"},
    {"no longer on the market or in service", "withdrawn"},
    {"recalled", "recalled"},
});
constexpr auto kStates = std::to_array<CodePair>({
    {"AT", "AT"}, {"BE", "BE"}, {"BG", "BG"}, {"CY", "CY"}, {"CZ", "CZ"},
    {"DE", "DE"}, {"DK", "DK"}, {"EE", "EE"}, {"ES", "ES"}, {"FI", "FI"},
    {"FR", "FR"}, {"GR", "GR"}, {"EL", "GR"}, {"HR", "HR"}, {"HU", "HU"},
    {"IE", "IE"}, {"IS", "IS"}, {"IT", "IT"}, {"LI", "LI"}, {"LT", "LT"},
    {"LU", "LU"}, {"LV", "LV"}, {"MT", "MT"}, {"NL", "NL"}, {"NO", "NO"},
    {"PL", "PL"}, {"PT", "PT"}, {"RO", "RO"}, {"SE", "SE"}, {"SI", "SI"},
    {"SK", "SK"},
});
// Article 6(3), second subparagraph.
constexpr auto kConditions = std::to_array<CodePair>({
    {"6(3)(a)", "narrow_task"},
    {"6(3)(b)", "improves_result"},
    {"6(3)(c)", "detects_patterns"},
    {"6(3)(d)", "preparatory_task"},
});
constexpr auto kCertificates = std::to_array<MemberColumn>({
    {.foreign = "type", .member = "kind"},
    {.foreign = "number", .member = "number"},
    {.foreign = "expiry_date", .member = "expires", .type = ColumnType::kDate},
    {.foreign = "notified_body", .member = "body"},
    {.foreign = "notified_body_number", .member = "body_number"},
});

constexpr auto kColumnsA = std::to_array<Column>({
    ForeignId("registration_id"),
    OrganisationName("a1_provider_name", "provider"),
    Plain("a1_provider_address", "provider_address"),
    Plain("a1_provider_contact", "provider_contact"),
    Plain("a2_submitter_name", "submitter_name"),
    Plain("a2_submitter_contact", "submitter_contact"),
    Plain("a3_representative_name", "representative_name"),
    Plain("a3_representative_address", "representative_address"),
    Plain("a3_representative_contact", "representative_contact"),
    Required(Text("a4_trade_name", "title")),
    Plain("a4_reference", "traceable_reference"),
    Text("a5_intended_purpose", "intended_purpose"),
    Text("a5_components_and_functions", "functions"),
    Text("a6_information_used", "inputs"),
    Text("a6_operating_logic", "methods"),
    Coded("a7_status", "market_status", kStatus),
    Records("a8_certificates", "certificates", kCertificates),
    Url("a9_certificate_copy_url", "certificate_copy_url"),
    CodedList("a10_member_states", "member_states", kStates),
    Url("a11_declaration_url", "declaration_url"),
    Url("a12_instructions_url", "instructions_url"),
    Url("a13_information_url", "website"),
});
constexpr auto kColumnsB = std::to_array<Column>({
    ForeignId("registration_id"),
    OrganisationName("b1_provider_name", "provider"),
    Plain("b1_provider_address", "provider_address"),
    Plain("b1_provider_contact", "provider_contact"),
    Plain("b2_submitter_name", "submitter_name"),
    Plain("b2_submitter_contact", "submitter_contact"),
    Plain("b3_representative_name", "representative_name"),
    Plain("b3_representative_address", "representative_address"),
    Plain("b3_representative_contact", "representative_contact"),
    Required(Text("b4_trade_name", "title")),
    Plain("b4_reference", "traceable_reference"),
    Text("b5_intended_purpose", "intended_purpose"),
    CodedList("b6_conditions", "high_risk_exemption", kConditions),
    Text("b7_grounds", "high_risk_exemption_grounds"),
    Coded("b8_status", "market_status", kStatus),
    CodedList("b9_member_states", "member_states", kStates),
});
constexpr auto kColumnsC = std::to_array<Column>({
    ForeignId("registration_id"),
    // Not a point of the annex: what a list shows.
    Required(Text("system_name", "title")),
    OrganisationName("c1_deployer_name"),
    Plain("c1_deployer_address", "contact_address"),
    Plain("c1_deployer_contact", "contact"),
    Plain("c2_submitter_name", "submitter_name"),
    Plain("c2_submitter_contact", "submitter_contact"),
    Url("c3_provider_entry_url", "provider_entry_url"),
    Text("c4_fundamental_rights_summary", "fria_summary"),
    Text("c5_data_protection_summary", "dpia_summary"),
});

constexpr Profile kProfileA = {
    .name = "annex-viii-a",
    .title = "European AI act, Annex VIII A: high-risk system",
    .organisation_scheme = "annex-viii:organisation",
    .layout = Layout::kJsonList,
    .list_member = "",
    .language = "en",
    .kind = RegistrationKind::kSystem,
    .columns = kColumnsA,
    .ids_may_be_blank = true};
constexpr Profile kProfileB = {
    .name = "annex-viii-b",
    .title = "European AI act, Annex VIII B: system held not to be high-risk",
    .organisation_scheme = "annex-viii:organisation",
    .layout = Layout::kJsonList,
    .list_member = "",
    .language = "en",
    .kind = RegistrationKind::kSystem,
    .columns = kColumnsB,
    .ids_may_be_blank = true};
constexpr Profile kProfileC = {
    .name = "annex-viii-c",
    .title = "European AI act, Annex VIII C: public deployer",
    .organisation_scheme = "annex-viii:organisation",
    .layout = Layout::kJsonList,
    .list_member = "",
    .language = "en",
    .kind = RegistrationKind::kDeployment,
    .columns = kColumnsC,
    .missing = kNoSystem,
    .ids_may_be_blank = true};

}  // namespace

const Profile& AnnexVIIIA() { return kProfileA; }
const Profile& AnnexVIIIB() { return kProfileB; }
const Profile& AnnexVIIIC() { return kProfileC; }

}  // namespace limpid::algoregister::profiles
