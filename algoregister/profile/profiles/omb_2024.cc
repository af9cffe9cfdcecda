// omb-2024: the inventory of AI use cases of the United States federal agencies
// of 2024 (memorandum M-24-10): CSV whose 62 headers are the questions of the
// form, one of them nine times; answers as the data dictionary and the second
// edition of the file have them. Answers no list here has are kept as words
// beside the codes. It has no ids.

#include <array>
#include <string_view>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/profiles/all.h"
#include "algoregister/profile/profiles/columns.h"
#include "algoregister/profile/profiles/omb_codes.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::profiles {
namespace {

// Waived by the agency's chief AI officer.
constexpr std::string_view kWaived =
    "Agency CAIO has waived this minimum practice and reported such waiver to "
    "OMB.";
constexpr auto kStage = std::to_array<CodePair>({
    {"Initiated", "planned"},
    {"Acquisition and/or Development", "in_development"},
    {"Implementation and Assessment", "pilot"},
    {"Operation and Maintenance", "in_use"},
    {"Retired", "out_of_use"},
    // Words of some agencies.
    {"Planned", "planned"},
    {"Ideation", "planned"},
    {"In production", "in_use"},
    {"In mission", "in_use"},
    {"Research or Administrative Action Complete", "out_of_use"},
});
constexpr auto kImpact = std::to_array<CodePair>({
    {"Rights-Impacting", "rights"},
    {"Safety-Impacting", "safety"},
    {"Both", "both"},
    {"Neither", "neither"},
});
constexpr auto kAssessment = std::to_array<CodePair>({
    {"Yes", "done"},
    {"Planned or in-progress.", "in_progress"},
    {"Planned or in-progress", "in_progress"},
    {"No", "not_done"},
    {kWaived, "waived"},
});
// Some agencies give the name of a level without what it means.
constexpr auto kTesting = std::to_array<CodePair>({
    {"No testing: No testing of the model to simulate performance in an "
     "operational environment has been conducted thus far.",
     "not_done"},
    {"No testing", "not_done"},
    {"No", "not_done"},
    {"Benchmark evaluation: Testing of the AI model has involved the use of "
     "benchmarks (either publicly available or internally created) to "
     "estimate performance in real-world settings, but has not been tested in "
     "an operational environment.",
     "benchmarks"},
    {"Benchmark evaluation", "benchmarks"},
    {"Performance evaluation in operational environment: The AI use case has "
     "been tested in an operational environment before being fully "
     "implemented as a solution, or has been tested in simulated or "
     "controlled environment using operational or synthetic data.",
     "in_operation"},
    {"Performance evaluation in operational environment", "in_operation"},
    {"Impact evaluation in operational environment: The AI use case has been "
     "tested in an operational environment before being fully implemented as "
     "a solution and has utilized randomized experiments with a control group "
     "or other counterfactual, social systems analysis, or other rigorous "
     "research methodologies to evaluate impact and identify potential harm "
     "to users as well as broader groups of people.",
     "impact"},
    {"Impact evaluation in operational environment", "impact"},
    {"Yes", "done"},
    {"Planned or in-progress", "in_progress"},
    {kWaived, "waived"},
});
constexpr auto kMonitoring = std::to_array<CodePair>({
    {"No monitoring protocols have been established: Necessary infrastructure "
     "needed to perform monitoring of AI systems in production is not "
     "available and/or a plan to monitor models has not yet been established.",
     "not_done"},
    {"No monitoring protocols have been established", "not_done"},
    {"Intermittent and Manually Updated: A plan for monitoring the AI use case "
     "is in place, and requires data science teams to work with DevOps "
     "engineers to manually update models at scheduled intervals, and create "
     "metrics to detect data distribution shifts between the operational "
     "environment and the training data for the model.",
     "manual"},
    {"Intermittent and Manually Updated", "manual"},
    {"Automated and Regularly Scheduled Updates: Some aspects of the plan to "
     "monitor the AI system post-deployment are automated including "
     "re-training of models after detecting drift; however, data science "
     "teams are still significantly involved in the monitoring and "
     "re-deployment process.",
     "automated"},
    {"Automated and Regularly Scheduled Updates", "automated"},
    {"Established Process of Machine Learning Operations: Alongside automated "
     "testing and drift detection, model re-training and re-deployments are "
     "supported by continuous integration pipelines that are managed by "
     "machine learning and data engineers on the platform, adapting work done "
     "by data science team into repeatable scripts for re-training and "
     "re-testing a model once deployed.",
     "continuous"},
    {"Established Process of Machine Learning Operations", "continuous"},
    {"Yes", "done"},
    {"Planned or in-progress", "in_progress"},
    {"No", "not_done"},
    {kWaived, "waived"},
});
constexpr auto kReview = std::to_array<CodePair>({
    {"Yes – by the CAIO", "chief_ai_officer"},
    {"Yes – by an agency AI oversight board not directly involved in the "
     "system’s development",
     "board"},
    {"Yes – by another appropriate agency office that was not directly "
     "involved in the system’s development",
     "office"},
    {"Planned or in-progress", "in_progress"},
    {"Yes", "done"},
    {"TRUE", "done"},
    {"No", "not_done"},
    {kWaived, "waived"},
});
constexpr auto kAppeal = std::to_array<CodePair>({
    {"Yes", "established"},
    {"Planned or in-progress", "in_progress"},
    {"No – it is not operationally practical to offer this.",
     "not_established"},
    {"No – it is not operationally practical to offer this. (Please explain.)",
     "not_established"},
    {"No", "not_established"},
    {"N/A", "not_applicable"},
    {"No – Law, operational limitations, or governmentwide guidance precludes "
     "an opportunity for an individual to appeal.",
     "precluded"},
    {"No – Law, operational limitations, or governmentwide guidance precludes "
     "an opportunity for an individual to appeal. (Please explain.)",
     "precluded"},
    {"No - law, operational limitations, or governmentwide guidance precludes "
     "an opportunity for an individual to appeal",
     "precluded"},
    {kWaived, "waived"},
});
constexpr auto kColumns = std::to_array<Column>({
    Required(Text("Use Case Name", "title")),
    Required(OrganisationName("Agency")),
    Plain("Agency Abbreviation", "organisation_short"),
    Plain("Bureau", "department"),
    CodedList("Use Case Topic Area", "themes", omb::kTopic, "theme_note"),
    Plain("Other (Use Case Topic Area)", "theme_other"),
    Plain("Is the AI use case found in the below list of general commercial AI "
          "products and services?",
          "commercial_product"),
    Text("What is the intended purpose and expected benefits of the AI?",
         "goal"),
    Text("Describe the AI system’s outputs.", "outputs"),
    Coded("Stage of Development", "status", kStage, "status_note"),
    Coded("Is the AI use case rights-impacting, safety-impacting, both, or "
          "neither?",
          "impact_kind", kImpact, "impact_kind_note"),
    MonthFirst("Date Initiated", "initiated_on"),
    MonthFirst("Date when Acquisition and/or Development began", "acquired_on"),
    MonthFirst("Date Implemented", "begin_date", "begin_date_note"),
    MonthFirst("Date Retired", "end_date"),
    Coded("Was the AI system involved in this use case developed (or is it to "
          "be developed) under contract(s) or in-house?",
          "sourcing", omb::kSourcing, "sourcing_note"),
    Plains("Provide the Procurement Instrument Identifier(s) (PIID) of the "
           "contract(s) used.",
           "procurement_ids"),
    Plain("Is this AI use case supporting a High-Impact Service Provider "
          "(HISP) public-facing service?",
          "high_impact_service"),
    Plain("Which HISP is the AI use case supporting?", "service_provider"),
    Text("Which public-facing service is the AI use case supporting?",
         "service"),
    Plain("Does this AI use case disseminate information to the public?",
          "informs_public"),
    Plain("How is the agency ensuring compliance with Information Quality Act "
          "guidelines, if applicable?",
          "information_quality"),
    Coded("Does this AI use case involve personally identifiable information "
          "(PII) that is maintained by the agency?",
          "personal_data", kYesNoPairs, "personal_data_note"),
    Plain("Has the Senior Agency Official for Privacy (SAOP) assessed the "
          "privacy risks associated with this AI use case?",
          "privacy_review"),
    SingleMember("Do you have access to an enterprise data catalog or "
                 "agency-wide data repository that enables you to identify "
                 "whether or not the necessary datasets exist and are ready to "
                 "develop your use case?",
                 "readiness", "data_catalogue"),
    SingleMember("If Other, please explain.", "readiness",
                 "data_catalogue_other"),
    Text("Describe any agency-owned data used to train, fine-tune, and/or "
         "evaluate performance of the model(s) used in this use case.",
         "training_data"),
    Plain("Is there available documentation for the model training and "
          "evaluation data that demonstrates the degree to which it is "
          "appropriate to be used in analysis or for making predictions?",
          "data_documentation"),
    CodedList("Which, if any, demographic variables does the AI use case "
              "explicitly use as model features?",
              "protected_attributes", omb::kProtected,
              "protected_attributes_note"),
    Plain("If Other, please explain.#2", "protected_attributes_other"),
    Coded("Does this project include custom-developed code?", "custom_code",
          kYesNoPairs, "custom_code_note"),
    Plain("Does the agency have access to the code associated with the AI use "
          "case?",
          "code_access"),
    Url("If the code is open-source, provide the link for the publicly "
        "available source code.",
        "code_url", "code_note"),
    Coded("Does this AI use case have an associated Authority to Operate (ATO) "
          "for an AI system?",
          "authorised_to_operate", kYesNoPairs, "authorised_to_operate_note"),
    Plain("System Name", "authorised_system"),
    SingleMember("How long have you waited for the necessary developer tools "
                 "to implement the AI use case?",
                 "readiness", "tools_wait"),
    SingleMember("For this AI use case, is the required IT infrastructure "
                 "provisioned via a centralized intake form or process inside "
                 "the agency?",
                 "readiness", "infrastructure"),
    SingleMember("If Other, please explain.#3", "readiness",
                 "infrastructure_other"),
    SingleMember("Do you have a process in place to request access to "
                 "computing resources for model training and development of "
                 "the AI involved in this use case?",
                 "readiness", "computing"),
    SingleMember("If Other, please explain.#4", "readiness", "computing_other"),
    SingleMember("Has communication regarding the provisioning of your "
                 "requested resources been timely?",
                 "readiness", "timely"),
    SingleMember("If Other, please explain.#5", "readiness", "timely_other"),
    SingleMember("How are existing data science tools, libraries, data "
                 "products, and internally-developed AI infrastructure being "
                 "re-used for the current AI use case?",
                 "readiness", "reuse"),
    SingleMember("Has information regarding the AI use case, including "
                 "performance metrics and intended use of the model, been made "
                 "available for review and feedback within the agency?",
                 "readiness", "internal_review"),
    SingleMember("Has your agency requested an extension to implement the "
                 "minimum risk management practices for this AI use case?",
                 "readiness", "extension"),
    Coded("Has an AI impact assessment been conducted for this AI use case?",
          "impact_assessment", kAssessment, "impact_assessment_note"),
    Coded("Has the AI use case been tested in operational or real-world "
          "environments to understand the performance and impact it may have "
          "on affected individuals or communities?",
          "testing_state", kTesting, "testing_note"),
    Text("What are the key risks from using the AI for this particular use "
         "case and how were they identified?",
         "risks"),
    Coded("Has an independent evaluation of the AI use case been conducted?",
          "independent_review", kReview, "independent_review_note"),
    Formerly(
        Coded("Is there a process to monitor performance of the AI system’s "
              "functionality and changes to its impact on rights or safety as "
              "part of the post-deployment plan for the AI use case?",
              "monitoring_state", kMonitoring, "monitoring_note"),
        "monitoring"),
    Plain("For this particular use case, can the AI carry out a decision or "
          "action without direct human involvement that could result in a "
          "significant impact on rights or safety?",
          "decides_alone"),
    Plain("If Other, please explain.#6", "decides_alone_other"),
    Text("How is the agency providing reasonable and timely notice regarding "
         "the use of AI when people interact with an AI-enabled service as a "
         "result of this AI use case?",
         "notice"),
    Plain("If Other, please explain.#7", "notice_other"),
    Plain("Is the AI used to significantly influence or inform decisions or "
          "actions that could have an adverse or negative impact on specific "
          "individuals or groups?",
          "adverse_decisions"),
    Text("What steps has the agency taken to detect and mitigate significant "
         "disparities in the model’s performance across demographic groups for "
         "this AI use case?",
         "disparity_measures"),
    CodedList("What steps has the agency taken to consult and incorporate "
              "feedback from groups affected by this AI use case?",
              "consultation", omb::kConsultation, "consultation_note"),
    Plain("If Other, please explain.#8", "consultation_other"),
    Coded("Is there an established fallback and escalation process for this AI "
          "use case in the event that an impacted individual or group would "
          "like to appeal or contest the AI system’s outcome?",
          "appeal_state", kAppeal, "appeal_state_note"),
    Plain("If No, please explain.", "no_appeal_reason"),
    Plain("Where practicable and consistent with applicable law and "
          "governmentwide policy, is there an established mechanism for "
          "individuals to opt-out from the AI functionality in favor of a "
          "human alternative?",
          "opt_out"),
    Plain("If Other, please explain.#9", "opt_out_other"),
});
constexpr auto kKey =
    std::to_array<std::string_view>({"Agency", "Bureau", "Use Case Name"});
constexpr Profile kProfile = {
    .name = "omb-2024",
    .title = "United States, inventory of federal agencies 2024",
    .organisation_scheme = "omb:organisation",
    .layout = Layout::kCsv,
    .language = "en",
    .kind = RegistrationKind::kDeployment,
    .columns = kColumns,
    .missing = kNoSystem,
    .ids_may_be_blank = true,
    .natural_key = kKey,
    .windows_1252 = true};

}  // namespace

const Profile& Omb2024() { return kProfile; }

}  // namespace limpid::algoregister::profiles
