#include "algoregister/evidence/registration_evidence.h"

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/evidence/fixture.h"

namespace limpid::algoregister::evidence {
namespace {

json::Value Content(std::string_view fields) {
  return json::ParseStrict(
             absl::StrCat("{\"fields\":{", std::string(fields), "}}"))
      .value();
}

std::string Given(std::string_view name, std::string_view value) {
  return absl::StrCat("\"", std::string(name),
                      "\":{\"state\":\"given\",\"value\":", std::string(value),
                      "}");
}

constexpr std::string_view kGroups =
    R"([{"attribute":"sex","group":"f","n":40,"tp":16,"fp":8,"fn":4,"tn":12},)"
    R"({"attribute":"sex","group":"m","n":50,"tp":15,"fp":5,"fn":5,"tn":25}])";

TEST(RegistrationEvidence, CountsAndClaimsAreFields) {
  const auto read = ReadRegistrationEvidence(Content(absl::StrCat(
      Given("groups", kGroups), ",",
      Given("reference_groups", R"([{"attribute":"sex","group":"m"}])"), ",",
      Given("favourable", R"("negative")"), ",",
      Given("confidence_level", "0.9"), ",", Given("parity_tau", "0.9"), ",",
      Given("claims",
            R"([{"metric":"dp_difference","attribute":"sex","value":0.2}])"))));
  EXPECT_EQ(read.unusable, "");
  ASSERT_EQ(read.evidence.groupings.size(), 1U);
  EXPECT_EQ(read.evidence.groupings.front().reference, "m");
  EXPECT_EQ(read.evidence.total->n(), 90);
  EXPECT_EQ(read.evidence.settings.favourable, Favourable::kNegative);
  EXPECT_EQ(read.evidence.settings.level, 0.9);
  EXPECT_EQ(read.evidence.settings.tau_thousandths, 900);
  ASSERT_EQ(read.claims.size(), 1U);
  EXPECT_EQ(CheckClaims(read.evidence, read.claims).front().mark,
            Mark::kRecomputed);
}

TEST(RegistrationEvidence, WithoutCountsSaysSo) {
  const auto read = ReadRegistrationEvidence(
      Content(Given("claims", R"([{"metric":"tpr","value":0.5}])")));
  EXPECT_EQ(read.unusable, "no counts are given");
  EXPECT_EQ(read.claims.size(), 1U);
}

TEST(RegistrationEvidence, CountsThatContradictThemselvesAreNotUsed) {
  struct Case {
    std::string_view groups;
    std::string_view says;
  };
  for (const Case& one :
       {Case{R"([{"attribute":"a","group":"f","n":5,"tp":1,"fp":1,"fn":1,)"
             R"("tn":1}])",
             "/fields/groups/value/0/n: is not the sum"},
        Case{R"([{"attribute":"a","group":"f","n":-4,"tp":-1,"fp":-1,)"
             R"("fn":-1,"tn":-1}])",
             "groups/value/0/tp"},
        Case{R"([{"attribute":"a","group":"f","n":1.5,"tp":1.5,"fp":0,)"
             R"("fn":0,"tn":0}])",
             "groups/value/0/tp"},
        Case{R"([{"attribute":"a","group":"f","n":4,"tp":1,"fp":1,"fn":1,)"
             R"("tn":1},{"attribute":"a","group":"f","n":4,"tp":1,"fp":1,)"
             R"("fn":1,"tn":1}])",
             "comes twice"},
        Case{R"([{"attribute":"a","group":"f","n":4,"tp":1,"fp":1,"fn":1,)"
             R"("tn":1,"overridden":5}])",
             "overridden"},
        Case{"7", "/fields/groups/value: must be a list"}}) {
    const auto read =
        ReadRegistrationEvidence(Content(Given("groups", one.groups)));
    EXPECT_NE(read.unusable.find(one.says), std::string::npos) << read.unusable;
    EXPECT_TRUE(read.evidence.groupings.empty());
    EXPECT_TRUE(read.gives_groups);
    EXPECT_EQ(CountsFault(read), read.unusable);
    EXPECT_THAT(CheckRegistrationEvidence(Content(Given("groups", one.groups))),
                testing::StatusSays(absl::StatusCode::kInvalidArgument,
                                    std::string(one.says)));
  }
}

TEST(RegistrationEvidence, AClaimThatCannotBeReadSaysSoAlone) {
  for (const std::string_view decimals : {"16", "2.5", "-1", "\"2\""}) {
    const json::Value content = Content(absl::StrCat(
        Given("groups", kGroups), ",",
        Given("claims",
              absl::StrCat(R"([{"metric":"dp_difference","value":0.2},)"
                           R"({"metric":"tpr","group":"f","value":0.5,)"
                           R"("decimals":)",
                           std::string(decimals), "}]"))));
    const auto read = ReadRegistrationEvidence(content);
    EXPECT_EQ(read.unusable, "");
    ASSERT_EQ(read.claims.size(), 2U);
    EXPECT_EQ(read.claims[1].metric, "tpr");
    EXPECT_EQ(read.claims[1].value, 0.5);
    const auto checked = CheckClaims(read.evidence, read.claims);
    EXPECT_EQ(checked[0].mark, Mark::kRecomputed);
    EXPECT_EQ(checked[1].mark, Mark::kNotCheckable);
    EXPECT_EQ(checked[1].reason.find("/fields/claims/value/1/decimals"), 0U);
    EXPECT_EQ(Uncheckable(read.claims, "sealed")[1].reason, checked[1].reason);
    EXPECT_EQ(ClaimsFault(read), checked[1].reason);
    EXPECT_THAT(CheckRegistrationEvidence(content),
                testing::StatusSays(absl::StatusCode::kInvalidArgument,
                                    "/fields/claims/value/1/decimals"));
  }
}

TEST(RegistrationEvidence, ClaimsThatAreNoListAreNotNone) {
  const auto read = ReadRegistrationEvidence(Content(Given("claims", "7")));
  EXPECT_EQ(read.claims_unusable, "/fields/claims/value: must be a list");
  EXPECT_EQ(ClaimsFault(read), read.claims_unusable);
  EXPECT_THAT(CheckRegistrationEvidence(Content(Given("groups", "[]"))),
              testing::IsOk());
}

std::string ManyGroups(int attributes, int groups) {
  std::string out = "[";
  for (int i = 0; i < attributes; ++i) {
    for (int at = 0; at < groups; ++at) {
      absl::StrAppend(&out, out.size() == 1 ? "" : ",", R"({"attribute":"a)", i,
                      R"(","group":"g)", at,
                      R"(","n":4,"tp":1,"fp":1,"fn":1,"tn":1})");
    }
  }
  return out + "]";
}

