// That rules ask for what the profile of the same list can fill: of a full row
// nothing is missing, of an empty one something is.

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "algoregister/profile/profile.h"
#include "algoregister/registration/content.h"
#include "algoregister/rules/rule.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/unit/algoregister/fixture.h"
#include "tests/unit/algoregister/import_as.h"

namespace limpid::algoregister {
namespace {

struct Source {
  std::string_view rules;
  std::string_view profile;
  // A row with everything the rules ask of it, and one with next to nothing.
  std::string_view full;
  std::string_view empty;
};

void PrintTo(const Source& source, std::ostream* out) {
  *out << source.profile;
}

constexpr std::string_view kFullUseCase =
    "agency_name,id,use_case_name,agency_bureau,contact_email,is_withheld,"
    "development_stage,is_high_impact,HI_justification,topic_area,"
    "classification,problem_solved,benefits,system_outputs,operational_date,"
    "contracting_usage,vendor_name,have_ato,data_description,has_pii,"
    "demographic_features,has_custom_code,hi_testing_conducted,"
    "hi_assessment_completed,hi_potential_impacts,hi_independent_review,"
    "hi_ongoing_monitoring,hi_training_established,hi_failsafe_presence,"
    "hi_appeal_process,hi_public_consultation\n"
    "Agency,AG-1,Sorting,Bureau,desk@agency.example,No,Deployed,High-impact,,"
    "Other,NLP,To help.,Speed.,A list.,1/15/2025,Vendor Purchased,Vendor,Yes,"
    "Letters.,No,None,No,Yes,Yes,Delay.,CAIO Review,"
    "Yes - Monitoring Established,Training Established,Yes,"
    "Appeal Process Established,Other\n";
constexpr std::string_view kEmptyUseCase =
    "agency_name,id,use_case_name\nAgency,,Sorting\n";

constexpr std::string_view kFullDutch = R"([{"lars":"1","name":"Sorteren",
"description_short":"Het sorteert.","organization":"Delft",
"category":["Verkeer"],"status":"In gebruik","begin_date":"2023-01",
"contact_email":"a@delft.example","publication_category":
"Impactvolle algoritmes","goal":"Hulp.","proportionality":"Ja.",
"human_intervention":"Ja.","risks":"Geen.","lawful_basis":"Wet.",
"impacttoetsen_grouping":[{"title":"DPIA"}],"impacttoetsen":"Gedaan.",
"source_data":"Brieven.","methods_and_models":"Regels.","provider":"Haaks",
"website":"https://delft.example","url":"https://delft.example/r",
"lang":"nld"}])";
constexpr std::string_view kEmptyDutch = R"([{"lars":"1","name":"Sorteren"}])";

constexpr std::string_view kEmptyCity =
    R"([{"uuid":"1","name":"Sorting","lang":"en"}])";

class RulesOfProfile : public ::testing::TestWithParam<Source> {
 protected:
  // Fields that the rules find missing in the only registration of the file.
  static std::vector<std::string> Missed(std::string_view file,
                                         std::size_t* found) {
    RegisterHouse house;
    const auto plan = ImportAs(house, GetParam().profile, file);
    std::vector<std::string> out;
    EXPECT_FALSE(plan->rows.empty());
    if (plan->rows.empty()) return out;
    const PlannedRow& row = plan->rows.front();
    EXPECT_NE(row.outcome, ImportOutcome::kRejected);
    const std::vector<Rule> rules = RulesOf(GetParam().rules);
    const auto findings =
        Evaluate(ContentOf(*house.store.Get(row.registration, 0)), rules,
                 absl::FromUnixSeconds(1'796'000'000));
    *found = findings.size();
    for (const RuleFinding& finding : findings) {
      if (finding.outcome == RuleOutcome::kMissing) {
        out.emplace_back(finding.rule->field);
      }
    }
    return out;
  }
};

// `text` itself, or the file of tests/data/algoregister that it names.
std::string FileOf(std::string_view text) {
  if (!text.ends_with(".json")) return std::string(text);
  const char* const root = std::getenv("LIMPID_SOURCE_DIR");
  if (root == nullptr) return {};
  return testing::ReadFile(std::filesystem::path(root) /
                           "tests/data/algoregister" / text);
}

TEST_P(RulesOfProfile, FindNothingMissingInAFullRow) {
  const std::string file = FileOf(GetParam().full);
  if (file.empty()) GTEST_SKIP() << "LIMPID_SOURCE_DIR is not set";
  std::size_t found = 0;
  const auto missed = Missed(file, &found);
  EXPECT_GT(found, 0U);
  for (const std::string& field : missed) ADD_FAILURE() << field;
}

TEST_P(RulesOfProfile, FindSomethingMissingInAnEmptyOne) {
  std::size_t found = 0;
  EXPECT_FALSE(Missed(GetParam().empty, &found).empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, RulesOfProfile,
    ::testing::Values(
        Source{"omb-2025", "omb-2025", kFullUseCase, kEmptyUseCase},
        Source{"nl-1.0", "nl-1.0", kFullDutch, kEmptyDutch},
        Source{"ats-0.3.1", "ats-0.3.1", "ats-0.3.1.json", kEmptyCity},
        Source{"ai-act", "annex-viii-a", "annex-viii-a.json",
               R"([{"registration_id":"A-1","a4_trade_name":"Sorter"}])"},
        Source{"ai-act", "annex-viii-b", "annex-viii-b.json",
               R"([{"registration_id":"B-1","b4_trade_name":"Sorter"}])"},
        Source{"ai-act", "annex-viii-c", "annex-viii-c.json",
               R"([{"registration_id":"C-1","system_name":"Sorter"}])"},
        Source{"uk-atrs-1.1", "uk-1.1", "uk-1.1.json",
               R"([{"id":"1","name":"Sorter"}])"}));

// A blank id of the inventory is an id that is missing; one that is there is an
// alias, and no field of ours.
TEST(RulesOfTheInventory, CountTheIdOfTheList) {
  const auto missed = [](std::string_view id) {
    RegisterHouse house;
    const std::string file =
        "agency_name,id,use_case_name\nAgency," + std::string(id) + ",A\n";
    const auto plan = ImportAs(house, "omb-2025", file);
    const std::vector<Rule> rules = RulesOf("omb-2025");
    for (const RuleFinding& finding : Evaluate(
             ContentOf(*house.store.Get(plan->rows.front().registration, 0)),
             rules, absl::FromUnixSeconds(1'796'000'000))) {
      if (finding.rule->field == "source_id") return finding.outcome;
    }
    return RuleOutcome::kOverdue;
  };
  EXPECT_EQ(missed("AG-1"), RuleOutcome::kMet);
  EXPECT_EQ(missed(""), RuleOutcome::kMissing);
}

// No field of the annex says that a system is of high risk.
TEST(RulesOfTheAct, AskNothingOfWhatIsNotFromTheAnnex) {
  RegisterHouse house;
  house.NewSystem("Router");
  const auto system = house.All({.kind = RegistrationKind::kSystem});
  ASSERT_EQ(system.size(), 1U);
  const std::vector<Rule> rules = RulesOf("ai-act");
  EXPECT_TRUE(
      Evaluate(ContentOf(*house.store.Get(system.front().registration, 0)),
               rules, absl::FromUnixSeconds(1'796'000'000))
          .empty());
}

}  // namespace
}  // namespace limpid::algoregister
