// MIM4 where a source is somebody else's: an agency's register that the vault
// asks over the network, on behalf of nobody without a permission.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clients/cpp/record_act_client.h"
#include "common/rpc/tls13.h"
#include "gtest/gtest.h"
#include "tests/conformance/mim4/rows.h"
#include "tests/conformance/mim4/target.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/world/agency_beside.h"

namespace limpid::mim4 {
namespace {

using limpid::testing::IsOk;

constexpr char kIncome[] = "income.annual";
constexpr char kNeeds[] =
    R"({"name":"energy allowance","needs":{)"
    R"("household.size":{"at_least":3},)"
    R"("income.annual":{"at_most":35000,"currency":"EUR"}}})";

class Mim4Sources : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { rpc::RequireTls13(); }

  Mim4Sources()
      : world_(directory_.path() / "limpid", testing::InProcess()),
        beside_(world_, directory_.path()),
        person_(world_.AddPerson()) {
    plan_.purpose = kPurpose;
    beside_.agency().Hold("s-ada", kIncome,
                          R"({"amount":30000,"currency":"EUR","year":2025})");
    beside_.Link("s-ada", *person_, {kIncome});
    EXPECT_THAT(person_->vault().Put(kSize, "3"), IsOk());
  }

  // One question over both, which are required together.
  std::string AddEntitlement() {
    plan_.attributes = {kIncome, kSize};
    service_ = world_.AddService("allowances", plan_);
    auto request = testing::World::AgreementRequest(service_, plan_);
    for (auto& line : *request.mutable_content()->mutable_lines()) {
      line.set_necessity(consent::v1::NECESSITY_REQUIRED);
      line.set_form(consent::v1::FORM_DERIVED);
      line.mutable_derivation()->set_name("has_entitlement");
      line.mutable_derivation()->set_version(1);
      line.mutable_derivation()->set_parameters_json(kNeeds);
    }
    const auto made = world_.admin().CreateAgreement(request);
    EXPECT_THAT(made, IsOk());
    return made.ok() ? made->agreement_id() : "";
  }

  vault::v1::ReadAttributesResponse Read(
      const std::string& record, const std::vector<std::string>& attributes,
      const std::string& purpose = kPurpose) {
    const auto read =
        service_.client->Read({record, purpose, attributes, "", ""});
    return read.ok() ? *read : vault::v1::ReadAttributesResponse();
  }
  static bool Any(const vault::v1::ReadAttributesResponse& read) {
    for (const auto& result : read.results()) {
      if (result.verdict() == vault::v1::VERDICT_ALLOWED) return true;
    }
    return false;
  }

  testing::TempDir directory_;
  testing::World world_;
  testing::AgencyBeside beside_;
  std::unique_ptr<testing::Person> person_;
  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
};

TEST_F(Mim4Sources, NobodyIsAskedAboutHerWithoutAPermission) {
  Cite({"L:CS-01", kConnectivity, "no permission, no call of the source"});
  plan_.attributes = {kIncome, kSize};
  service_ = world_.AddService("bank", plan_);
  const std::string agreement = world_.AddAgreement(service_, plan_);
  const auto request = service_.client->CreateRequest(agreement, 1);
  ASSERT_THAT(request, IsOk());
  const auto bound = person_->consent().BindRequest(request->request_code());
  ASSERT_THAT(bound, IsOk());
  const std::string record = bound->record().record_id();
  const auto calls = [this] { return beside_.agency().question_count(); };
  // Asked for, and not answered yet.
  EXPECT_FALSE(Any(Read(record, {kIncome})));
  // Another attribute than was granted.
  ASSERT_THAT(person_->consent().Grant(record, {{kSize}, "", {}}), IsOk());
  EXPECT_TRUE(Any(Read(record, {kIncome, kSize})));
  EXPECT_EQ(calls(), 0U);
  const std::string granted = world_.Grant(service_, agreement, *person_);
  // Another purpose, another service's record.
  EXPECT_FALSE(Any(Read(granted, {kIncome}, "https://w3id.org/dpv#Marketing")));
  testing::ServiceSide other = world_.AddService("insurer", plan_);
  std::swap(service_, other);
  EXPECT_FALSE(Any(Read(granted, {kIncome})));
  std::swap(service_, other);
  // Disabled for a while.
  ASSERT_THAT(person_->consent().Pause(granted), IsOk());
  EXPECT_FALSE(Any(Read(granted, {kIncome})));
  EXPECT_EQ(calls(), 0U);
  ASSERT_THAT(person_->consent().Resume(granted), IsOk());
  EXPECT_TRUE(Any(Read(granted, {kIncome})));
  EXPECT_EQ(calls(), 1U);
  // Over.
  ASSERT_THAT(person_->consent().Withdraw(granted), IsOk());
  EXPECT_FALSE(Any(Read(granted, {kIncome})));
  EXPECT_EQ(calls(), 1U);
}

TEST_F(Mim4Sources, OnePermissionOverTwoSourcesAnswersWithoutTheInputs) {
  Cite({"v8 C1", kVersion8, "one permission over several sources is atomic"});
  const std::string agreement = AddEntitlement();
  const std::string record = world_.Grant(service_, agreement, *person_);
  const auto read = Read(record, {kIncome, kSize});
  ASSERT_EQ(read.results_size(), 2);
  for (const auto& result : read.results()) {
    EXPECT_EQ(result.verdict(), vault::v1::VERDICT_ALLOWED);
    EXPECT_EQ(result.value_json(), "true");
  }
  EXPECT_EQ(read.SerializeAsString().find("30000"), std::string::npos);
  // One part alone is no permission and asks no source,
  EXPECT_FALSE(Any(Read(record, {kIncome})));
  EXPECT_EQ(beside_.agency().question_count(), 1U);
  // she cannot leave one out, then or later,
  const auto request = service_.client->CreateRequest(agreement, 1);
  ASSERT_THAT(request, IsOk());
  const auto bound = person_->consent().BindRequest(request->request_code());
  ASSERT_THAT(bound, IsOk());
  EXPECT_FALSE(person_->consent()
                   .Grant(bound->record().record_id(), {{kSize}, "", {}})
                   .ok());
  client::RecordActClient acts(person_->consent_connection());
  EXPECT_FALSE(acts.Narrow(record, {kSize}, std::nullopt).ok());
  // and what she takes back is the whole.
  ASSERT_THAT(person_->consent().Withdraw(record), IsOk());
  EXPECT_FALSE(Any(Read(record, {kIncome, kSize})));
  EXPECT_FALSE(Any(Read(record, {kSize})));
  EXPECT_EQ(beside_.agency().question_count(), 1U);
}

}  // namespace
}  // namespace limpid::mim4
