// MIM5, fairness: what an evaluation claims is recomputed from its counts, and
// the results of a system are held against those of people.

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/evidence_client.h"
#include "common/base/bytes.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"
#include "common/json/value.h"
#include "gtest/gtest.h"
#include "tests/conformance/mim5/rows.h"
#include "tests/conformance/mim5/target.h"
#include "tests/testing/status_matchers.h"

namespace limpid::mim5 {
namespace {

using json::Value;
using testing::IsOk;
using testing::StatusIs;

constexpr auto kEvaluation = v1::REGISTRATION_KIND_EVALUATION;

// Women: 40 of 100 chosen, 30 of 50 who deserved it. Men: 60 of 100, 40 of 50.
constexpr std::string_view kGroups =
    R"([{"attribute":"sex","fn":20,"fp":10,"group":"f","n":100,"tn":40,)"
    R"("tp":30},{"attribute":"sex","fn":10,"fp":20,"group":"m","n":100,)"
    R"("tn":30,"tp":40}])";
constexpr std::string_view kReference = R"([{"attribute":"sex","group":"m"}])";
// Demographic parity, equal opportunity, equalised odds, parity of predictive
// value, accuracy: worked out by hand from the counts above. The last is not
// what they say.
constexpr std::string_view kClaims =
    R"([{"attribute":"sex","metric":"dp_difference","value":0.2},)"
    R"({"attribute":"sex","metric":"eo_opportunity","value":0.2},)"
    R"({"attribute":"sex","metric":"eq_odds","value":0.2},)"
    R"({"attribute":"sex","group":"f","metric":"ppv","value":0.75},)"
    R"({"attribute":"sex","group":"f","metric":"accuracy","value":0.7},)"
    R"({"attribute":"sex","decimals":2,"group":"f","metric":)"
    R"("dp_difference_signed","value":0.2}])";

Value Parsed(std::string_view text) { return json::ParseStrict(text).value(); }

TEST_F(Mim5, FairnessIsRecomputedFromCounts) {
  Cite({"L:F-1", kMims2022, "fairness is recomputed from counts"});
  const std::string dataset =
      Publish(v1::REGISTRATION_KIND_DATASET, Content("Cases of 2025"));
  Value report = Content("Test of the choice");
  Set(report, "datasets", Value(std::vector<Value>{Value(dataset)}));
  Set(report, "groups", Parsed(kGroups));
  Set(report, "reference_groups", Parsed(kReference));
  Set(report, "claims", Parsed(kClaims));
  Set(report, "favourable", Value("positive"));
  Set(report, "parity_tau", Parsed("0.8"));
  const std::string id = Publish(kEvaluation, report);

  client::EvidenceClient evidence(*anonymous_);
  const auto marks = evidence.Get(id, 0);
  ASSERT_THAT(marks, IsOk());
  EXPECT_EQ(marks->source(), v1::EVIDENCE_SOURCE_COUNTS);
  ASSERT_EQ(marks->claims_size(), 6);
  for (const v1::CheckedClaim& claim : marks->claims()) {
    const bool is_false = claim.metric_id() == "dp_difference_signed";
    EXPECT_EQ(claim.mark(), is_false ? v1::EVIDENCE_MARK_DIFFERS
                                     : v1::EVIDENCE_MARK_RECOMPUTED)
        << claim.metric_id() << " " << claim.recomputed();
  }
  // What it should have said: women are chosen less often.
  EXPECT_NEAR(marks->claims(5).recomputed(), -0.2, 1e-12);
  EXPECT_EQ(marks->marks().differs(), 1);

  // The report is of groups with sizes, a threshold and a set of data.
  v1::RecomputeEvaluationRequest request;
  request.set_registration_id(id);
  const auto all = evidence.Recompute(request);
  ASSERT_THAT(all, IsOk());
  ASSERT_EQ(all->groups_size(), 2);
  EXPECT_EQ(all->groups(0).n() + all->groups(1).n(), 200);
  bool judged = false;
  for (const v1::MetricValue& value : all->metrics()) {
    if (value.metric_id() != "dp_ratio") continue;
    judged = true;
    EXPECT_NEAR(value.value(), 40.0 / 60, 1e-12);
    EXPECT_FALSE(value.parity());
  }
  EXPECT_TRUE(judged);
  EXPECT_EQ(Public(id).FindPointer("/fields/datasets/value/0")->string(),
            dataset);
  // Counts that do not add up are no evidence.
  Value broken = Parsed(kGroups);
  Value first = broken.elements()[0];
  first.Set("n", Value(99));
  Set(report, "groups", Value(std::vector<Value>{first, broken.elements()[1]}));
  const auto odd = TryPublish(kEvaluation, report);
  if (odd.ok()) {
    const auto unchecked = evidence.Get(odd->registration_id(), 0);
    ASSERT_THAT(unchecked, IsOk());
    EXPECT_EQ(unchecked->marks().recomputed(), 0);
    EXPECT_FALSE(unchecked->remark().empty());
  }
}

TEST_F(Mim5, ASystemIsComparedWithPeopleOverTheSameCases) {
  Cite({"L:API-4", kMims2022,
        "two result sets over the same cases are compared"});
  constexpr std::string_view kSystem =
      "case,result,sex\n1,grant,f\n2,refuse,f\n3,grant,m\n4,grant,m\n";
  constexpr std::string_view kPeople =
      "case,result\n4,grant\n3,grant\n2,grant\n1,grant\n";
  client::EvidenceClient evidence(*anonymous_);
  const auto compared = evidence.Compare(kSystem, kPeople);
  ASSERT_THAT(compared, IsOk());
  std::map<std::string, double> rates;
  for (const v1::GroupAgreement& one : compared->agreements()) {
    rates[one.group()] = one.rate();
  }
  EXPECT_EQ(rates, (std::map<std::string, double>{
                       {"", 0.75}, {"f", 0.5}, {"m", 1.0}}));
  for (const auto& [set, digest] :
       {std::pair(kSystem, compared->left_digest()),
        std::pair(kPeople, compared->right_digest())}) {
    EXPECT_EQ(digest,
              "sha256:" + base::HexEncode(crypto::Sha256(base::AsBytes(set))));
  }
  // Asked again it says the same.
  const auto again = evidence.Compare(kSystem, kPeople);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->SerializeAsString(), compared->SerializeAsString());
  // Other cases are nothing to compare with.
  EXPECT_THAT(evidence.Compare(kSystem, "case,result\n1,grant\n5,grant\n"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace limpid::mim5
