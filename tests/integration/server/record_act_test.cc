// The person's further acts over the wire, by a real client under TLS.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/record_act_client.h"
#include "gtest/gtest.h"
#include "limpid/consent/v1/request_syntax_service.pb.h"
#include "tests/integration/server/world_fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid {
namespace {

using testing::IsOk;
using testing::StatusIs;

constexpr char kName[] = "person.name";
constexpr char kEmail[] = "person.email";
constexpr char kBirthDate[] = "person.birth_date";

class RecordActTest : public testing::WorldTest {
 protected:
  void SetUp() override {
    plan_.attributes = {kName, kEmail};
    plan_.over_18 = true;
    service_ = world_.AddService("cinema", plan_);
    // The name is needed, the rest is not.
    auto request = testing::World::AgreementRequest(service_, plan_);
    for (auto& line : *request.mutable_content()->mutable_lines()) {
      if (line.attribute() == kName) continue;
      line.set_necessity(consent::v1::NECESSITY_OPTIONAL);
    }
    const auto made = world_.admin().CreateAgreement(request);
    ASSERT_THAT(made, IsOk());
    agreement_ = made->agreement_id();
    anna_ = world_.AddPerson();
    ASSERT_THAT(anna_->vault().Put(kName, R"({"family":"J","given":"A"})"),
                IsOk());
    ASSERT_THAT(anna_->vault().Put(kEmail, R"("ada@example.org")"), IsOk());
    ASSERT_THAT(anna_->vault().Put(kBirthDate, R"("1990-02-28")"), IsOk());
  }

