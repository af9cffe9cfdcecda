#include "consent/agreement/agreement.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "consent/agreement/service.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/fixtures.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using limpid::testing::StatusSays;
using testing::CareAgreement;
using testing::CareContent;
using testing::CareService;
using testing::ThreePurposes;

TEST(Agreement, ReadsBackWhatItStored) {
  AgreementContent content = CareContent();
  content.systems = {testing::IdOf<SystemId>(8)};
  content.ai_training = true;
  content.recipients = {"Regional health service"};
  content.lines[0].operations = {"https://w3id.org/dpv#Use"};
  const Agreement agreement = CareAgreement(content);
  const auto back = ParseAgreement(StoredAgreement(agreement));
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->content, agreement.content);
  EXPECT_EQ(back->hash, agreement.hash);
  EXPECT_EQ(back->id, agreement.id);
  EXPECT_EQ(back->created, agreement.created);
}

TEST(Agreement, HashCoversNoticeServiceAndVersion) {
  const Agreement base = CareAgreement();
  AgreementContent other = CareContent();
  other.notices[0].text += " ";
  EXPECT_NE(CareAgreement(other).hash, base.hash);
  EXPECT_NE(
      MakeAgreement(base.id, 2, base.service, CareContent(), base.created).hash,
      base.hash);
  EXPECT_NE(MakeAgreement(base.id, 1, testing::IdOf<ServiceId>(9),
                          CareContent(), base.created)
                .hash,
            base.hash);
}

TEST(Agreement, RefusesAStoredNoticeThatDoesNotMatchItsHash) {
  std::string stored = StoredAgreement(CareAgreement());
  const auto at = stored.find("We need this");
  ASSERT_NE(at, std::string::npos);
  stored[at] = 'w';
  EXPECT_THAT(ParseAgreement(stored), StatusIs(absl::StatusCode::kDataLoss));
}

struct BadContent {
  std::string path;
  std::function<void(AgreementContent&)> damage;
};

