// Agreements, their differences and sharing agreements through a whole server
// over TLS.

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "clients/cpp/catalogue_client.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/governance_client.h"
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

}  // namespace
}  // namespace limpid
