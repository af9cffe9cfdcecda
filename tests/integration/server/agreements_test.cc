// Agreements, their differences and sharing agreements through a whole server
// over TLS.

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "clients/cpp/catalogue_client.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/governance_client.h"
#include "clients/cpp/reconsent_client.h"
#include "gtest/gtest.h"
#include "tests/integration/server/world_fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr char kName[] = "person.name";

class AgreementsTest : public testing::WorldTest {
 protected:
  void SetUp() override {
    plan_.attributes = {kName};
    service_ = world_.AddService("cinema", plan_);
    agreement_ = world_.AddAgreement(service_, plan_);
    anna_ = world_.AddPerson();
    ASSERT_THAT(anna_->vault().Put(kName, R"({"family":"J","given":"A"})"),
                IsOk());
    anonymous_ = client::Connect(world_.anonymous_channel()).value();
    staff_ = client::Connect(world_.admin_channel()).value();
  }

  vault::v1::Reason ReadReason(const std::string& record) {
    const auto read =
        service_.client->Read({record, plan_.purpose, {kName}, "", ""});
    EXPECT_THAT(read, IsOk());
    return read.ok() ? read->results(0).reason()
                     : vault::v1::REASON_UNSPECIFIED;
  }

  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
  std::string agreement_;
  std::unique_ptr<testing::Person> anna_;
  std::unique_ptr<client::Connection> anonymous_;
  std::unique_ptr<client::Connection> staff_;
};

TEST_F(AgreementsTest, AnybodySeesWhatChangedBetweenVersions) {
  auto request = testing::World::AgreementRequest(service_, plan_);
  request.set_agreement_id(agreement_);
  const std::uint32_t days = request.content().retention_days();
  request.mutable_content()->set_retention_days(days + 1);
  ASSERT_THAT(world_.admin().CreateAgreement(request), IsOk());
  client::CatalogueClient catalogue(*anonymous_);
  const auto diff = catalogue.DiffAgreements(agreement_, 1, 2);
  ASSERT_THAT(diff, IsOk());
  EXPECT_TRUE(diff->material());
  ASSERT_EQ(diff->changes_size(), 1);
  EXPECT_EQ(diff->changes(0).path(), "retention_days");
  EXPECT_EQ(diff->changes(0).kind(),
            consent::v1::AGREEMENT_CHANGE_KIND_WIDENED);
  EXPECT_NE(diff->patch_json().find("/retention_days"), std::string::npos);
  const auto back = catalogue.DiffAgreements(agreement_, 2, 1);
  ASSERT_THAT(back, IsOk());
  EXPECT_FALSE(back->material());
  EXPECT_EQ(catalogue.GetAgreement(agreement_, 2)->version(), 2U);
  EXPECT_THAT(catalogue.DiffAgreements(agreement_, 1, 3),
              StatusIs(absl::StatusCode::kNotFound));
}

// Not only at the first read, when persons have signed for it.
TEST_F(AgreementsTest, AQuestionThatNobodyAnswersIsRefused) {
  testing::AgreementPlan plan = plan_;
  plan.over_18 = true;
  plan.attributes.emplace_back("person.email");
  const testing::ServiceSide bar = world_.AddService("bar", plan);
  plan.attributes.pop_back();
  const auto good = testing::World::AgreementRequest(bar, plan);
  const int at = good.content().lines_size() - 1;
  const auto refusal = [&](const auto& change) {
    auto request = good;
    change(*request.mutable_content()->mutable_lines(at));
    return world_.admin().CreateAgreement(request).status();
  };
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  const std::string path = "lines[" + std::to_string(at) + "].derivation: ";
  EXPECT_THAT(
      refusal([](auto& line) { line.mutable_derivation()->set_version(2); }),
      StatusSays(kInvalid, path + "no vault of this release"));
  EXPECT_THAT(refusal([](auto& line) {
                line.mutable_derivation()->set_parameters_json(R"({"n":999})");
              }),
              StatusSays(kInvalid, path + "parameters_json: n: "));
  EXPECT_THAT(refusal([](auto& line) {
                line.mutable_derivation()->set_name("income_band");
              }),
              StatusSays(kInvalid, path));
  EXPECT_THAT(refusal([](auto& line) { line.set_attribute("person.email"); }),
              StatusSays(kInvalid, path + "the catalogue does not let"));
  EXPECT_THAT(world_.admin().CreateAgreement(good), IsOk());
}

