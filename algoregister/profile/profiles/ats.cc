// ats-0.3.1 and ats-0.3.1-nl: the Algorithmic Transparency Standard of the
// Dutch cities and Eurocities, version 0.3.1 of January 2023, in its two
// languages: the codes are words of the language the registration is in.

#include <array>
#include <span>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/profiles/all.h"
#include "algoregister/profile/profiles/columns.h"
#include "algoregister/profile/profiles/languages.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::profiles {
namespace {

constexpr auto kVersion = std::to_array<CodePair>({{"0.3.1", ""}});

// The first is what is written. Rows in Dutch have other words for the codes.
constexpr auto kLanguageEn = Joined(
    std::to_array<CodePair>({{"en", "en"}, {"eng", "en"}, {"English", "en"}}),
    Joined(OfAnotherProfile(kDutchWords), kOtherWords));
constexpr auto kStatusEn = std::to_array<CodePair>({
    {"planned", "planned"},
    {"design", "design"},
    {"development", "in_development"},
    {"pilot", "pilot"},
    {"evaluation", "evaluation"},
    {"operational", "in_use"},
    {"retired", "out_of_use"},
});
constexpr auto kDomainEn = std::to_array<CodePair>({
    {"taxes", "taxes"},
    {"housing, living and living environment", "housing"},
    {"culture, sports and leisure", "culture"},
    {"defence", "defence"},
    {"economy and entrepreneurship", "economy"},
    {"family, youth and households", "family"},
    {"finance", "public_finance"},
    {"generic", "general"},
    {"health and health care", "health"},
    {"immigration and integration", "migration"},
    {"international collaboration and development aid", "international"},
    {"agriculture, nature and food", "agriculture"},
    {"environment, spacial planning and water", "environment"},
    {"education and science", "education"},
    {"public safety", "public_safety"},
    {"government", "administration"},
    {"justice", "justice"},
    {"travel, living and working abroad", "abroad"},
    {"subsidies, benefits and allowances", "social_security"},
    {"traffic and transportation", "traffic"},
    {"work and career", "work"},
});
constexpr auto kRiskEn = std::to_array<CodePair>({
    {"minimal risk", "minimal"},
    {"limited risk", "limited"},
    {"high risk", "high"},
    {"unacceptable", "unacceptable"},
});
constexpr auto kTechniqueEn = std::to_array<CodePair>({
    {"self-learning", "self_learning"},
    {"rule-based", "rule_based"},
    {"hybrid", "hybrid"},
});
constexpr auto kUseEn = std::to_array<CodePair>({
    {"descriptive", "descriptive"},
    {"diagnostic", "diagnostic"},
    {"predictive", "predictive"},
    {"prescriptive", "prescriptive"},
});

constexpr auto kLanguageNl =
    Joined(std::to_array<CodePair>(
               {{"nl", "nl"}, {"nld", "nl"}, {"Nederlands", "nl"}}),
           Joined(OfAnotherProfile(kEnglishWords), kOtherWords));
constexpr auto kStatusNl = std::to_array<CodePair>({
    {"gepland", "planned"},
    {"ontwerp", "design"},
    {"ontwikkeling", "in_development"},
    {"pilot", "pilot"},
    {"evaluatie", "evaluation"},
    {"operationeel", "in_use"},
    {"beëindigd", "out_of_use"},
});
constexpr auto kDomainNl = std::to_array<CodePair>({
    {"belastingen", "taxes"},
    {"bouwen, wonen en leefomgeving", "housing"},
    {"cultuur, sport en vrije tijd", "culture"},
    {"defensie", "defence"},
    {"economie en ondernemen", "economy"},
    {"familie, jeugd en gezin", "family"},
    {"financiën", "public_finance"},
    {"generiek", "general"},
    {"gezondheid en zorg", "health"},
    {"immigratie, integratie en inburgering", "migration"},
    {"internationale- en ontwikkelingssamenwerking", "international"},
    {"landbouw, natuur en voedsel", "agriculture"},
    {"milieu, ruimte en water", "environment"},
    {"onderwijs en wetenschap", "education"},
    {"openbare orde en veiligheid", "public_safety"},
    {"overheid, bestuur en koninkrijk", "administration"},
    {"rechtspraak", "justice"},
    {"reizen, wonen en werken in het buitenland", "abroad"},
    {"subsidies, uitkeringen en toeslagen", "social_security"},
    {"verkeer en vervoer", "traffic"},
    {"werk en loopbaan", "work"},
});
constexpr auto kRiskNl = std::to_array<CodePair>({
    {"minimaal risico", "minimal"},
    {"beperkt risico", "limited"},
    {"hoog risico", "high"},
    {"onaanvaardbaar", "unacceptable"},
});
constexpr auto kTechniqueNl = std::to_array<CodePair>({
    {"zelflerend", "self_learning"},
    {"regelgebaseerd", "rule_based"},
    {"hybride", "hybrid"},
});
constexpr auto kUseNl = std::to_array<CodePair>({
    {"descriptief", "descriptive"},
    {"diagnostisch", "diagnostic"},
    {"voorspellend", "predictive"},
    {"prescriptief", "prescriptive"},
});

struct Words {
  std::span<const CodePair> language;
  std::span<const CodePair> status;
  std::span<const CodePair> domain;
  std::span<const CodePair> risk;
  std::span<const CodePair> technique;
  std::span<const CodePair> use;
};

constexpr auto ColumnsIn(const Words& words) {
  return std::to_array<Column>({
      Constant("standard_version", kVersion),
      ForeignId("uuid"),
      Language("lang", words.language),
      Date("publication_date", "published_on"),
      Date("last_change_date", "changed_on"),
      Date("revision_date", "review_due", "review_due_note"),
      Text("revision_note", "review_reason"),
      Text("keywords", "tags"),
      Required(Text("name", "title")),
      OrganisationName("organization"),
      Plain("department", "department"),
      // Of the draft's text, not in the count of 49.
      Optional(Plain("country", "country")),
      Plain("contact_email", "contact"),
      Plain("contact_phone", "contact_phone"),
      Plain("contact_name", "contact_name"),
      Text("description_short", "summary"),
      Url("website", "website", "website_note"),
      Coded("status", "status", words.status, "status_note"),
      Text("remark", "remark"),
      Text("decision_making_process", "process"),
      CodedList("domain", "themes", words.domain, "theme_note"),
      Plain("area", "area"),
      Text("goal", "goal"),
      Text("impact", "impact"),
      Text("risks", "risks"),
      Coded("risk_category", "risk_class", words.risk),
      Text("proportionality", "proportionality"),
      Text("lawful_basis", "legal_basis"),
      Url("documentation", "documentation_url", "documentation_note"),
      Text("training_data", "training_data"),
      Text("source_data", "source_data"),
      Text("data_bias", "data_bias"),
      Text("connected_data_sources", "connected_sources"),
      Text("DPIA_description", "dpia_summary"),
      Url("DPIA_url", "dpia_url", "dpia_note"),
      Text("description", "methods"),
      Coded("algorithm_type", "technique", words.technique, "technique_note"),
      Text("methods_and_models", "model_types"),
      Text("performance", "performance"),
      Text("alternatives_considered", "alternatives"),
      Url("product_information", "product_registration_url",
          "product_registration_note"),
      Url("codebase_url", "code_url", "code_note"),
      Url("product_page", "product_url", "product_note"),
      Text("AIA_description", "algorithm_assessment_summary"),
      Url("AIA_url", "algorithm_assessment_url", "algorithm_assessment_note"),
      Coded("type", "use_type", words.use),
      Text("monitoring", "monitoring"),
      Text("human_intervention", "human_oversight"),
      Text("objection_procedure", "appeal"),
      Text("rollback", "rollback"),
  });
}

constexpr auto kColumnsEn = ColumnsIn({.language = kLanguageEn,
                                       .status = kStatusEn,
                                       .domain = kDomainEn,
                                       .risk = kRiskEn,
                                       .technique = kTechniqueEn,
                                       .use = kUseEn});
constexpr auto kColumnsNl = ColumnsIn({.language = kLanguageNl,
                                       .status = kStatusNl,
                                       .domain = kDomainNl,
                                       .risk = kRiskNl,
                                       .technique = kTechniqueNl,
                                       .use = kUseNl});

constexpr Profile kEnglish = {
    .name = "ats-0.3.1",
    .title = "Algorithmic Transparency Standard 0.3.1, in English",
    .organisation_scheme = "ats:organisation",
    .layout = Layout::kJsonList,
    .list_member = "",
    .language = "en",
    .kind = RegistrationKind::kDeployment,
    .columns = kColumnsEn,
    .missing = kNoSystem,
    .ids_may_be_blank = true};
constexpr Profile kDutch = {
    .name = "ats-0.3.1-nl",
    .title = "Algorithmic Transparency Standard 0.3.1, in Dutch",
    .organisation_scheme = "ats:organisation",
    .layout = Layout::kJsonList,
    .list_member = "",
    .language = "nl",
    .kind = RegistrationKind::kDeployment,
    .columns = kColumnsNl,
    .missing = kNoSystem,
    .ids_may_be_blank = true};

}  // namespace

const Profile& Ats031() { return kEnglish; }
const Profile& Ats031Nl() { return kDutch; }

}  // namespace limpid::algoregister::profiles
