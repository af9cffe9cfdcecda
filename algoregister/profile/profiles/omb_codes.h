// Code lists of the inventories of United States federal agencies. The first
// spelling of a code is the short one that the consolidated file has; the
// others are the answers of the agencies' forms. For the tables of this folder
// alone.

#ifndef LIMPID_ALGOREGISTER_PROFILE_PROFILES_OMB_CODES_H_
#define LIMPID_ALGOREGISTER_PROFILE_PROFILES_OMB_CODES_H_

#include <array>

#include "algoregister/profile/profile.h"

namespace limpid::algoregister::profiles::omb {

inline constexpr auto kTopic = std::to_array<CodePair>({
    {"Admin Functions", "administration"},
    {"Administrative Functions", "administration"},
    {"Mission-Enabling (internal agency support)", "administration"},
    {"Mission-Enabling", "administration"},
    {"Cybersecurity", "cybersecurity"},
    {"Emergency Mgmt", "emergency"},
    {"Emergency Management", "emergency"},
    {"Energy and Environment", "environment"},
    {"Energy and the Environment", "environment"},
    {"Energy & the Environment", "environment"},
    {"Benefits Processing", "social_security"},
    {"Government Benefits Processing", "social_security"},
    {"Government Services (includes Benefits and Service Delivery)",
     "social_security"},
    {"Health and Medical", "health"},
    {"Health & Medical", "health"},
    {"HR", "human_resources"},
    {"Human Resources", "human_resources"},
    {"IT", "information_technology"},
    {"Information Technology", "information_technology"},
    {"International Affairs", "international"},
    {"Diplomacy & Trade", "international"},
    {"Law Enforcement", "law_enforcement"},
    {"Law & Justice", "justice"},
    {"Other", "other"},
    {"Other (use other text field)", "other"},
    {"Other – Economic & Financial", "economy"},
    {"Procurement and Finance Mgmt", "public_finance"},
    {"Procurement and Financial Management", "public_finance"},
    {"Procurement & Financial Management", "public_finance"},
    {"Science", "science"},
    {"Science & Space", "science"},
    {"Service Delivery", "service_delivery"},
    {"Transportation", "traffic"},
    {"Education & Workforce", "education"},
});

inline constexpr auto kSourcing = std::to_array<CodePair>({
    {"Vendor Purchased", "purchased"},
    {"a) Purchased from a vendor", "purchased"},
    {"Purchased from a vendor", "purchased"},
    {"Developed with contracting resources.", "purchased"},
    {"In-house Development", "in_house"},
    {"b) Developed in-house", "in_house"},
    {"Developed in-house", "in_house"},
    {"Developed in-house.", "in_house"},
    {"Contracting and In House", "both"},
    {"c) Developed with both contracting and in-house resources", "both"},
    {"Developed with both contracting and in-house resources", "both"},
    {"Developed with both contracting and in-house resources.", "both"},
});

inline constexpr auto kProtected = std::to_array<CodePair>({
    {"a) Race/Ethnicity", "race"},
    {"Race/Ethnicity", "race"},
    {"b) Sex", "sex"},
    {"Sex", "sex"},
    {"Sex/Gender", "sex"},
    {"c) Age", "age"},
    {"Age", "age"},
    {"d) Religious Affiliation", "religion"},
    {"Religious Affiliation", "religion"},
    {"e) Socioeconomic Status", "socioeconomic"},
    {"Socioeconomic Status", "socioeconomic"},
    {"f) Ability Status", "ability"},
    {"Ability Status", "ability"},
    {"g) Residency Status", "residency"},
    {"Residency Status", "residency"},
    {"h) Marital Status", "marital"},
    {"Marital Status", "marital"},
    {"i) Income", "income"},
    {"Income", "income"},
    {"j) Employment Status", "employment"},
    {"Employment Status", "employment"},
    {"k) None of the above", "none"},
    {"None of the above", "none"},
    {"None", "none"},
    {"l) Other", "other"},
    {"Other", "other"},
    // The answer of one department.
    {"This AI use case utilizes one or more of the demographic variables "
     "listed in compliance with all federal laws and agency regulations.",
     "undisclosed"},
});

inline constexpr auto kConsultation = std::to_array<CodePair>({
    {"Usability Testing", "usability_testing"},
    {"a) Direct usability testing", "usability_testing"},
    {"Direct usability testing", "usability_testing"},
    {"Public Feedback Solicitations", "public_feedback"},
    {"b) General solicitations of feedback and comments from the public",
     "public_feedback"},
    {"General solicitations of feedback and comments from the public",
     "public_feedback"},
    {"General solicitations of comments from the public", "public_feedback"},
    {"General solicitations of \ncomments from the public", "public_feedback"},
    {"Public Hearings", "hearings"},
    {"c) Public hearings or meetings", "hearings"},
    {"Public hearings or meetings", "hearings"},
    {"Other", "other"},
    {"d) Other", "other"},
    {"In-progress", "in_progress"},
    {"e) In-progress", "in_progress"},
    {"None", "none"},
    // Of the form of 2024.
    {"Direct user testing", "usability_testing"},
    {"Post-transaction customer feedback collections", "customer_feedback"},
    {"Outreach to relevant labor organizations", "labour_organisations"},
    {"None of the above", "none"},
    {"Agency CAIO has waived this minimum practice and reported such waiver to "
     "OMB.",
     "waived"},
    {"CAIO Waived", "waived"},
    {"f) Agency CAIO has waived this minimum practice and reported such waiver "
     "to OMB",
     "waived"},
});

}  // namespace limpid::algoregister::profiles::omb

#endif  // LIMPID_ALGOREGISTER_PROFILE_PROFILES_OMB_CODES_H_
