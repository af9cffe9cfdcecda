// has_entitlement/1: one answer over several attributes and sources, and none
// of what it is made of.

#include "vault/forms/entitlement.h"

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/source_world.h"
#include "vault/forms/derivation.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using receipt::Form;

constexpr char kSize[] = "household.size";
constexpr std::string_view kNeeds =
    R"({"name":"energy allowance","needs":{)"
    R"("household.size":{"at_least":3},)"
    R"("income.annual":{"at_most":35000,"currency":"EUR"},)"
    R"("person.birth_date":{"age_at_least":18}}})";

json::Value Json(std::string_view text) {
  return json::ParseStrict(text).value();
}

// "true", "false", or the word that names the error.
std::string Met(std::string_view test, std::string_view value,
                absl::Time now = absl::UnixEpoch()) {
  const std::string parameters = R"({"name":"x","needs":{"a.a":)" +
                                 std::string(test) + R"(,"b.b":{"is":true}}})";
  const auto out = MeetsNeed(Json(parameters), "a.a", Json(value), now);
  if (absl::IsInvalidArgument(out.status())) return "parameters";
  if (absl::IsFailedPrecondition(out.status())) return "value";
  return *out ? "true" : "false";
}

TEST(EntitlementNeeds, AreTestedAtTheirBounds) {
  EXPECT_EQ(Met(R"({"at_least":3})", "3"), "true");
  EXPECT_EQ(Met(R"({"at_least":3})", "2"), "false");
  EXPECT_EQ(Met(R"({"at_most":3})", "3"), "true");
  EXPECT_EQ(Met(R"({"at_most":3})", "3.5"), "false");
  const std::string euros = R"({"at_most":100,"currency":"EUR"})";
  EXPECT_EQ(Met(euros, R"({"amount":100,"currency":"EUR"})"), "true");
  EXPECT_EQ(Met(euros, R"({"amount":100.5,"currency":"EUR"})"), "false");
  EXPECT_EQ(Met(euros, R"({"amount":1,"currency":"USD"})"), "value");
  EXPECT_EQ(Met(R"({"is":"Utrecht"})", "\" utrecht\""), "true");
  EXPECT_EQ(Met(R"({"is":"Utrecht"})", "\"Utrechts\""), "false");
  EXPECT_EQ(Met(R"({"is":false})", "false"), "true");
  EXPECT_EQ(Met(R"({"is":false})", "\"false\""), "value");
  const absl::Time eve =
      absl::FromCivil(absl::CivilSecond(2008, 2, 27, 23), absl::UTCTimeZone());
  const std::string born = "\"1990-02-28\"";
  EXPECT_EQ(Met(R"({"age_at_least":18})", born, eve), "false");
  EXPECT_EQ(Met(R"({"age_at_least":18})", born, eve + absl::Hours(1)), "true");
  EXPECT_EQ(Met(R"({"age_at_most":17})", born, eve), "true");
  EXPECT_EQ(Met(R"({"age_at_most":17})", born, eve + absl::Hours(1)), "false");
}

