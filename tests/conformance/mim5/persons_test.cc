// MIM5, explanation at individual level: a body tells a person how a decision
// about her came about, and she recomputes it from what her own log and vault
// say.

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/decision_notice_client.h"
#include "clients/cpp/wire_time.h"
#include "common/base/bytes.h"
#include "common/crypto/random.h"
#include "common/tlog/policy.h"
#include "gtest/gtest.h"
#include "tests/conformance/mim5/rows.h"
#include "tests/conformance/mim5/target.h"
#include "tests/testing/status_matchers.h"

namespace limpid::mim5 {
namespace {

using testing::IsOk;
using testing::StatusIs;

constexpr const char* kBirthDate = "person.birth_date";
constexpr const char* kSize = "household.size";

// The demo model: rules, the same for everybody who runs them.
struct Decision {
  std::string outcome;
  std::vector<std::string> factors;
};
Decision Decide(std::string_view birth_date_json, std::string_view size_json) {
  Decision out;
  const bool young = birth_date_json > "\"2000";
  const bool many = size_json != "1" && size_json != "2";
  out.outcome = young && many ? "granted" : "refused";
  out.factors.emplace_back(young ? "born in 2000 or later"
                                 : "born before 2000");
  out.factors.emplace_back(many ? "three or more in the household"
                                : "fewer than three in the household");
  return out;
}

// A service that may read both, and a person who has both and allowed it.
class Mim5Decision : public Mim5 {
 protected:
  void SetUp() override {
    plan_.attributes = {kBirthDate, kSize};
    service_ = Server().AddService(
        "mim5-" + base::HexEncode(crypto::RandomArray<8>()), plan_);
    const std::string agreement = Server().AddAgreement(service_, plan_);
    person_ = Server().AddPerson();
    ASSERT_THAT(person_->vault().Put(kBirthDate, R"("2001-05-17")"), IsOk());
    ASSERT_THAT(person_->vault().Put(kSize, "2"), IsOk());
    record_ = Server().Grant(service_, agreement, *person_);
    deployment_ = Publish(v1::REGISTRATION_KIND_DEPLOYMENT,
                          Content("Grants for young families"));
  }

  // What the body reads, decides and tells; the notice's id.
  std::string DecideAndTell() {
    const auto read = service_.client->Read(
        {record_, plan_.purpose, {kBirthDate, kSize}, "", ""});
    EXPECT_THAT(read, IsOk());
    if (!read.ok() || read->results_size() != 2) return "";
    const Decision made =
        Decide(read->results(0).value_json(), read->results(1).value_json());
    consent::v1::DecisionContent content;
    content.set_deployment_id(deployment_);
    content.set_deployment_version(1);
    *content.mutable_decision_time() = client::ToWire(Server().clock().Now());
    for (const auto& result : read->results()) {
      content.add_inputs(result.attribute());
    }
    for (const std::string& factor : made.factors) content.add_factors(factor);
    content.set_contact("Counter 4, town hall");
    content.set_objection("Write to counter 4 within six weeks.");
    content.set_outcome(made.outcome);
    const auto sent =
        client::SendDecisionNotice(*service_.connection, record_, content);
    EXPECT_THAT(sent, IsOk());
    return sent.value_or("");
  }

  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
  std::unique_ptr<testing::Person> person_;
  std::string record_;
  std::string deployment_;
};

TEST_F(Mim5Decision, IsExplainedToHerAloneAndCanBeRecomputed) {
  Cite({"L:TE-1", kMims2022,
        "a decision is explained to the person it is about"});
  const std::string id = DecideAndTell();
  client::DecisionNoticeClient hers(person_->consent_connection());
  const auto notice = hers.Get(id);
  ASSERT_THAT(notice, IsOk());
  const consent::v1::DecisionContent& told = notice->content();
  EXPECT_EQ(told.contact(), "Counter 4, town hall");
  EXPECT_FALSE(told.objection().empty());
  // The version that decided is the one everybody can check.
  const auto policy = tlog::Policy::ForLog(register_.LogInfo()->vkey());
  ASSERT_THAT(policy, IsOk());
  EXPECT_THAT(register_.GetChecked(told.deployment_id(),
                                   told.deployment_version(), *policy),
              IsOk());

  // Her log names the inputs that the notice names, and with her own values
  // the same rules say the same.
  std::set<std::string> logged;
  const auto entries = person_->consent().ListAccesses(record_, 100);
  ASSERT_THAT(entries, IsOk());
  for (const auto& entry : *entries) {
    for (const auto& one : entry.decisions()) {
      if (one.allowed() && entry.service_id() == service_.id) {
        logged.insert(one.attribute());
      }
    }
  }
  EXPECT_EQ(logged, (std::set<std::string>(told.inputs().begin(),
                                           told.inputs().end())));
  const auto born = person_->vault().Get(kBirthDate, 0);
  const auto size = person_->vault().Get(kSize, 0);
  ASSERT_THAT(born, IsOk());
  ASSERT_THAT(size, IsOk());
  const Decision again = Decide(born->value_json(), size->value_json());
  EXPECT_EQ(again.outcome, told.outcome());
  EXPECT_EQ(again.factors, (std::vector<std::string>(told.factors().begin(),
                                                     told.factors().end())));

  // Nobody else has it: neither another person nor somebody without a name.
  const auto stranger = Server().AddPerson();
  client::DecisionNoticeClient theirs(stranger->consent_connection());
  EXPECT_THAT(theirs.Get(id), StatusIs(absl::StatusCode::kNotFound));
  client::DecisionNoticeClient nobodys(*anonymous_);
  EXPECT_THAT(nobodys.Get(id), StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(Mim5Decision, NamesAVersionThatIsRegistered) {
  Cite({"L:TE-1", kMims2022,
        "an explanation names the system and version that decided"});
  consent::v1::DecisionContent content;
  content.set_deployment_id(deployment_);
  content.set_deployment_version(7);
  *content.mutable_decision_time() = client::ToWire(Server().clock().Now());
  content.add_inputs(kSize);
  content.add_factors("size");
  content.set_contact("Counter 4");
  content.set_objection("Write.");
  EXPECT_FALSE(
      client::SendDecisionNotice(*service_.connection, record_, content).ok());
  content.set_deployment_version(1);
  EXPECT_THAT(
      client::SendDecisionNotice(*service_.connection, record_, content),
      IsOk());
}

}  // namespace
}  // namespace limpid::mim5
