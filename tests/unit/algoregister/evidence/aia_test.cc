// Canada's questionnaire, as published, scored by hand.

#include "algoregister/evidence/aia.h"

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister::evidence {
namespace {

using json::Value;
using testing::StatusSays;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr AiaLanguage kEnglish = AiaLanguage::kEnglish;

// Raw maximum 40, mitigation 10 in each of two phases.
constexpr std::string_view kSmall = R"({"pages":[
  {"name":"start","elements":[{"type":"panel","name":"start-NS","elements":[
    {"type":"radiogroup","name":"phase","choices":["item1","item2"]},
    {"type":"text","name":"title"}]}]},
  {"name":"risk","title":{"default":"Risk","fr":"Risque"},"elements":[
    {"type":"panel","name":"risk-RS","elements":[
      {"type":"dropdown","name":"r1","choices":["item1-0","item2-30"]},
      {"type":"checkbox","name":"r2","choices":[{"value":"item1-4","text":"x"},
        {"value":"item2-6","text":"y"}]},
      {"type":"radiogroup","name":"aside-NS","choices":["item1-99"]}]}]},
  {"name":"design","visibleIf":"{phase} = \"item1\"","elements":[
    {"type":"panel","name":"design-MS","elements":[
      {"type":"radiogroup","name":"m1","choices":["item1-8","item2-7"]},
      {"type":"radiogroup","name":"m2","choices":["item1-2","item2-0"]}]}]},
  {"name":"implementation","visibleIf":"{phase} = \"item2\"","elements":[
    {"type":"panel","name":"implementation-MS","elements":[
      {"type":"radiogroup","name":"n1","choices":["item1-8","item2-0"]},
      {"type":"radiogroup","name":"n2","choices":["item1-2","item2-0"]}]}]}
]})";

absl::StatusOr<AiaScore> Score(std::string_view answers,
                               AiaLanguage language = kEnglish) {
  return ScoreAia(json::ParseStrict(kSmall).value(),
                  json::ParseStrict(answers).value(), language);
}

TEST(Aia, WeightsAreAddedAndMaximaKnown) {
  const auto score = Score(R"({"phase":"item1","title":"t","r1":"item2-30",)"
                           R"("r2":["item1-4","item2-6"],"m1":"item2-7"})");
  ASSERT_THAT(score, testing::IsOk());
  EXPECT_EQ(score->raw, 40);
  EXPECT_EQ(score->raw_maximum, 40);
  EXPECT_EQ(score->mitigation, 7);
  EXPECT_EQ(score->mitigation_maximum_doubled, 20);
  EXPECT_FALSE(score->reduced);
  EXPECT_EQ(score->total, 40);
  EXPECT_EQ(score->level, 4);
  // m2; the other phase does not apply.
  EXPECT_EQ(score->unanswered_count, 1);
  EXPECT_EQ(score->sections.size(), 2U);
}

TEST(Aia, EightyPercentOfMitigationTakesFifteenPercentOff) {
  const auto score = Score(R"({"data":{"phase":"item1","r1":"item2-30",)"
                           R"("m1":"item1-8","m2":"item2-0"}})");
  ASSERT_THAT(score, testing::IsOk());
  EXPECT_EQ(score->mitigation, 8);
  EXPECT_TRUE(score->reduced);
  // 25.5, halves up.
  EXPECT_EQ(score->total, 26);
  EXPECT_EQ(score->level, 3);
}

TEST(Aia, LevelsEndAtQuartersInclusive) {
  EXPECT_EQ(Score(R"({"r2":["item1-4","item2-6"]})")->level, 1);
  EXPECT_EQ(Score(R"({"r1":"item2-30"})")->level, 3);
  EXPECT_EQ(Score(R"({"r1":"item2-30","r2":["item1-4"]})")->level, 4);
  EXPECT_EQ(Score("{}")->level, 1);
}