TEST_F(AgreementsTest, EndingASharingAgreementStopsReads) {
  const std::string record = world_.Grant(service_, agreement_, *anna_);
  EXPECT_EQ(ReadReason(record), vault::v1::REASON_UNSPECIFIED);
  client::CatalogueClient catalogue(*anonymous_);
  const auto listed = catalogue.ListSharingAgreements(service_.id);
  ASSERT_THAT(listed, IsOk());
  ASSERT_EQ(listed->size(), 1U);
  client::GovernanceClient governance(*staff_);
  const std::string id = listed->front().sharing_id();
  ASSERT_THAT(governance.EndSharingAgreement(id), IsOk());
  EXPECT_EQ(ReadReason(record), vault::v1::REASON_POLICY);
  ASSERT_THAT(governance.CreateDefaultSharingAgreement(
                  service_.id, listed->front().terms().source_id()),
              IsOk());
  EXPECT_EQ(ReadReason(record), vault::v1::REASON_UNSPECIFIED);
  EXPECT_EQ(catalogue.ListSharingAgreements(service_.id)->size(), 3U);
}

// Income of 2024 only: what a person means by it, from the flag to the answer.
TEST_F(AgreementsTest, ALimitToDaysIsKeptFromPutToRead) {
  auto request = testing::World::AgreementRequest(service_, plan_);
  request.mutable_content()->mutable_data_range()->set_from_date("2024-01-01");
  request.mutable_content()->mutable_data_range()->set_to_date("2024-12-31");
  const auto limited = world_.admin().CreateAgreement(request);
  ASSERT_THAT(limited, IsOk());
  const std::string free = world_.Grant(service_, agreement_, *anna_);
  const std::string record =
      world_.Grant(service_, limited->agreement_id(), *anna_);
  // The one stored at set-up says nothing of its days.
  EXPECT_EQ(ReadReason(record), vault::v1::REASON_NO_VALUE);
  EXPECT_EQ(ReadReason(free), vault::v1::REASON_UNSPECIFIED);
  vault::v1::About about;
  about.set_from_date("2024-05-01");
  about.set_to_date("2024-05-31");
  ASSERT_THAT(
      anna_->vault().Put(kName, R"({"family":"May","given":"A"})", about),
      IsOk());
  about.set_to_date("2025-05-31");
  ASSERT_THAT(
      anna_->vault().Put(kName, R"({"family":"Later","given":"A"})", about),
      IsOk());
  const auto read =
      service_.client->Read({record, plan_.purpose, {kName}, "", ""});
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->results(0).value_json(), R"({"family":"May","given":"A"})");
  EXPECT_EQ(read->results(0).version(), 0U);
  EXPECT_EQ(service_.client->Read({free, plan_.purpose, {kName}, "", ""})
                ->results(0)
                .value_json(),
            R"({"family":"Later","given":"A"})");
  // Stored, not remembered.
  world_.Restart();
  EXPECT_EQ(service_.client->Read({record, plan_.purpose, {kName}, "", ""})
                ->results(0)
                .value_json(),
            R"({"family":"May","given":"A"})");
  EXPECT_EQ(anna_->vault().History(kName)->at(1).about().from_date(),
            "2024-05-01");
}

TEST_F(AgreementsTest, OnlyAdministratorsShare) {
  for (client::Connection* const connection :
       {anonymous_.get(), service_.connection.get()}) {
    client::GovernanceClient governance(*connection);
    const auto refused = governance.EndSharingAgreement("shr_x");
    EXPECT_TRUE(absl::IsPermissionDenied(refused.status()) ||
                absl::IsUnauthenticated(refused.status()));
  }
  client::GovernanceClient governance(*staff_);
  EXPECT_THAT(governance.EndSharingAgreement("shr_x"),
              StatusSays(absl::StatusCode::kInvalidArgument, "sharing_id"));
  consent::v1::CreateSharingAgreementRequest request;
  EXPECT_THAT(
      governance.CreateSharingAgreement(request),
      StatusSays(absl::StatusCode::kInvalidArgument, "terms.source_id"));
}

