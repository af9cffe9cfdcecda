#include "algoregister/rules/rule.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_table.h"
#include "gtest/gtest.h"

namespace limpid::algoregister {
namespace {

const absl::Time kNow =
    absl::FromCivil(absl::CivilDay(2026, 11, 30), absl::UTCTimeZone());

json::Value Deployment(std::string_view status, std::string_view impact) {
  json::Value content = NewContent(RegistrationKind::kDeployment);
  SetField(content, "title", GivenText("en", "Router"));
  SetField(content, "status", Given(json::Value(status)));
  SetField(content, "high_impact", Given(json::Value(impact)));
  return content;
}

std::set<std::string> Asked(const json::Value& content,
                            std::string_view source) {
  const std::vector<Rule> rules = RulesOf(source);
  std::set<std::string> out;
  for (const RuleFinding& finding : Evaluate(content, rules, kNow)) {
    out.insert(std::string(finding.rule->field));
  }
  return out;
}

RuleOutcome OutcomeOf(const json::Value& content, std::string_view field) {
  const std::vector<Rule> rules = RulesOf("omb-2025");
  for (const RuleFinding& finding : Evaluate(content, rules, kNow)) {
    if (finding.rule->field == field) return finding.outcome;
  }
  ADD_FAILURE() << "no rule for " << field;
  return RuleOutcome::kMissing;
}

json::Value State(std::string_view state, std::string_view due) {
  return json::Value::Object(
      {{"state", json::Value(state)}, {"due", json::Value(due)}});
}

TEST(RuleTest, EveryRuleNamesFieldsAndCodesOfItsKind) {
  std::set<std::string> seen;
  for (const Rule& rule : AllRules()) {
    const std::string id = RuleIdOf(rule);
    EXPECT_NE(FindField(rule.kind, rule.field), nullptr) << id;
    EXPECT_GE(rule.weight, 1) << id;
    for (const Clause& clause : rule.when) {
      const FieldSpec* const spec = FindField(rule.kind, clause.field);
      ASSERT_NE(spec, nullptr) << id << ": " << clause.field;
      for (const std::string_view code : clause.codes) {
        EXPECT_TRUE(
            std::any_of(spec->codes.begin(), spec->codes.end(),
                        [code](const Code& one) { return one.code == code; }))
            << id << ": " << code;
      }
    }
  }
}

TEST(RuleTest, PurposeIsAskedUnlessRetired) {
  EXPECT_TRUE(
      Asked(Deployment("planned", "not_high"), "omb-2025").contains("goal"));
  const auto retired = Asked(Deployment("out_of_use", "not_high"), "omb-2025");
  EXPECT_FALSE(retired.contains("goal"));
  EXPECT_TRUE(retired.contains("source_id"));
  EXPECT_TRUE(retired.contains("high_impact"));
}

TEST(RuleTest, DataAndVendorsAreAskedOfWhatRuns) {
  EXPECT_FALSE(Asked(Deployment("in_development", "not_high"), "omb-2025")
                   .contains("training_data"));
  for (const char* const status : {"pilot", "in_use"}) {
    json::Value content = Deployment(status, "not_high");
    EXPECT_TRUE(Asked(content, "omb-2025").contains("training_data"));
    EXPECT_FALSE(Asked(content, "omb-2025").contains("suppliers"));
    SetField(content, "sourcing", Given(json::Value("purchased")));
    EXPECT_TRUE(Asked(content, "omb-2025").contains("suppliers"));
  }
}

TEST(RuleTest, NineSafeguardsAreAskedOfDeployedHighImpactAlone) {
  const auto safeguards = [](const char* status, const char* impact) {
    const auto all = Asked(Deployment(status, impact), "omb-2025");
    return std::count_if(all.begin(), all.end(), [](const std::string& field) {
      static const std::set<std::string> nine = {
          "testing_state",      "impact_assessment", "impact",
          "independent_review", "monitoring_state",  "staff_training_state",
          "failsafe_state",     "appeal_state",      "consultation"};
      return nine.contains(field);
    });
  };
  EXPECT_EQ(safeguards("in_use", "high"), 9);
  EXPECT_EQ(safeguards("pilot", "high"), 0);
  EXPECT_EQ(safeguards("in_use", "not_high"), 0);
  EXPECT_EQ(safeguards("in_use", "presumed_but_not"), 0);
}

TEST(RuleTest, Mim5AsksTheMoreTheGraverItIs) {
  const auto asked = [](std::string_view category) {
    json::Value content = NewContent(RegistrationKind::kDeployment);
    SetField(content, "publication_category", Given(json::Value(category)));
    return Asked(content, "mim5");
  };
  const auto other = asked("other");
  const auto impactful = asked("impactful");
  const auto high = asked("high_risk");
  EXPECT_EQ(other.size(), 8U);
  EXPECT_EQ(impactful.size(), 16U);
  EXPECT_EQ(high.size(), 20U);
  EXPECT_TRUE(std::includes(impactful.begin(), impactful.end(), other.begin(),
                            other.end()));
  EXPECT_TRUE(std::includes(high.begin(), high.end(), impactful.begin(),
                            impactful.end()));
}

TEST(RuleTest, OutcomesFollowTheStateOfTheField) {
  json::Value content = Deployment("in_use", "not_high");
  EXPECT_EQ(OutcomeOf(content, "goal"), RuleOutcome::kMissing);
  SetField(content, "goal", Missing());
  EXPECT_EQ(OutcomeOf(content, "goal"), RuleOutcome::kMissing);
  SetField(content, "goal", GivenText("en", "route"));
  EXPECT_EQ(OutcomeOf(content, "goal"), RuleOutcome::kMet);
  SetField(content, "goal", State("not_applicable", ""));
  EXPECT_EQ(OutcomeOf(content, "goal"), RuleOutcome::kMet);
  SetField(content, "goal", State("withheld", ""));
  EXPECT_EQ(OutcomeOf(content, "goal"), RuleOutcome::kWithheld);
  for (const char* const due : {"2026", "2026-11", "2026-11-30", "2027-01"}) {
    SetField(content, "goal", State("in_progress", due));
    EXPECT_EQ(OutcomeOf(content, "goal"), RuleOutcome::kInProgress) << due;
  }
  for (const char* const due : {"2025", "2026-10", "2026-11-29"}) {
    SetField(content, "goal", State("in_progress", due));
    EXPECT_EQ(OutcomeOf(content, "goal"), RuleOutcome::kOverdue) << due;
  }
}

TEST(RuleTest, ScoresAreSumsOfWeights) {
  constexpr Rule kHeavy = {.source = "test",
                           .kind = RegistrationKind::kDeployment,
                           .field = "title",
                           .weight = 3};
  constexpr Rule kLight = {.source = "test",
                           .kind = RegistrationKind::kDeployment,
                           .field = "goal",
                           .weight = 1};
  constexpr Rule kOther = {.source = "test",
                           .kind = RegistrationKind::kSystem,
                           .field = "title",
                           .weight = 5};
  const std::vector<Rule> rules = {kHeavy, kLight, kOther};
  json::Value content = Deployment("in_use", "high");
  EXPECT_EQ(ScoreOf(Evaluate(content, rules, kNow)), (Score{3, 4}));
  SetField(content, "goal", State("withheld", ""));
  EXPECT_EQ(ScoreOf(Evaluate(content, rules, kNow)), (Score{4, 4}));
}

TEST(RuleTest, TheActAsksByRiskClass) {
  json::Value system = NewContent(RegistrationKind::kSystem);
  SetField(system, "title", GivenText("en", "Router"));
  EXPECT_TRUE(Asked(system, "ai-act").empty());
  SetField(system, "risk_class", Given(json::Value("high")));
  EXPECT_TRUE(Asked(system, "ai-act").contains("declaration_url"));
  SetField(system, "risk_class", Given(json::Value("not_high")));
  EXPECT_TRUE(Asked(system, "ai-act").empty());
  SetField(
      system, "high_risk_exemption",
      Given(json::Value(std::vector<json::Value>{json::Value("narrow_task")})));
  const auto exempt = Asked(system, "ai-act");
  EXPECT_TRUE(exempt.contains("high_risk_exemption_grounds"));
  EXPECT_FALSE(exempt.contains("declaration_url"));
}

}  // namespace
}  // namespace limpid::algoregister