TEST(AgreementContent, NamesTheFieldThatIsWrong) {
  const std::vector<BadContent> cases = {
      {"titles", [](auto& c) { c.titles.clear(); }},
      {"purposes", [](auto& c) { c.purposes.clear(); }},
      {"purposes[1]",
       [](auto& c) { c.purposes.push_back(c.purposes.front()); }},
      {"lines", [](auto& c) { c.lines.clear(); }},
      {"lines[0].attribute", [](auto& c) { c.lines[0].attribute = "Name"; }},
      {"lines[1].attribute",
       [](auto& c) { c.lines[1].attribute = c.lines[0].attribute; }},
      {"lines[1].derivation", [](auto& c) { c.lines[1].derivation = "over"; }},
      {"lines[1].derivation.parameters_json",
       [](auto& c) { c.lines[1].parameters = R"({"n":18,"n":21})"; }},
      {"lines[1].derivation.parameters_json",
       [](auto& c) { c.lines[1].parameters = R"({ "n": 18 })"; }},
      {"lines[0].derivation", [](auto& c) { c.lines[0].derivation = "x/1"; }},
      {"retention_days", [](auto& c) { c.retention_days = 36'526; }},
      {"validity_days", [](auto& c) { c.validity_days = 0; }},
      {"validity_days", [](auto& c) { c.validity_days = 3'654; }},
      {"notices", [](auto& c) { c.notices.clear(); }},
      {"notices[1].language",
       [](auto& c) { c.notices.push_back(c.notices.front()); }},
      {"notices[0].text", [](auto& c) { c.notices[0].text = "\xff"; }},
      {"system_ids", [](auto& c) { c.ai_training = true; }},
  };
  EXPECT_THAT(CheckContent(CareContent()), IsOk());
  for (const BadContent& bad : cases) {
    AgreementContent content = CareContent();
    bad.damage(content);
    EXPECT_THAT(CheckContent(content),
                StatusSays(absl::StatusCode::kInvalidArgument, bad.path + ":"));
  }
}

TEST(AgreementContent, ASignedAnswerStandsBesideNothingThatIsToldLater) {
  const auto attested = [](const std::function<void(AgreementContent&)>& more) {
    AgreementContent content = CareContent();
    content.lines[1].form = receipt::Form::kAttested;
    more(content);
    return CheckContent(content);
  };
  EXPECT_THAT(attested([](auto&) {}), IsOk());
  const auto refused =
      StatusSays(absl::StatusCode::kInvalidArgument, "lines[1].form:");
  EXPECT_THAT(attested([](auto& c) {
                c.systems = {testing::IdOf<SystemId>(8)};
                c.ai_training = true;
              }),
              refused);
  EXPECT_THAT(
      attested([](auto& c) { c.lines[2].form = receipt::Form::kAggregate; }),
      refused);
  EXPECT_THAT(attested([](auto& c) {
                c.basis = receipt::LegalBasis::kLegalObligation;
                c.embargo_days = 10;
              }),
              refused);
  // And it has a question, as a derived one.
  EXPECT_THAT(
      attested([](auto& c) { c.lines[1].derivation.clear(); }),
      StatusSays(absl::StatusCode::kInvalidArgument, "lines[1].derivation:"));
}

TEST(AgreementContent, AcceptsTheLastLineAndRefusesOneMore) {
  AgreementContent content = CareContent();
  while (content.lines.size() < kMaxLines) {
    content.lines.push_back({"a" + std::to_string(content.lines.size()),
                             Necessity::kOptional,
                             receipt::Form::kFull,
                             "",
                             "",
                             {}});
  }
  EXPECT_THAT(CheckContent(content), IsOk());
  content.lines.push_back(
      {"b", Necessity::kOptional, receipt::Form::kFull, "", "", {}});
  EXPECT_THAT(CheckContent(content),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(AgreementContent, AQuestionThatNobodyAnswersIsNotPublished) {
  testing::MemoryStores stores;
  testing::World world(stores);
  AgreementContent content = CareContent();
  content.lines[1].derivation = "over_n/7";
  ASSERT_THAT(CheckContent(content), IsOk());
  const ServiceId service = world.service()->id;
  EXPECT_THAT(world.consent().CreateAgreement(service, std::nullopt, content),
              StatusSays(absl::StatusCode::kInvalidArgument,
                         "lines[1].derivation: nobody"));
  // In a next version neither.
  EXPECT_THAT(
      world.consent().CreateAgreement(service, world.agreement()->id, content),
      StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(Service, ReadsBackWhatItStored) {
  const Service service = CareService();
  const auto back = ParseService(StoredService(service));
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(*back, service);
  EXPECT_THAT(ParseService("{}"), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(Service, RefusesWhatIsOverTheCeiling) {
  const ThreePurposes purposes;
  const Service service = CareService();
  EXPECT_THAT(CheckCeiling(CareContent(), service, purposes), IsOk());
  AgreementContent narrower = CareContent();
  narrower.purposes = {std::string(testing::kHomeCare)};
  EXPECT_THAT(CheckCeiling(narrower, service, purposes), IsOk());
  AgreementContent other = CareContent();
  other.purposes = {std::string(testing::kMarketing)};
  EXPECT_THAT(CheckCeiling(other, service, purposes),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  AgreementContent unknown = CareContent();
  unknown.purposes = {"https://example.org/p#Nothing"};
  EXPECT_THAT(CheckCeiling(unknown, service, purposes),
              StatusIs(absl::StatusCode::kInvalidArgument));
  AgreementContent more = CareContent();
  more.lines[0].attribute = "health.allergy";
  EXPECT_THAT(CheckCeiling(more, service, purposes),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  AgreementContent basis = CareContent();
  basis.basis = receipt::LegalBasis::kPublicTask;
  EXPECT_THAT(CheckCeiling(basis, service, purposes),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(Service, NamesTheFieldThatIsWrong) {
  const ThreePurposes purposes;
  EXPECT_THAT(CheckService(CareService(), purposes), IsOk());
  Service keyless = CareService();
  keyless.keys.clear();
  EXPECT_THAT(
      CheckService(keyless, purposes),
      StatusSays(absl::StatusCode::kInvalidArgument, "spki_thumbprints"));
  Service unknown = CareService();
  unknown.ceiling_purposes = {"x"};
  EXPECT_THAT(
      CheckService(unknown, purposes),
      StatusSays(absl::StatusCode::kInvalidArgument, "ceiling_purposes"));
}

}  // namespace
}  // namespace limpid::consent
