// Code lists and records of deployments alone. For deployment.cc.

#ifndef LIMPID_ALGOREGISTER_REGISTRATION_FIELDS_DEPLOYMENT_CODES_H_
#define LIMPID_ALGOREGISTER_REGISTRATION_FIELDS_DEPLOYMENT_CODES_H_

#include <array>

#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/shapes.h"

namespace limpid::algoregister::fields {

inline constexpr auto kStatus = std::to_array<Code>({
    {"planned", "planned"},
    {"design", "being designed"},
    {"in_development", "in development"},
    {"pilot", "pilot"},
    {"evaluation", "being evaluated"},
    {"in_use", "in use"},
    {"out_of_use", "no longer in use"},
});

// How far a measure has come; "waived" with the body's own waiver.
inline constexpr auto kMeasure = std::to_array<Code>({
    {"done", "done"},
    {"in_progress", "in progress"},
    {"not_done", "not done"},
    {"waived", "waived"},
    {"not_applicable", "not applicable"},
});

// How it was tested before use.
inline constexpr auto kTesting = std::to_array<Code>({
    {"done", "done"},
    {"in_progress", "in progress"},
    {"not_done", "not done"},
    {"waived", "waived"},
    {"not_applicable", "not applicable"},
    {"benchmarks", "with benchmarks only"},
    {"in_operation", "where it is used, or with data from there"},
    {"impact", "where it is used, and for its effect on people"},
});

// How it is watched in use.
inline constexpr auto kMonitoring = std::to_array<Code>({
    {"done", "done"},
    {"in_progress", "in progress"},
    {"not_done", "not done"},
    {"waived", "waived"},
    {"not_applicable", "not applicable"},
    {"manual", "now and then, by hand"},
    {"automated", "partly by machine, at set times"},
    {"continuous", "all the time, by machine"},
});

// Where it stands in the list it was taken from.
inline constexpr auto kListState = std::to_array<Code>({
    {"published", "published"},
    {"archived", "archived"},
    {"expired", "expired"},
    {"state_1", "before publication, first state"},
    {"state_2", "before publication, second state"},
});

inline constexpr auto kReview = std::to_array<Code>({
    {"office", "by another office that did not develop it"},
    {"board", "by an oversight board"},
    {"chief_ai_officer", "by the chief AI officer"},
    {"done", "done"},
    {"in_progress", "in progress"},
    {"not_done", "not done"},
    {"waived", "waived"},
});

inline constexpr auto kAppeal = std::to_array<Code>({
    {"established", "established"},
    {"in_progress", "in progress"},
    {"not_applicable", "not applicable"},
    {"not_established", "not established"},
    {"precluded", "precluded by law or operation"},
    {"waived", "waived"},
});

inline constexpr auto kConsultation = std::to_array<Code>({
    {"usability_testing", "usability testing"},
    {"public_feedback", "comments asked of the public"},
    {"hearings", "hearings or meetings"},
    {"other", "other"},
    {"in_progress", "in progress"},
    {"none", "none"},
    {"waived", "waived"},
    {"customer_feedback", "customers asked after a service"},
    {"labour_organisations", "labour organisations"},
});

inline constexpr auto kUseType = std::to_array<Code>({
    {"descriptive", "descriptive"},
    {"diagnostic", "diagnostic"},
    {"predictive", "predictive"},
    {"prescriptive", "prescriptive"},
});

inline constexpr auto kPublicationCategory = std::to_array<Code>({
    {"high_risk", "high-risk AI system"},
    {"impactful", "algorithm with impact"},
    {"other", "other algorithm"},
});

inline constexpr auto kHighImpact = std::to_array<Code>({
    {"high", "high-impact"},
    {"presumed_but_not", "presumed high-impact, found not to be"},
    {"not_high", "not high-impact"},
});

inline constexpr auto kImpactKind = std::to_array<Code>({
    {"rights", "on rights"},
    {"safety", "on safety"},
    {"both", "on rights and safety"},
    {"neither", "on neither"},
});

inline constexpr auto kWithheld = std::to_array<Code>({
    {"no", "no"},
    {"disclosure_risk", "yes, disclosure is a risk"},
    {"prohibited_by_law", "yes, the law forbids it"},
    {"other", "other"},
});

inline constexpr auto kSourcing = std::to_array<Code>({
    {"purchased", "bought from a supplier"},
    {"in_house", "developed in-house"},
    {"both", "by suppliers and in-house"},
    {"other", "other"},
    {"open_source", "open-source software"},
});

inline constexpr auto kOwnership = std::to_array<Code>({
    {"own", "owned by the body or the state"},
    {"licensed", "used under licence"},
});

inline constexpr auto kComplaintChannel = std::to_array<Code>({
    {"own", "a channel of its own"},
    {"none", "none of its own"},
    {"general", "the body's general rules apply"},
});

inline constexpr auto kProtected = std::to_array<Code>({
    {"race", "race or ethnicity"},
    {"sex", "sex or gender"},
    {"age", "age"},
    {"religion", "religion"},
    {"socioeconomic", "socio-economic status"},
    {"ability", "ability"},
    {"residency", "residency"},
    {"marital", "marital status"},
    {"income", "income"},
    {"employment", "employment"},
    {"none", "none of these"},
    {"other", "other"},
    {"undisclosed", "one or more, not said which"},
});

// Policy areas: what the lists of the national registers have, together.
inline constexpr auto kThemes = std::to_array<Code>({
    {"abroad", "travel, living and working abroad"},
    {"administration", "organisation and administration"},
    {"agriculture", "agriculture, nature and food"},
    {"culture", "culture, sport and recreation"},
    {"cybersecurity", "cybersecurity"},
    {"defence", "defence"},
    {"economy", "economy and business"},
    {"education", "education"},
    {"emergency", "emergency management"},
    {"environment", "environment and energy"},
    {"family", "family and youth"},
    {"general", "general"},
    {"health", "health and care"},
    {"housing", "housing"},
    {"human_resources", "human resources"},
    {"information_technology", "information technology"},
    {"international", "international affairs"},
    {"justice", "justice"},
    {"law_enforcement", "law enforcement"},
    {"migration", "migration and integration"},
    {"other", "other"},
    {"public_finance", "public finance and procurement"},
    {"public_safety", "public order and safety"},
    {"science", "science"},
    {"service_delivery", "service delivery"},
    {"social_security", "social security, benefits and grants"},
    {"space", "spatial planning and infrastructure"},
    {"taxes", "taxes"},
    {"traffic", "traffic and transport"},
    {"work", "work"},
});

inline constexpr auto kAssessmentMembers = std::to_array<MemberSpec>({
    LineMember("title", "Title"),
    ProseMember("description", "Description"),
    LineMember("date", "Date, as stated"),
    AddressMember("url", "Address"),
    LineMember("note", "Instead of an address"),
});

inline constexpr auto kRiskMembers = std::to_array<MemberSpec>({
    LineMember("title", "Title"),
    ProseMember("description", "Description"),
    ProseMember("mitigation", "Mitigation"),
});

inline constexpr auto kSourceMembers = std::to_array<MemberSpec>({
    LineMember("title", "Title"),
    ProseMember("description", "Description"),
    AddressMember("url", "Address"),
    LineMember("note", "Instead of an address"),
    ProseMember("collection", "How it is collected"),
    ProseMember("sharing", "Sharing agreements"),
    ProseMember("storage", "Access and storage"),
});

// The decision a service or procedure rests on.
inline constexpr auto kActMembers = std::to_array<MemberSpec>({
    LineMember("kind", "Kind"),
    LineMember("title", "Title"),
    LineMember("number", "Number"),
    LineMember("date", "Date, as stated"),
    LineMember("text", "Where its text is"),
});

// What a body answered about its own readiness, in one record.
inline constexpr auto kReadinessMembers = std::to_array<MemberSpec>({
    LineMember("data_catalogue", "Access to a data catalogue"),
    LineMember("data_catalogue_other", "Data catalogue, other"),
    LineMember("tools_wait", "Time waited for tools"),
    LineMember("infrastructure", "Infrastructure by a central process"),
    LineMember("infrastructure_other", "Infrastructure, other"),
    LineMember("computing", "Process to ask for computing resources"),
    LineMember("computing_other", "Computing resources, other"),
    LineMember("timely", "Timely communication"),
    LineMember("timely_other", "Timely communication, other"),
    LineMember("reuse", "Re-use of tools and data products"),
    LineMember("internal_review", "Documented within the body"),
    LineMember("extension", "Extension asked for"),
});

}  // namespace limpid::algoregister::fields

#endif  // LIMPID_ALGOREGISTER_REGISTRATION_FIELDS_DEPLOYMENT_CODES_H_