TEST(Aia, SpeaksBothLanguages) {
  const auto score = Score(R"({"r1":"item2-30"})", AiaLanguage::kFrench);
  ASSERT_THAT(score, testing::IsOk());
  EXPECT_EQ(score->sections.front().title, "Risque");
  EXPECT_EQ(AiaLevelText(2, AiaLanguage::kFrench),
            "Niveau II (incidence modérée)");
  EXPECT_EQ(AiaLevelText(4, kEnglish), "Level IV (very high impact)");
}

TEST(Aia, RefusesAnswersThatAreNone) {
  EXPECT_THAT(Score(R"({"r1":"item2-31"})"),
              StatusSays(kInvalid, "answers: r1: has an answer that is none"));
  EXPECT_THAT(Score(R"({"r1":["item2-30"]})"), StatusSays(kInvalid, "r1"));
  EXPECT_THAT(Score(R"({"r2":["item1-4","item1-4"]})"),
              StatusSays(kInvalid, "r2: has a choice twice"));
  EXPECT_THAT(Score(R"({"r9":"item1-1"})"),
              StatusSays(kInvalid, "r9: no question"));
  EXPECT_THAT(Score(R"({"phase":"item1","n1":"item1-8"})"),
              StatusSays(kInvalid, "n1: is of a page that does not apply"));
  EXPECT_THAT(Score("[]"), StatusSays(kInvalid, "answers: must be an object"));
  const Value none = json::ParseStrict(R"({"pages":[]})").value();
  EXPECT_THAT(ScoreAia(none, Value::Object(), kEnglish),
              StatusSays(kInvalid, "questionnaire: has no scored question"));
}

// Every scored question of the published file with its heaviest answer.
Value Heaviest(const Value& questionnaire, std::string_view phase) {
  Value out = Value::Object();
  const auto weight = [](const std::string& answer) {
    const std::size_t hyphen = answer.rfind('-');
    return hyphen == std::string::npos
               ? 0
               : std::stoi("0" + answer.substr(hyphen + 1));
  };
  for (const Value& page : questionnaire.Find("pages")->elements()) {
    const std::string name = page.GetString("name").value();
    const bool other =
        name.ends_with(phase == "item1" ? "Implementation" : "Design");
    if (other) continue;
    for (const Value& panel : page.Find("elements")->elements()) {
      const Value* const elements = panel.Find("elements");
      if (elements == nullptr) continue;
      for (const Value& question : elements->elements()) {
        const Value* const choices = question.Find("choices");
        if (choices == nullptr) continue;
        Value all = Value::Array();
        std::string best;
        for (const Value& choice : choices->elements()) {
          const std::string value = choice.is_string()
                                        ? choice.string()
                                        : choice.GetString("value").value();
          all.Append(value);
          if (best.empty() || weight(value) > weight(best)) best = value;
        }
        if (*question.Find("type") == Value("checkbox")) {
          out.Set(question.GetString("name").value(), std::move(all));
        } else {
          out.Set(question.GetString("name").value(), best);
        }
      }
    }
  }
  out.Set("projectDetailsPhase", phase);
  return out;
}

TEST(Aia, ThePublishedQuestionnaireIsScored) {
  LIMPID_SHARED_OR_SKIP(path, "data/algoregister/ca/aia-survey-enfr.json");
  const auto questionnaire =
      json::ParseStrict(testing::ReadFile(path), {.max_bytes = 1U << 20U});
  ASSERT_THAT(questionnaire, testing::IsOk());
  for (const char* const phase : {"item1", "item2"}) {
    const auto score =
        ScoreAia(*questionnaire, Heaviest(*questionnaire, phase), kEnglish);
    ASSERT_THAT(score, testing::IsOk());
    // Summed from the file by another program.
    EXPECT_EQ(score->raw_maximum, 167);
    EXPECT_EQ(score->raw, 167);
    EXPECT_EQ(score->mitigation_maximum_doubled, 154);
    EXPECT_EQ(score->mitigation * 2, score->mitigation_maximum_doubled);
    EXPECT_TRUE(score->reduced);
    EXPECT_EQ(score->total, 142);
    EXPECT_EQ(score->level, 4);
    EXPECT_EQ(score->unanswered_count, 0);
  }
}

}  // namespace
}  // namespace limpid::algoregister::evidence
