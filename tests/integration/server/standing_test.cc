// Standing permissions over the wire, by real clients under TLS.

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "clients/cpp/standing_client.h"
#include "gtest/gtest.h"
#include "tests/integration/server/world_fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr char kName[] = "person.name";

class StandingRpcTest : public testing::WorldTest {
 protected:
  void SetUp() override {
    plan_.attributes = {kName};
    service_ = world_.AddService("library", plan_);
    agreement_ = world_.AddAgreement(service_, plan_);
    anna_ = world_.AddPerson();
    bob_ = world_.AddPerson();
    ASSERT_THAT(anna_->vault().Put(kName, R"({"family":"J","given":"A"})"),
                IsOk());
  }

  receipt::StandingPermission Terms() {
    receipt::StandingPermission out;
    out.person = anna_->consent().GetAccount()->person_id();
    out.class_name = "libraries";
    out.members = {service_.id};
    out.purposes = {plan_.purpose};
    out.lines = {{.attribute = kName, .form = receipt::Form::kFull}};
    const auto content =
        testing::World::AgreementRequest(service_, plan_).content();
    out.recipients = {content.recipients().begin(), content.recipients().end()};
    out.language = content.notices(0).language();
    out.retention_days = content.retention_days();
    out.validity_days = content.validity_days();
    out.from = absl::FromUnixMillis(absl::ToUnixMillis(world_.clock().Now()));
    out.until = out.from + absl::Hours(24 * 30);
    return out;
  }
  client::StandingClient ClientOf(testing::Person& person) {
    return {person.consent_connection(), person.key(), world_.trust(),
            world_.clock()};
  }
  consent::v1::Record Bind(const std::string& agreement) {
    const auto request = service_.client->CreateRequest(agreement, 1);
    const auto bound = anna_->consent().BindRequest(request->request_code());
    EXPECT_THAT(bound, IsOk());
    return bound.ok() ? bound->record() : consent::v1::Record();
  }
  bool Allowed(const std::string& record) {
    const auto read =
        service_.client->Read({record, plan_.purpose, {kName}, "", ""});
    EXPECT_THAT(read, IsOk());
    return read.ok() &&
           read->results(0).verdict() == vault::v1::VERDICT_ALLOWED;
  }

  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
  std::string agreement_;
  std::unique_ptr<testing::Person> anna_;
  std::unique_ptr<testing::Person> bob_;
};

TEST_F(StandingRpcTest, IsMadeUsedEndedAndItsGrantsWithdrawnInOneCall) {
  client::StandingClient standing = ClientOf(*anna_);
  const auto made = standing.Create(Terms());
  ASSERT_THAT(made, IsOk());
  EXPECT_TRUE(made->live());
  const consent::v1::Record record = Bind(agreement_);
  EXPECT_EQ(record.state(), consent::v1::RECORD_STATE_GRANTED);
  EXPECT_EQ(record.standing_permission_id(), made->standing_permission_id());
  EXPECT_TRUE(record.grant_key().empty());
  EXPECT_TRUE(Allowed(record.record_id()));
  // The device verifies it like any other.
  EXPECT_THAT(anna_->consent().GetReceipt(record.record_id()), IsOk());
  const auto list = standing.List();
  ASSERT_THAT(list, IsOk());
  ASSERT_EQ(list->size(), 1U);
  EXPECT_EQ(list->front().records_size(), 1);

  const std::string id = made->standing_permission_id();
  ASSERT_THAT(standing.End(id, false), IsOk());
  EXPECT_TRUE(Allowed(record.record_id()));
  EXPECT_EQ(Bind(agreement_).state(), consent::v1::RECORD_STATE_REQUESTED);
  const auto ended = standing.End(id, true);
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->records(0).state(), consent::v1::RECORD_STATE_WITHDRAWN);
  EXPECT_FALSE(Allowed(record.record_id()));
  const auto receipt = anna_->consent().GetReceipt(record.record_id());
  ASSERT_THAT(receipt, IsOk());
}

TEST_F(StandingRpcTest, OneDifferenceAsksAndSaysWhich) {
  ASSERT_THAT(ClientOf(*anna_).Create(Terms()), IsOk());
  auto request = testing::World::AgreementRequest(service_, plan_);
  request.mutable_content()->set_retention_days(
      request.content().retention_days() + 1);
  const auto longer = world_.admin().CreateAgreement(request);
  ASSERT_THAT(longer, IsOk());
  const consent::v1::Record record = Bind(longer->agreement_id());
  EXPECT_EQ(record.state(), consent::v1::RECORD_STATE_REQUESTED);
  EXPECT_NE(record.asks_because().find("keeps the data longer"),
            std::string::npos);
  // She answers as ever.
  ASSERT_THAT(anna_->consent().Grant(record.record_id(), {{kName}, "", {}}),
              IsOk());
  EXPECT_TRUE(Allowed(record.record_id()));
}

TEST_F(StandingRpcTest, SpecialCategoriesAndForgeriesAreRefused) {
  client::StandingClient standing = ClientOf(*anna_);
  receipt::StandingPermission terms = Terms();
  terms.lines[0].attribute = "person.unknown";
  EXPECT_THAT(standing.Create(terms),
              StatusSays(absl::StatusCode::kInvalidArgument, "special"));
  // Bob over anna, as himself and with her text.
  EXPECT_THAT(ClientOf(*bob_).Create(Terms()),
              StatusSays(absl::StatusCode::kInvalidArgument, "person"));
  const auto made = standing.Create(Terms());
  ASSERT_THAT(made, IsOk());
  EXPECT_THAT(ClientOf(*bob_).End(made->standing_permission_id(), true),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_TRUE(ClientOf(*bob_).List()->empty());
}

}  // namespace
}  // namespace limpid
