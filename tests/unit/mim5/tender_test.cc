#include "common/mim5/tender.h"

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/mim5/sample.h"

namespace limpid::mim5 {
namespace {

using testing::IsOk;
using testing::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

const Circumstances kToday = {.today = absl::CivilDay(2026, 11, 30)};

// "rule at place" of every failure.
std::vector<std::string> Failures(const Documents& documents,
                                  const Circumstances& circumstances = kToday) {
  std::vector<std::string> out;
  for (const Judgement& one : Judge(DefaultRules(), documents, circumstances)) {
    for (const Finding& finding : one.findings) {
      out.push_back(one.rule.id + " at " + finding.at);
    }
  }
  return out;
}

using Texts = std::vector<std::string>;

TEST(Tender, AGoodVendorPassesAndLinksAreNotChecked) {
  const auto judgements = Judge(DefaultRules(), GoodVendor(), kToday);
  for (const Judgement& one : judgements) {
    const bool links = one.rule.id == "link-reachable";
    EXPECT_EQ(one.outcome, links ? Outcome::kNotChecked : Outcome::kPassed)
        << one.rule.id;
  }
}

struct Case {
  Document document;
  std::string_view at;
  std::string_view put;
  std::string_view failure;
};

TEST(Tender, EachDefaultRuleFindsItsFault) {
  const std::vector<Case> cases = {
      {Document::kAdm, "/decisions/0/level", R"("not_stated")",
       "decision-level-stated at /decisions/0/level"},
      {Document::kAdm, "/decisions", "[]",
       "decision-level-stated at /decisions"},
      {Document::kAdm, "/decisions/0/decides_about_persons", R"("not_stated")",
       "persons-stated at /decisions/0/decides_about_persons"},
      {Document::kAdm, "/complete", "false", "answers-complete at /complete"},
      {Document::kAlgorithms, "/complete", "false",
       "algorithms-complete at /complete"},
      {Document::kCertifications, "/complete", "false",
       "certifications-complete at /complete"},
      {Document::kCertifications, "/validations", "[]",
       "validation-not-refused at /validations"},
      {Document::kAlgorithms, "/algorithms/0/purpose", "{}",
       "algorithms-listed at /algorithms/0/purpose"},
      {Document::kAlgorithms, "/algorithms/0/data", "[]",
       "data-listed at /algorithms/0/data"},
      {Document::kCertifications, "/certifications/0/state", R"("withdrawn")",
       "certificate-not-ended at /certifications/0/state"},
      {Document::kCertifications, "/certifications/0/expires_on",
       R"("2026-11-29")",
       "certificate-not-ended at /certifications/0/expires_on"},
      {Document::kCertifications, "/certifications/0/link/state", R"("broken")",
       "certificate-can-be-seen at /certifications/0/link/state"},
      {Document::kCertifications, "/validations/0/independent_validation",
       R"("refused")",
       "validation-not-refused at /validations/0/independent_validation"},
      {Document::kCertifications, "/validations/0/blocked", "true",
       "validation-not-refused at /validations/0/blocked"},
  };
  for (const Case& one : cases) {
    Documents documents = GoodVendor();
    documents[one.document] =
        With(documents[one.document], one.at, Json(one.put));
    EXPECT_EQ(Failures(documents), Texts{std::string(one.failure)}) << one.at;
  }
}

TEST(Tender, ARefusalCountsWhereItWeighsOrNobodySaysThatItDoesNot) {
  Documents documents = GoodVendor();
  json::Value& certifications = documents[Document::kCertifications];
  certifications = With(certifications, "/validations/0/independent_validation",
                        Json(R"("refused")"));
  const auto fails = [&](std::string_view risk, std::string_view status) {
    json::Value changed =
        With(certifications, "/validations/0/risk", json::Value(risk));
    changed = With(changed, "/validations/0/status", json::Value(status));
    Documents all = documents;
    all[Document::kCertifications] = changed;
    return !Failures(all).empty();
  };
  EXPECT_TRUE(fails("high_risk", "in_use"));
  EXPECT_TRUE(fails("impactful", "in_use"));
  EXPECT_TRUE(fails("not_stated", "not_stated"));
  EXPECT_FALSE(fails("other", "in_use"));
  EXPECT_FALSE(fails("high_risk", "out_of_use"));
}

TEST(Tender, ADocumentThatIsMissingFailsItsRules) {
  Documents documents = GoodVendor();
  documents.erase(Document::kAlgorithms);
  EXPECT_EQ(Failures(documents),
            (Texts{"algorithms-complete at ", "algorithms-listed at ",
                   "data-listed at "}));
}

TEST(Tender, LinksAreJudgedByWhatAnswered) {
  const Documents documents = GoodVendor();
  EXPECT_EQ(LinksOf(DefaultRules(), documents),
            (std::set<std::string, std::less<>>{"https://example.org/c1"}));
  Circumstances asked = kToday;
  asked.links_asked = true;
  EXPECT_EQ(Failures(documents, asked),
            Texts{"link-reachable at /certifications/0/link/url"});
  asked.answered = {"https://example.org/c1"};
  EXPECT_TRUE(Failures(documents, asked).empty());
}

TEST(Tender, AnAddressThatWasLeftOutIsNeitherGoodNorBad) {
  Documents documents = GoodVendor();
  Circumstances asked = kToday;
  asked.links_asked = true;
  asked.unasked = {"https://example.org/c1"};
  const auto of_links = [&] {
    for (const Judgement& one : Judge(DefaultRules(), documents, asked)) {
      if (one.rule.id == "link-reachable") return one;
    }
    return Judgement();
  };
  Judgement judged = of_links();
  EXPECT_EQ(judged.outcome, Outcome::kNotChecked);
  ASSERT_EQ(judged.findings.size(), 1U);
  EXPECT_EQ(judged.findings.front().fault, "addresses that were not asked: 1");
  // One that did not answer fails the rule all the same.
  json::Value& certifications = documents[Document::kCertifications];
  json::Value list = json::Value::Array();
  const json::Value first = *certifications.FindPointer("/certifications/0");
  list.Append(first);
  list.Append(With(first, "/link/url", json::Value("https://example.org/c2")));
  certifications.Set("certifications", std::move(list));
  judged = of_links();
  EXPECT_EQ(judged.outcome, Outcome::kFailed);
  ASSERT_EQ(judged.findings.size(), 2U);
  EXPECT_EQ(judged.findings.front().at, "/certifications/1/link/url");
  EXPECT_EQ(judged.findings.back().fault, "addresses that were not asked: 1");
  asked.answered = {"https://example.org/c2"};
  EXPECT_EQ(of_links().outcome, Outcome::kNotChecked);
}

TEST(Tender, AddressesOfAConditionBeforeAreAskedToo) {
  const auto rules = ReadRules(R"({"schema":"limpid-mim5-rules/1","rules":[
    {"id":"own","title":"What can be seen is valid","document":"certifications",
     "each":"/certifications","when":[{"at":"/link/url","is":"reachable"}],
     "then":[{"at":"/state","is":"one_of","values":["suspended"]}]}]})");
  ASSERT_THAT(rules, IsOk());
  const Documents documents = GoodVendor();
  EXPECT_EQ(LinksOf(*rules, documents).size(), 1U);
  Circumstances asked = kToday;
  asked.links_asked = true;
  EXPECT_EQ(Judge(*rules, documents, asked)[0].outcome, Outcome::kPassed);
  asked.unasked = LinksOf(*rules, documents);
  EXPECT_EQ(Judge(*rules, documents, asked)[0].outcome, Outcome::kNotChecked);
  asked.answered = std::exchange(asked.unasked, {});
  EXPECT_EQ(Judge(*rules, documents, asked)[0].outcome, Outcome::kFailed);
}