TEST_F(AgreementsTest, AWiderVersionAsksThePersonAgain) {
  const std::string record = world_.Grant(service_, agreement_, *anna_);
  auto request = testing::World::AgreementRequest(service_, plan_);
  request.set_agreement_id(agreement_);
  request.mutable_content()->add_recipients("A broker");
  request.set_reconsent_grace_days(91);
  EXPECT_THAT(
      world_.admin().CreateAgreement(request),
      StatusSays(absl::StatusCode::kInvalidArgument, "reconsent_grace_days"));
  request.set_reconsent_grace_days(0);
  ASSERT_THAT(world_.admin().CreateAgreement(request), IsOk());
  EXPECT_EQ(ReadReason(record), vault::v1::REASON_NOTICE_OUTDATED);
  const auto campaigns = client::ListCampaigns(*service_.connection);
  ASSERT_THAT(campaigns, IsOk());
  ASSERT_EQ(campaigns->campaigns_size(), 1);
  EXPECT_TRUE(campaigns->campaigns(0).material());
  // Fewer than ten persons are nobody.
  EXPECT_EQ(campaigns->campaigns(0).asked_count(), 0U);
}

TEST_F(AgreementsTest, FormsAreForEverybodyAndRecordsFormsAreNot) {
  client::CatalogueClient catalogue(*anonymous_);
  const auto form = catalogue.GetAgreementForm(agreement_, 1, "nl");
  ASSERT_THAT(form, IsOk());
  EXPECT_NE(form->form_json().find("limpid-consent-form/1"), std::string::npos);
  EXPECT_NE(form->text().find("Withdrawal"), std::string::npos);
  EXPECT_EQ(form->html().find("<script"), std::string::npos);
  EXPECT_THAT(catalogue.GetAgreementForm(agreement_, 2, ""),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_FALSE(client::GetRecordForm(*anonymous_, "rec_x", "").ok());
  EXPECT_FALSE(client::ListReconsents(*service_.connection).ok());
  EXPECT_FALSE(client::ListCampaigns(*anonymous_).ok());
}

TEST_F(AgreementsTest, OneAdministratorNarrowsAndCannotApproveHerOwnWidening) {
  client::CatalogueClient catalogue(*anonymous_);
  client::GovernanceClient governance(*staff_);
  const auto services = world_.admin().ListServices();
  ASSERT_THAT(services, IsOk());
  consent::v1::ProposeServiceChangeRequest request;
  request.set_service_id(service_.id);
  request.set_reason("A new law");
  for (const auto& one : *services) {
    if (one.service_id() != service_.id) continue;
    *request.mutable_limits()->mutable_spki_thumbprints() =
        one.spki_thumbprints();
    *request.mutable_limits()->mutable_ceiling_purposes() =
        one.ceiling_purposes();
    *request.mutable_limits()->mutable_ceiling_attributes() =
        one.ceiling_attributes();
    *request.mutable_limits()->mutable_legal_bases() = one.legal_bases();
  }
  EXPECT_THAT(governance.ProposeServiceChange(request),
              StatusIs(absl::StatusCode::kInvalidArgument));
  request.mutable_limits()->add_ceiling_attributes("health.allergy");
  const auto proposed = governance.ProposeServiceChange(request);
  ASSERT_THAT(proposed, IsOk());
  EXPECT_EQ(proposed->state(), consent::v1::SERVICE_CHANGE_STATE_PROPOSED);
  EXPECT_THAT(governance.ApproveServiceChange(proposed->change_id()),
              StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_THAT(governance.CancelServiceChange(proposed->change_id()), IsOk());
  const auto listed = catalogue.ListServiceChanges();
  ASSERT_THAT(listed, IsOk());
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->front().state(),
            consent::v1::SERVICE_CHANGE_STATE_CANCELLED);
  EXPECT_FALSE(client::GovernanceClient(*service_.connection)
                   .ProposeServiceChange(request)
                   .ok());
}

}  // namespace
}  // namespace limpid
