// omb-2025: the inventory of AI use cases of the United States federal agencies
// of 2025, as the Office of Management and Budget consolidates it (memorandum
// M-25-21): CSV with a byte-order mark, 36 columns, two of them lists in
// Python's notation. Agencies may leave the ids out and number anew within an
// agency, so that ids are blank or come again.

#include <array>
#include <string_view>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/profiles/all.h"
#include "algoregister/profile/profiles/columns.h"
#include "algoregister/profile/profiles/omb_codes.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::profiles {
namespace {

constexpr auto kWithheld = std::to_array<CodePair>({
    {"No", "no"},
    {"a) No", "no"},
    {"Yes - Disclosure Risk", "disclosure_risk"},
    {"Yes - Prohibited by Law", "prohibited_by_law"},
    {"Other", "other"},
    {"d) Other", "other"},
});
constexpr auto kStage = std::to_array<CodePair>({
    {"Pre-deployment", "in_development"},
    {"a) Pre-deployment – The use case is in a development or acquisition "
     "status.",
     "in_development"},
    {"Pilot", "pilot"},
    {"b) Pilot – The use case has been deployed in a limited test or pilot "
     "capacity.",
     "pilot"},
    {"Deployed", "in_use"},
    {"c) Deployed – The use case is being actively authorized or utilized to "
     "support the functions or mission of an agency.",
     "in_use"},
    {"Retired", "out_of_use"},
    {"d) Retired – The use case was reported in the agency’s prior year’s "
     "inventory, but its development and/or use has since been discontinued.",
     "out_of_use"},
});
constexpr auto kHighImpact = std::to_array<CodePair>({
    {"High-impact", "high"},
    {"a) High-impact", "high"},
    {"Presumed High-Impact, but Not High-impact", "presumed_but_not"},
    {"b) Presumed high-impact, but determined not high impact",
     "presumed_but_not"},
    {"Not High-impact", "not_high"},
    {"c) Not high-impact", "not_high"},
});
constexpr auto kClass = std::to_array<CodePair>({
    {"Agentic AI", "agentic"},
    {"Classical ML", "classical_ml"},
    {"Classical/Predictive Machine Learning", "classical_ml"},
    {"Computer Vision", "vision"},
    {"Generative AI", "generative"},
    {"NLP", "language"},
    {"Natural Language Processing", "language"},
    {"Reinforcement Learning", "reinforcement"},
    {"Other", "other"},
});
constexpr auto kMeasure = std::to_array<CodePair>({
    {"Yes", "done"},
    {"a) Yes", "done"},
    {"In-progress", "in_progress"},
    {"b) In-progress", "in_progress"},
    {"No", "not_done"},
    {"CAIO Waived", "waived"},
});
constexpr auto kReview = std::to_array<CodePair>({
    {"Internal Independent Review", "office"},
    {"Oversight Board Review", "board"},
    {"CAIO Review", "chief_ai_officer"},
    {"In-progress", "in_progress"},
    {"No", "not_done"},
    {"CAIO Waived", "waived"},
});
constexpr auto kMonitoring = std::to_array<CodePair>({
    {"Yes - Monitoring Established", "done"},
    {"a) Yes, sufficient monitoring protocols have been established", "done"},
    {"In-progress", "in_progress"},
    {"b) Development of monitoring protocols is in-progress", "in_progress"},
    {"CAIO Waived", "waived"},
});
constexpr auto kTraining = std::to_array<CodePair>({
    {"Training Established", "done"},
    {"a) Yes, sufficient and periodic training has been established", "done"},
    {"Training In-progress", "in_progress"},
    {"b) Establishment of sufficient and periodic training is in-progress",
     "in_progress"},
    {"CAIO Waived", "waived"},
});
constexpr auto kFailsafe = std::to_array<CodePair>({
    {"Yes", "done"},
    {"a) Yes", "done"},
    {"Not Applicable", "not_applicable"},
    {"In-progress", "in_progress"},
    {"CAIO Waived", "waived"},
});
constexpr auto kAppeal = std::to_array<CodePair>({
    {"Appeal Process Established", "established"},
    {"Not Applicable", "not_applicable"},
    {"Appeal Process In-progress", "in_progress"},
    {"Appeal Precluded by Law", "precluded"},
    {"CAIO Waived", "waived"},
});
constexpr auto kColumns = std::to_array<Column>({
    Plain("agency", "organisation_short"),
    Required(OrganisationName("agency_name")),
    ForeignId("id"),
    Required(Text("use_case_name", "title")),
    Plain("agency_bureau", "department"),
    Plain("contact_email", "contact"),
    Coded("is_withheld", "withheld_from_list", kWithheld),
    Coded("development_stage", "status", kStage, "status_note"),
    Coded("is_high_impact", "high_impact", kHighImpact),
    Text("HI_justification", "high_impact_reason"),
    CodedList("topic_area", "themes", omb::kTopic, "theme_note"),
    Coded("classification", "technique", kClass, "technique_note"),
    Text("problem_solved", "goal"),
    Text("benefits", "benefits"),
    Text("system_outputs", "outputs"),
    MonthFirst("operational_date", "begin_date", "begin_date_note"),
    Coded("contracting_usage", "sourcing", omb::kSourcing, "sourcing_note"),
    RecordMember("vendor_name", "suppliers", "name"),
    Coded("have_ato", "authorised_to_operate", kYesNoPairs,
          "authorised_to_operate_note"),
    Plain("system_name_ato", "authorised_system"),
    Text("data_description", "training_data"),
    Url("link_to_data", "data_url", "data_note"),
    Coded("has_pii", "personal_data", kYesNoPairs, "personal_data_note"),
    Url("pia_url", "dpia_url", "dpia_note"),
    CodedList("demographic_features", "protected_attributes", omb::kProtected,
              "protected_attributes_note"),
    Coded("has_custom_code", "custom_code", kYesNoPairs),
    Url("code_url", "code_url", "code_note"),
    Coded("hi_testing_conducted", "testing_state", kMeasure, "testing_note"),
    Coded("hi_assessment_completed", "impact_assessment", kMeasure,
          "impact_assessment_note"),
    Text("hi_potential_impacts", "impact"),
    Coded("hi_independent_review", "independent_review", kReview,
          "independent_review_note"),
    // Answers to other questions stand here now and then.
    Formerly(Coded("hi_ongoing_monitoring", "monitoring_state", kMonitoring,
                   "monitoring_note"),
             "monitoring"),
    Formerly(Coded("hi_training_established", "staff_training_state", kTraining,
                   "staff_training_note"),
             "training_required"),
    Coded("hi_failsafe_presence", "failsafe_state", kFailsafe),
    Coded("hi_appeal_process", "appeal_state", kAppeal, "appeal_state_note"),
    CodedList("hi_public_consultation", "consultation", omb::kConsultation,
              "consultation_note"),
});
constexpr auto kKey = std::to_array<std::string_view>(
    {"agency_name", "agency_bureau", "use_case_name"});
constexpr Profile kProfile = {
    .name = "omb-2025",
    .title = "United States, inventory of federal agencies 2025",
    .organisation_scheme = "omb:organisation",
    .layout = Layout::kCsv,
    .language = "en",
    .kind = RegistrationKind::kDeployment,
    .columns = kColumns,
    .missing = kNoSystem,
    .ids_may_be_blank = true,
    .natural_key = kKey};

}  // namespace

const Profile& Omb2025() { return kProfile; }

}  // namespace limpid::algoregister::profiles