TEST(Tender, ReadsRulesOfABuyerAndSaysWhereTheyAreWrong) {
  const auto rules = ReadRules(R"({"schema":"limpid-mim5-rules/1","rules":[
    {"id":"own","title":"Learns nothing in use","document":"algorithms",
     "each":"/algorithms","then":[{"at":"/learning","is":"one_of",
     "values":["none","before_use"]}]}]})");
  ASSERT_THAT(rules, IsOk());
  EXPECT_EQ(Judge(*rules, GoodVendor(), kToday)[0].outcome, Outcome::kPassed);
  Documents documents = GoodVendor();
  documents[Document::kAlgorithms] =
      With(documents[Document::kAlgorithms], "/algorithms/0/learning",
           Json(R"("in_use")"));
  EXPECT_EQ(Judge(*rules, documents, kToday)[0].outcome, Outcome::kFailed);
  for (const std::string_view bad :
       {R"([])", R"({"schema":"limpid-mim5-rules/1","rules":[]})",
        R"({"schema":"limpid-mim5-rules/1","rules":[{"id":"A","title":"t",
            "document":"adm"}]})",
        R"({"schema":"limpid-mim5-rules/1","rules":[{"id":"a","title":"t",
            "document":"other"}]})",
        R"({"schema":"limpid-mim5-rules/1","rules":[{"id":"a","title":"t",
            "document":"adm","then":[{"at":"x","is":"given"}]}]})",
        R"({"schema":"limpid-mim5-rules/1","rules":[{"id":"a","title":"t",
            "document":"adm"},{"id":"a","title":"t","document":"adm"}]})"}) {
    EXPECT_THAT(ReadRules(bad), StatusIs(kInvalid)) << bad;
  }
}

TEST(Tender, AHostileListGivesAFewFindings) {
  Documents documents = GoodVendor();
  json::Value& adm = documents[Document::kAdm];
  const json::Value bad =
      With(*adm.FindPointer("/decisions/0"), "/level", Json(R"("not_stated")"));
  json::Value list = json::Value::Array();
  for (std::size_t i = 0; i < kMaxListed; ++i) list.Append(bad);
  adm.Set("decisions", std::move(list));
  EXPECT_EQ(Failures(documents).size(), kMaxFindings);
}

}  // namespace
}  // namespace limpid::mim5