TEST(EntitlementNeeds, AreOneTestEach) {
  for (const std::string_view test :
       {"{}", "7", R"({"at_least":1,"at_most":2})", R"({"at_least":1.5})",
        R"({"at_least":"1"})", R"({"at_least":1,"currency":"eur"})",
        R"({"age_at_least":0})", R"({"age_at_most":150})",
        R"({"age_at_least":18,"currency":"EUR"})", R"({"is":""})",
        R"({"is":7})", R"({"over":7})"}) {
    EXPECT_EQ(Met(test, "1"), "parameters") << test;
  }
  for (
      const std::string_view parameters :
      {"{}", R"({"name":"x","needs":{"a.a":{"at_least":1}}})",
       R"({"name":"","needs":{"a.a":{"is":true},"b.b":{"is":true}}})",
       R"({"name":"x","needs":{"a.a":{"is":true},"b.b":{"is":true}},"z":1})"}) {
    EXPECT_THAT(CheckParameters(kHasEntitlement1, Json(parameters)),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << parameters;
  }
  EXPECT_THAT(CheckParameters(kHasEntitlement1, Json(kNeeds)), IsOk());
  EXPECT_EQ(NeededAttributes(Json(kNeeds)).value(),
            (std::vector<std::string>{kSize, kIncome, kBirthDate}));
}

// Size is in the vault, the rest is what an agency says.
class EntitlementTest : public ::testing::Test {
 protected:
  EntitlementTest() {
    world_.Put(world_.anna, kSize, "3");
    Earns(35'000);
    world_.agency.Hold("s-anna", kBirthDate, "\"1990-02-28\"");
    for (const char* attribute : {kSize, kIncome, kBirthDate}) Ask(attribute);
  }
  void SetUp() override {
    ASSERT_THAT(world_.Link(world_.anna, "s-anna",
                            {{kIncome, SourceMode::kComputed},
                             {kBirthDate, SourceMode::kComputed}}),
                IsOk());
    world_.clock.Advance(absl::Seconds(1));
  }
  void Earns(int amount) {
    world_.agency.Hold("s-anna", kIncome,
                       R"({"amount":)" + std::to_string(amount) +
                           R"(,"currency":"EUR","year":2025})");
  }
  void Ask(const std::string& attribute, Form form = Form::kDerived) {
    world_.gate.lines[attribute] = {
        attribute, form, std::string(kHasEntitlement1), std::string(kNeeds)};
  }
  std::vector<ReadLine> Lines(std::vector<std::string> attributes = {
                                  kIncome, kSize, kBirthDate}) {
    auto answer = world_.ReadSourced(std::move(attributes));
    EXPECT_THAT(answer, IsOk());
    return answer.ok() ? answer->lines : std::vector<ReadLine>();
  }
  // All lines say this and nothing else.
  static void ExpectAll(const std::vector<ReadLine>& lines, ReadReason reason,
                        std::string_view value) {
    EXPECT_FALSE(lines.empty());
    for (const ReadLine& line : lines) {
      EXPECT_EQ(line.reason, reason) << line.attribute;
      EXPECT_EQ(line.value_json, value) << line.attribute;
      EXPECT_TRUE(line.source.empty());
      EXPECT_EQ(line.version, 0U);
    }
  }

  SourceWorld world_;
};

TEST_F(EntitlementTest, IsOneAnswerOverSourcesWithoutTheInputs) {
  ExpectAll(Lines(), ReadReason::kReleased, "true");
  Earns(35'001);
  ExpectAll(Lines(), ReadReason::kReleased, "false");
  Earns(35'000);
  world_.Put(world_.anna, kSize, "2");
  ExpectAll(Lines(), ReadReason::kReleased, "false");
}

TEST_F(EntitlementTest, NeedsEveryLineInTheOnePermit) {
  ExpectAll(Lines({kIncome, kSize}), ReadReason::kForm, "");
  EXPECT_EQ(world_.agency.question_count(), 0U);
  world_.gate.lines.erase(kBirthDate);
  const auto lines = Lines();
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].reason, ReadReason::kForm);
  EXPECT_EQ(lines[1].reason, ReadReason::kForm);
  EXPECT_EQ(lines[2].reason, ReadReason::kNoConsent);
  EXPECT_TRUE(lines[0].value_json.empty());
}

TEST_F(EntitlementTest, OtherParametersAreAnotherQuestion) {
  world_.gate.lines[kSize].parameters =
      R"({"name":"x","needs":{"household.size":{"at_least":1},)"
      R"("income.annual":{"at_least":1,"currency":"EUR"}}})";
  ExpectAll(Lines(), ReadReason::kForm, "");
}

TEST_F(EntitlementTest, DoesNotTellWhichInputIsMissing) {
  world_.agency.Forget("s-anna", kIncome);
  ExpectAll(Lines(), ReadReason::kNoValue, "");
  Earns(1);
  world_.agency.damage = [](testing::AgencyReply& reply) { reply.body = "x"; };
  ExpectAll(Lines(), ReadReason::kSourceUnavailable, "");
}

TEST_F(EntitlementTest, IsSignedWhereTheFormSaysSo) {
  for (const char* attribute : {kSize, kIncome, kBirthDate}) {
    Ask(attribute, Form::kAttested);
  }
  const auto lines = Lines();
  ASSERT_EQ(lines.size(), 3U);
  for (const ReadLine& line : lines) {
    EXPECT_EQ(line.value_json, "true");
    EXPECT_FALSE(line.attestation.empty());
    EXPECT_EQ(line.attestation.find("1990"), std::string::npos);
  }
}

TEST_F(EntitlementTest, StandsBesideOtherLines) {
  world_.Put(world_.anna, "health.disability", "true");
  world_.gate.Grant("health.disability");
  const auto lines = Lines({kIncome, "health.disability", kSize, kBirthDate});
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0].value_json, "true");
  EXPECT_EQ(lines[1].value_json, "true");
  EXPECT_EQ(lines[1].version, 1U);
}

}  // namespace
}  // namespace limpid::vault
