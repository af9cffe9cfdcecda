// MIM5, row by row, as a publisher and a buyer meet it over the network. What
// no case here can answer yet is in pending_rows.cc.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/json/json.h"
#include "common/json/value.h"
#include "common/mim5/document.h"
#include "common/mim5/tender.h"
#include "common/tlog/policy.h"
#include "gtest/gtest.h"
#include "tests/conformance/mim5/rows.h"
#include "tests/conformance/mim5/target.h"
#include "tests/testing/status_matchers.h"

namespace limpid::mim5 {
namespace {

using json::Value;
using testing::IsOk;
using testing::StatusIs;

constexpr auto kSystem = v1::REGISTRATION_KIND_SYSTEM;
constexpr auto kDeployment = v1::REGISTRATION_KIND_DEPLOYMENT;
constexpr auto kCertification = v1::REGISTRATION_KIND_CERTIFICATION;

TEST_F(Mim5, RuleBasedSoftwareIsRegisteredAndExemptFromNothing) {
  Cite({"definition", kMims2022,
        "software that never learns is registered like any other"});
  Value content = Content("Rules of the parking permit");
  Set(content, "learning", Value("none"));
  const std::string id = Publish(kSystem, content);
  const auto algorithms = answers_.Algorithms(id);
  ASSERT_THAT(algorithms, IsOk());
  ASSERT_EQ(algorithms->algorithms_size(), 1);
  EXPECT_EQ(algorithms->algorithms(0).learning(), "none");
  // Without what is asked of everything it is refused, as what learns is.
  for (const std::string_view learning : {"none", "in_use"}) {
    Value bare = Value::Object(
        {{"aliases", Value::Array()}, {"fields", Value::Object()}});
    Set(bare, "learning", Value(learning));
    EXPECT_THAT(TryPublish(kSystem, bare),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << learning;
  }
}

TEST_F(Mim5, WhatRefusesValidationIsNotInUseWhereItWeighs) {
  Cite({"L:AC-2", kMims2022,
        "no shielding from validation in use; an exception is public"});
  Value system = Content("Shielded");
  Set(system, "independent_validation", Value("refused"));
  const std::string id = Publish(kSystem, system);
  Value use = Content("Use of what is shielded");
  Set(use, "system", Value(id));
  Set(use, "status", Value("in_use"));
  for (const std::string_view category : {"high_risk", "impactful"}) {
    Set(use, "publication_category", Value(category));
    EXPECT_THAT(TryPublish(kDeployment, use),
                StatusIs(absl::StatusCode::kFailedPrecondition))
        << category;
  }
  SetText(use, "refused_validation_accepted", "Until its contract ends.");
  const std::string accepted = Publish(kDeployment, use);
  const auto answer = answers_.Certifications(accepted);
  ASSERT_THAT(answer, IsOk());
  const v1::Mim5Validation& shown = answer->validations(0);
  EXPECT_EQ(shown.independent_validation(), "refused");
  EXPECT_TRUE(shown.blocked());
  EXPECT_EQ(shown.accepted_because().at("en").text(),
            "Until its contract ends.");
  // A buyer is told whatever the body accepted.
  const auto documents = answers_.Documents(accepted);
  ASSERT_THAT(documents, IsOk());
  bool failed = false;
  for (const Judgement& one : Judge(DefaultRules(), *documents,
                                    {.today = absl::CivilDay(2026, 11, 30)})) {
    if (one.rule.id != "validation-not-refused") continue;
    failed = one.outcome == Outcome::kFailed;
  }
  EXPECT_TRUE(failed);
}

TEST_F(Mim5, TheThreeQuestionsAreAnsweredToAnybody) {
  Cite({"L:API-1...3", kMims2022,
        "three questions, seven answers, each naming schema and version"});
  Value system = Content("Adviser");
  SetText(system, "description", "Advises who opens a letter.");
  SetText(system, "methods", "Rules.");
  Set(system, "decision_level", Value("support"));
  Set(system, "decides_about_persons", Value("yes"));
  const std::string id = Publish(kSystem, system);
  const auto adm = answers_.AutomatedDecisionMaking(id);
  ASSERT_THAT(adm, IsOk());
  EXPECT_EQ(adm->uses_automated_decision_making(), "yes");
  EXPECT_EQ(adm->level(), "support");
  EXPECT_EQ(adm->schema(), "limpid-mim5-adm/1");
  const auto algorithms = answers_.Algorithms(id);
  ASSERT_THAT(algorithms, IsOk());
  EXPECT_EQ(algorithms->schema(), "limpid-mim5-algorithms/1");
  EXPECT_EQ(algorithms->algorithms(0).purpose().at("en").text(),
            "Advises who opens a letter.");
  const auto certifications = answers_.Certifications(id);
  ASSERT_THAT(certifications, IsOk());
  EXPECT_EQ(certifications->schema(), "limpid-mim5-certifications/1");
  // The documents are valid, and say what the fields say.
  const auto documents = answers_.Documents(id);
  ASSERT_THAT(documents, IsOk());
  const auto document = ReadDocument(Document::kAdm, adm->document_json());
  ASSERT_THAT(document, IsOk());
  EXPECT_EQ(*document->GetString("level"), adm->level());
  EXPECT_EQ(document->FindPointer("/decisions/0/about/id")->string(),
            adm->decisions(0).about().id());
  EXPECT_EQ(json::Canonical(*document), adm->document_json());
}

TEST_F(Mim5, CertificationsAreARegistryWithEndsAndLinks) {
  Cite({"L:API-3 certification", kMims2022,
        "certifications with link, registry, signature, ended ones marked"});
  const std::string system = Publish(kSystem, Content("Certified"));
  const auto certify = [&](std::string_view title, std::string_view until,
                           std::string_view link_state) {
    Value content = Content(title);
    Set(content, "system", Value(system));
    Set(content, "certifier", Value("Examiners"));
    Set(content, "scheme", Value("ISO/IEC 42001"));
    Set(content, "result", Value("certified"));
    Set(content, "expires_on", Value(until));
    Set(content, "link", Value("https://example.org/certificate"));
    Set(content, "link_state", Value(link_state));
    Set(content, "registry", Value("https://example.org/registry"));
    return Publish(kCertification, content);
  };
  const std::string ended = certify("Ended", "2020-12-31", "broken");
  const std::string holds = certify("Holds", "2099-12-31", "works");
  const auto answer = answers_.Certifications(system);
  ASSERT_THAT(answer, IsOk());
  ASSERT_EQ(answer->certifications_size(), 2);
  for (const v1::Mim5Certification& one : answer->certifications()) {
    const bool over = one.id() == ended;
    EXPECT_TRUE(over || one.id() == holds);
    EXPECT_EQ(one.state(), over ? "expired" : "valid");
    EXPECT_EQ(one.link().state(), over ? "broken" : "works");
    EXPECT_EQ(one.registry(), "https://example.org/registry");
  }
  // Each is a version that its publisher signed, in the log.
  const auto policy = tlog::Policy::ForLog(register_.LogInfo()->vkey());
  ASSERT_THAT(policy, IsOk());
  EXPECT_THAT(register_.GetChecked(ended, 0, *policy), IsOk());
  EXPECT_THAT(register_.GetChecked(holds, 0, *policy), IsOk());
}

TEST_F(Mim5, WhatWasPublishedStaysAndChangesAreDated) {
  Cite({"register integrity", kOwn,
        "versions are logged, diffable and never go; withdrawal is seen"});
  Value content = Content("First title");
  const std::string id = Publish(kSystem, content);
  SetText(content, "title", "Second title");
  ASSERT_THAT(TryUpdate(id, content), IsOk());
  const auto diff = register_.Diff(id, 1, 2);
  ASSERT_THAT(diff, IsOk());
  ASSERT_EQ(diff->changes_size(), 1);
  EXPECT_EQ(diff->changes(0).before(), "en: First title");
  v1::PrepareVersionRequest retire;
  retire.set_reason("out of use");
  retire.mutable_retire()->set_registration_id(id);
  client::PublisherClient publisher(*publisher_.connection, publisher_.key);
  ASSERT_THAT(publisher.Publish(retire), IsOk());
  EXPECT_THAT(TryUpdate(id, content),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  const auto history = register_.History(id);
  ASSERT_THAT(history, IsOk());
  ASSERT_EQ(history->size(), 3U);
  const auto policy = tlog::Policy::ForLog(register_.LogInfo()->vkey());
  ASSERT_THAT(policy, IsOk());
  for (std::int64_t version = 1; version <= 3; ++version) {
    const auto checked = register_.GetChecked(id, version, *policy);
    ASSERT_THAT(checked, IsOk());
    EXPECT_GT(checked->version.draft_time().seconds(), 0);
  }
}

}  // namespace
}  // namespace limpid::mim5