  std::string Bound() {
    const auto request = service_.client->CreateRequest(agreement_, 1);
    const auto bound = anna_->consent().BindRequest(request->request_code());
    EXPECT_THAT(bound, IsOk());
    return bound.ok() ? bound->record().record_id() : "";
  }
  std::string Granted() {
    std::string record = Bound();
    EXPECT_THAT(
        anna_->consent().Grant(record, {{kName, kEmail, kBirthDate}, "", {}}),
        IsOk());
    return record;
  }
  int AllowedCount(const std::string& record) {
    const auto read = service_.client->Read(
        {record, plan_.purpose, {kName, kBirthDate, kEmail}, "", ""});
    EXPECT_THAT(read, IsOk());
    int out = 0;
    for (const auto& result : read->results()) {
      if (result.verdict() == vault::v1::VERDICT_ALLOWED) ++out;
    }
    return out;
  }

  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
  std::string agreement_;
  std::unique_ptr<testing::Person> anna_;
};

TEST_F(RecordActTest, DeferThenGrantThenNarrow) {
  const std::string record = Bound();
  client::RecordActClient acts(anna_->consent_connection());
  const auto deferred = acts.Defer(record);
  ASSERT_THAT(deferred, IsOk());
  EXPECT_EQ(deferred->state(), consent::v1::RECORD_STATE_DEFERRED);
  ASSERT_THAT(
      anna_->consent().Grant(record, {{kName, kEmail, kBirthDate}, "", {}}),
      IsOk());
  EXPECT_EQ(AllowedCount(record), 3);
  const auto narrowed = acts.Narrow(record, {kName}, std::nullopt);
  ASSERT_THAT(narrowed, IsOk());
  EXPECT_EQ(narrowed->attributes_size(), 1);
  EXPECT_EQ(AllowedCount(record), 1);
  EXPECT_THAT(acts.Narrow(record, {kName, kEmail}, std::nullopt),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  const auto entries = anna_->consent().ListAccesses(record, 10);
  ASSERT_THAT(entries, IsOk());
  EXPECT_EQ((*entries)[1].kind(), consent::v1::ACCESS_KIND_NARROWED);
}

TEST_F(RecordActTest, ARefusalWithADateKeepsTheServiceAway) {
  const std::string record = Bound();
  ASSERT_THAT(
      anna_->consent().Refuse(record, world_.clock().Now() + absl::Hours(24)),
      IsOk());
  const auto again = service_.client->CreateRequest(agreement_, 1);
  ASSERT_THAT(again, IsOk());
  EXPECT_THAT(anna_->consent().BindRequest(again->request_code()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  client::RecordActClient acts(anna_->consent_connection());
  ASSERT_THAT(acts.AllowAskingAgain(record), IsOk());
  EXPECT_THAT(anna_->consent().BindRequest(again->request_code()), IsOk());
}

TEST_F(RecordActTest, ARequestInDcqlAsksForItsLinesOnly) {
  consent::v1::CreateRequestFromSyntaxRequest request;
  request.set_agreement_id(agreement_);
  request.set_agreement_version(1);
  request.set_request_id(std::string(16, 'q'));
  const auto ask = [&] {
    return client::Invoke<consent::v1::CreateRequestFromSyntaxResponse>(
        *service_.connection,
        {"/limpid.consent.v1.RequestSyntaxService/CreateRequestFromSyntax"},
        request);
  };
  EXPECT_THAT(ask(), StatusIs(absl::StatusCode::kInvalidArgument));
  request.set_dcql_query_json(
      R"({"credentials":[{"id":"p","format":"dc+sd-jwt","meta":{},)"
      R"("claims":[{"path":["name"]},{"path":["email"]}]}]})");
  const auto made = ask();
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->attributes_size(), 2);
  const auto bound = anna_->consent().BindRequest(made->request_code());
  ASSERT_THAT(bound, IsOk());
  EXPECT_EQ(bound->record().asked_attributes_size(), 2);
  const std::string record = bound->record().record_id();
  EXPECT_THAT(
      anna_->consent().Grant(record, {{kName, kEmail, kBirthDate}, "", {}}),
      StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_THAT(anna_->consent().Grant(record, {{kName, kEmail}, "", {}}),
              IsOk());
  EXPECT_EQ(AllowedCount(record), 2);
  // The same id with other content, and what does not resolve.
  request.set_authorization_details_json(
      R"([{"type":"limpid_attributes","datatypes":["person.name"]}])");
  EXPECT_THAT(ask(), StatusIs(absl::StatusCode::kAlreadyExists));
  request.set_authorization_details_json(
      R"([{"type":"limpid_attributes","datatypes":["person.x"]}])");
  EXPECT_THAT(ask(), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(RecordActTest, ConsentIsNotObjectedToAndOthersReachNothing) {
  const std::string record = Granted();
  client::RecordActClient acts(anna_->consent_connection());
  const auto objection = acts.Object(record, "my grounds");
  ASSERT_THAT(objection, IsOk());
  EXPECT_NE(objection->refusal().find("withdraw"), std::string::npos);
  const auto bob = world_.AddPerson();
  client::RecordActClient other(bob->consent_connection());
  const auto not_found = StatusIs(absl::StatusCode::kNotFound);
  EXPECT_THAT(other.Defer(record), not_found);
  EXPECT_THAT(other.Narrow(record, {kName}, std::nullopt), not_found);
  EXPECT_THAT(other.Object(record, ""), not_found);
  EXPECT_THAT(other.AllowAskingAgain(record), not_found);
  EXPECT_EQ(AllowedCount(record), 3);
}

TEST_F(RecordActTest, AnAgreementCarriesItsLimitsOrIsRefused) {
  auto request = testing::World::AgreementRequest(service_, plan_);
  consent::v1::AgreementContent& content = *request.mutable_content();
  content.mutable_use_frequency()->set_use_count_max(2);
  content.mutable_use_frequency()->set_period_seconds(3'600);
  const auto made = world_.admin().CreateAgreement(request);
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->content().use_frequency().period_seconds(), 3'600U);
  EXPECT_THAT(client::CheckAgreement(*made), IsOk());
  content.mutable_use_frequency()->set_period_seconds(59);
  EXPECT_THAT(world_.admin().CreateAgreement(request),
              StatusIs(absl::StatusCode::kInvalidArgument));
  content.mutable_use_frequency()->Clear();
  EXPECT_THAT(world_.admin().CreateAgreement(request),
              StatusIs(absl::StatusCode::kInvalidArgument));
  content.clear_use_frequency();
  content.mutable_data_range()->set_from_date("2026-01-01");
  const auto limited = world_.admin().CreateAgreement(request);
  ASSERT_THAT(limited, IsOk());
  EXPECT_EQ(limited->content().data_range().from_date(), "2026-01-01");
  EXPECT_THAT(client::CheckAgreement(*limited), IsOk());
  content.mutable_data_range()->set_to_date("2025-12-31");
  EXPECT_THAT(world_.admin().CreateAgreement(request),
              StatusIs(absl::StatusCode::kInvalidArgument));
  content.clear_data_range();
  content.set_atomic(true);
  EXPECT_THAT(world_.admin().CreateAgreement(request),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace limpid