// As a bundle: anybody may have a draft recomputed.
TEST(RegistrationEvidence, HasSoManyGroupsAtMost) {
  const auto fault = [](int attributes, int groups) {
    return ReadRegistrationEvidence(
               Content(Given("groups", ManyGroups(attributes, groups))))
        .unusable;
  };
  EXPECT_EQ(fault(1, 500), "");
  EXPECT_EQ(fault(1, 501),
            "/fields/groups/value: a grouping has more than 500 groups");
  EXPECT_EQ(fault(4, 250), "");
  EXPECT_EQ(fault(4, 251), "/fields/groups/value: more than 1,000 groups");
  EXPECT_EQ(fault(1, 3'900), "/fields/groups/value: more than 1,000 groups");
}

TEST(RegistrationEvidence, HasNoTotalWhereGroupingsDisagree) {
  const auto read = ReadRegistrationEvidence(Content(Given(
      "groups",
      R"([{"attribute":"a","group":"x","n":4,"tp":1,"fp":1,"fn":1,"tn":1},)"
      R"({"attribute":"b","group":"y","n":5,"tp":2,"fp":1,"fn":1,"tn":1}])")));
  EXPECT_EQ(read.evidence.groupings.size(), 2U);
  EXPECT_FALSE(read.evidence.total.has_value());
}

}  // namespace
}  // namespace limpid::algoregister::evidence
