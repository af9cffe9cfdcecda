// ars-0.1a14: the system card of the Dutch algorithm reporting standard 0.1a14,
// one JSON document per system. A card has no id: it is known by its name. Its
// model and assessment cards stay whole.

#include <array>
#include <string_view>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/profiles/all.h"
#include "algoregister/profile/profiles/columns.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::profiles {
namespace {

constexpr auto kVersion = std::to_array<CodePair>({{"0.1a14", ""}});
constexpr auto kKind = std::to_array<CodePair>({
    {"AI-systeem", "ai_system"},
    {"AI-systeem voor algemene doeleinden", "general_purpose_system"},
    {"AI-model voor algemene doeleinden", "general_purpose_model"},
    {"geen algoritme", "no_algorithm"},
    {"impactvol algoritme", "impactful_algorithm"},
    {"niet-impactvol algoritme", "other_algorithm"},
});
constexpr auto kOpenSource = std::to_array<CodePair>({
    {"open-source", "yes"},
    {"geen open-source", "no"},
});
constexpr auto kRisk = std::to_array<CodePair>({
    {"hoog-risico AI", "high"},
    {"geen hoog-risico AI", "not_high"},
    {"verboden AI", "unacceptable"},
    {"uitzondering van toepassing", "exempt"},
});
constexpr auto kSystemicRisk = std::to_array<CodePair>({
    {"systeemrisico", "yes"},
    {"geen systeemrisico", "no"},
});
constexpr auto kTransparency = std::to_array<CodePair>({
    {"transparantieverplichting", "yes"},
    {"geen transparantieverplichting", "no"},
});
constexpr auto kRole = std::to_array<CodePair>({
    {"aanbieder", "provider"},
    {"gebruiksverantwoordelijke", "deployer"},
    {"distributeur", "distributor"},
    {"importeur", "importer"},
});
constexpr auto kConformity = std::to_array<CodePair>({
    {"beoordeling door derde partij", "third_party"},
});
constexpr auto kOwners = std::to_array<MemberColumn>({
    {.foreign = "/oin", .member = "national_id"},
    {.foreign = "/organization", .member = "organisation"},
    {.foreign = "/name", .member = "name"},
    {.foreign = "/email", .member = "email"},
    {.foreign = "/role", .member = "role"},
});
constexpr auto kLabels = std::to_array<MemberColumn>({
    {.foreign = "/name", .member = "name"},
    {.foreign = "/value", .member = "value"},
});
constexpr auto kLinks = std::to_array<MemberColumn>({
    {.foreign = "/name", .member = "title"},
    {.foreign = "/link",
     .member = "url",
     .type = ColumnType::kUrl,
     .otherwise = "note"},
});
constexpr auto kProviders = std::to_array<MemberColumn>({
    {.foreign = "/name", .member = "name"},
    {.foreign = "/version", .member = "version"},
});
constexpr auto kInterface = std::to_array<MemberColumn>({
    {.foreign = "/description",
     .member = "description",
     .type = ColumnType::kText},
    {.foreign = "/link", .member = "link"},
    {.foreign = "/snapshot", .member = "snapshot"},
});

constexpr auto kColumns = std::to_array<Column>({
    Constant("/schema_version", kVersion),
    Optional(Document("/provenance", "provenance")),
    Required(Text("/name", "title")),
    Optional(Document("/instruments", "instruments")),
    Optional(Plain("/upl", "product_page")),
    Optional(Records("/owners", "owners", kOwners)),
    Optional(Text("/description", "description")),
    Optional(Coded("/ai_act_profile/type", "kind", kKind)),
    Optional(Coded("/ai_act_profile/open_source", "open_source", kOpenSource)),
    Optional(Coded("/ai_act_profile/risk_group", "risk_class", kRisk)),
    Optional(
        Coded("/ai_act_profile/systemic_risk", "systemic_risk", kSystemicRisk)),
    Optional(Coded("/ai_act_profile/transparency_obligations",
                   "transparency_obligations", kTransparency)),
    Optional(Coded("/ai_act_profile/role", "act_role", kRole)),
    Optional(Coded("/ai_act_profile/conformity_assessment_body",
                   "conformity_assessment", kConformity)),
    Optional(Document("/ai_act_profile/decision_tree", "decision_tree")),
    Optional(Document("/requirements", "requirements")),
    Optional(Document("/measures", "measures")),
    Optional(Records("/labels", "labels", kLabels)),
    Optional(Plain("/status", "status")),
    Optional(Date("/begin_date", "begin_date")),
    Optional(Date("/end_date", "end_date")),
    Optional(Text("/goal_and_impact", "goal")),
    Optional(Text("/considerations", "proportionality")),
    Optional(Text("/risk_management", "risks")),
    Optional(Text("/human_intervention", "human_oversight")),
    Optional(Records("/legal_base", "legal_bases", kLinks)),
    Optional(Text("/used_data", "source_data")),
    Optional(Text("/technical_design", "methods")),
    Optional(Records("/external_providers", "suppliers", kProviders)),
    Optional(Records("/references", "references", kLinks)),
    Optional(Plains("/interaction_details", "interactions")),
    Optional(Plains("/version_requirements", "version_requirements")),
    Optional(Plains("/deployment_variants", "variants")),
    Optional(Plains("/hardware_requirements", "hardware")),
    Optional(Plains("/product_markings", "markings")),
    Optional(Records("/user_interface", "user_interface", kInterface)),
    Optional(Document("/models", "models")),
    Optional(Document("/assessments", "assessments")),
});
constexpr auto kKey = std::to_array<std::string_view>({"/name"});
constexpr Profile kProfile = {
    .name = "ars-0.1a14",
    .title = "Dutch algorithm reporting standard 0.1a14, system card",
    .organisation_scheme = "ars:organisation",
    .layout = Layout::kDocument,
    .list_member = "",
    .language = "nl",
    .kind = RegistrationKind::kSystem,
    .columns = kColumns,
    .ids_may_be_blank = true,
    .natural_key = kKey};

}  // namespace

const Profile& Ars01a14() { return kProfile; }

}  // namespace limpid::algoregister::profiles
