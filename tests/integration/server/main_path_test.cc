// The main job through a whole server over TLS: ask, grant part of it, read
// exactly that, see it with a proof, withdraw, and nothing more comes out.

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/integration/server/world_fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid {
namespace {

using testing::IsOk;
using testing::StatusIs;

constexpr char kName[] = "person.name";
constexpr char kEmail[] = "person.email";
constexpr char kBirthDate[] = "person.birth_date";
constexpr char kSize[] = "household.size";
constexpr char kNameValue[] = R"({"family":"Jansen","given":"Ada"})";

class MainPathTest : public testing::WorldTest {
 protected:
  void SetUp() override {
    plan_.attributes = {kName, kEmail};
    plan_.over_18 = true;
    service_ = world_.AddService("cinema", plan_);
    agreement_ = world_.AddAgreement(service_, plan_);
    anna_ = world_.AddPerson();
    ASSERT_THAT(anna_->vault().Put(kName, kNameValue), IsOk());
    ASSERT_THAT(anna_->vault().Put(kEmail, R"("ada@example.org")"), IsOk());
    ASSERT_THAT(anna_->vault().Put(kBirthDate, R"("1990-02-28")"), IsOk());
  }

  // Anna grants the name and "over 18", not the address.
  void GrantTwoOfThree() {
    const auto request = service_.client->CreateRequest(agreement_, 1);
    ASSERT_THAT(request, IsOk());
    code_ = request->request_code();
    const auto bound = anna_->consent().BindRequest(code_);
    ASSERT_THAT(bound, IsOk());
    record_ = bound->record().record_id();
    const auto receipt =
        anna_->consent().Grant(record_, {{kName, kBirthDate}, "", {}});
    ASSERT_THAT(receipt, IsOk());
    EXPECT_EQ(receipt->verified.body.record, record_);
  }

  absl::StatusOr<vault::v1::ReadAttributesResponse> Read(
      testing::ServiceSide& service, const std::string& record) {
    return service.client->Read(
        {record, plan_.purpose, {kName, kBirthDate, kEmail}, "", ""});
  }
  std::map<std::string, vault::v1::AttributeResult> Results() {
    const auto read = Read(service_, record_);
    EXPECT_THAT(read, IsOk());
    std::map<std::string, vault::v1::AttributeResult> out;
    if (!read.ok()) return out;
    access_ = read->access_id();
    for (const auto& result : read->results()) out[result.attribute()] = result;
    return out;
  }
  void ExpectAllRefused(vault::v1::Reason reason) {
    const auto results = Results();
    EXPECT_EQ(results.size(), 3U);
    for (const auto& [attribute, result] : results) {
      EXPECT_EQ(result.verdict(), vault::v1::VERDICT_REFUSED) << attribute;
      EXPECT_EQ(result.value_json(), "") << attribute;
      EXPECT_EQ(result.reason(), reason) << attribute;
    }
  }
  // The receipt of `id` once it stands in the log.
  absl::StatusOr<client::CheckedReceipt> LoggedReceipt(const std::string& id) {
    constexpr int kTries = 100;
    for (int i = 0; i < kTries; ++i) {
      auto receipt = anna_->consent().GetReceipt(id);
      if (!receipt.ok() || receipt->verified.level == receipt::Level::kLogged) {
        return receipt;
      }
      absl::SleepFor(absl::Milliseconds(100));
    }
    return absl::DeadlineExceededError("the entry was never logged");
  }

  // What was read or tried, without grants and withdrawals; newest first.
  std::vector<consent::v1::AccessEntry> ReadEntries(const std::string& record) {
    const auto entries = anna_->consent().ListAccesses(record, 100);
    EXPECT_THAT(entries, IsOk());
    std::vector<consent::v1::AccessEntry> out;
    if (!entries.ok()) return out;
    for (const auto& entry : *entries) {
      if (entry.kind() == consent::v1::ACCESS_KIND_RELEASE_DECIDED) {
        out.push_back(entry);
      }
    }
    return out;
  }

  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
  std::string agreement_;
  std::unique_ptr<testing::Person> anna_;
  std::string code_;
  std::string record_;
  std::string access_;
};

TEST_F(MainPathTest, ReadsExactlyWhatWasGrantedInItsForm) {
  GrantTwoOfThree();
  const auto results = Results();
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results.at(kName).verdict(), vault::v1::VERDICT_ALLOWED);
  EXPECT_EQ(results.at(kName).form(), vault::v1::FORM_FULL);
  EXPECT_EQ(results.at(kName).value_json(), kNameValue);
  EXPECT_EQ(results.at(kBirthDate).verdict(), vault::v1::VERDICT_ALLOWED);
  EXPECT_EQ(results.at(kBirthDate).form(), vault::v1::FORM_DERIVED);
  EXPECT_EQ(results.at(kBirthDate).value_json(), "true");
  EXPECT_EQ(results.at(kEmail).verdict(), vault::v1::VERDICT_REFUSED);
  EXPECT_EQ(results.at(kEmail).reason(), vault::v1::REASON_NO_CONSENT);
  EXPECT_EQ(results.at(kEmail).value_json(), "");
}

TEST_F(MainPathTest, AReadIsSeenAndItsProofFollows) {
  GrantTwoOfThree();
  ASSERT_EQ(Results().size(), 3U);
  const auto entries = ReadEntries("");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries.front().access_id(), access_);
  EXPECT_EQ(entries.front().organisation(), "cinema");
  EXPECT_EQ(entries.front().decisions_size(), 3);
  const auto durable = anna_->consent().GetReceipt(access_);
  ASSERT_THAT(durable, IsOk());
  // By the id that it names itself, as limpid person receipt prints it.
  const auto again = anna_->consent().GetReceipt(durable->verified.body.id);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->verified.body.access, access_);
  EXPECT_THAT(anna_->consent().GetReceipt("rcp_aaaaaaaaaaaaaaaaaaaaaaaaae"),
              testing::StatusIs(absl::StatusCode::kNotFound));
  const auto logged = LoggedReceipt(access_);
  ASSERT_THAT(logged, IsOk());
  EXPECT_EQ(logged->verified.body.access, access_);
  EXPECT_TRUE(logged->verified.entry.has_value());
  // The grant's own receipt upgrades as well.
  EXPECT_THAT(LoggedReceipt(record_), IsOk());
}

TEST_F(MainPathTest, AWithdrawalEndsReadsAndIsHeard) {
  GrantTwoOfThree();
  ASSERT_EQ(Results().at(kName).verdict(), vault::v1::VERDICT_ALLOWED);
  ASSERT_THAT(anna_->consent().Withdraw(record_), IsOk());
  ExpectAllRefused(vault::v1::REASON_WITHDRAWN);
  std::vector<consent::v1::RecordState> seen;
  ASSERT_THAT(service_.client->Watch(
                  "", absl::Seconds(20),
                  [&](const consent::v1::WatchResponse& message) {
                    if (message.event().record_id() == record_) {
                      seen.push_back(message.event().state());
                    }
                    return seen.empty() ||
                           seen.back() != consent::v1::RECORD_STATE_WITHDRAWN;
                  }),
              IsOk());
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back(), consent::v1::RECORD_STATE_WITHDRAWN);
  // The second call finds the same record, and nothing revives it.
  EXPECT_THAT(anna_->consent().Withdraw(record_), IsOk());
  EXPECT_THAT(anna_->consent().Resume(record_),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(anna_->consent().Grant(record_, {{kBirthDate}, "", {}}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(MainPathTest, AnotherPersonFindsNothingByAnyMethod) {
  GrantTwoOfThree();
  ASSERT_EQ(Results().size(), 3U);
  const auto boris = world_.AddPerson();
  client::PersonClient& other = boris->consent();
  const auto not_found = StatusIs(absl::StatusCode::kNotFound);
  EXPECT_THAT(other.BindRequest(code_), not_found);
  EXPECT_THAT(other.GetRecord(record_), not_found);
  EXPECT_THAT(other.Grant(record_, {{kName}, "", {}}), not_found);
  EXPECT_THAT(other.Refuse(record_), not_found);
  EXPECT_THAT(other.Pause(record_), not_found);
  EXPECT_THAT(other.Resume(record_), not_found);
  EXPECT_THAT(other.Withdraw(record_), not_found);
  EXPECT_THAT(other.GetReceipt(record_), not_found);
  EXPECT_THAT(other.GetReceipt(access_), not_found);
  consent::v1::ExplainDecisionRequest explain;
  explain.set_record_id(record_);
  explain.set_purpose(plan_.purpose);
  explain.add_attributes(kName);
  EXPECT_THAT(other.Explain(explain), not_found);
  EXPECT_EQ(other.ListRecords()->size(), 0U);
  EXPECT_EQ(other.ListRequests()->size(), 0U);
  // An absent record gives the very same words.
  const std::string absent = "rec_" + std::string(26, 'a');
  EXPECT_EQ(other.GetRecord(absent).status(),
            other.GetRecord(record_).status());
  EXPECT_EQ(other.Withdraw(absent).status(), other.Withdraw(record_).status());
  const auto accesses = other.ListAccesses(record_, 10);
  EXPECT_TRUE(!accesses.ok() || accesses->empty());
  // And the record goes on as if nothing had been tried.
  EXPECT_EQ(Results().at(kName).verdict(), vault::v1::VERDICT_ALLOWED);
}

TEST_F(MainPathTest, AnotherServiceLearnsNoMoreThanOfAnUnknownRecord) {
  GrantTwoOfThree();
  auto other = world_.AddService("stranger", plan_);
  auto theirs = Read(other, record_);
  auto unknown = Read(other, "rec_" + std::string(26, 'a'));
  ASSERT_THAT(theirs, IsOk());
  ASSERT_THAT(unknown, IsOk());
  // Each answer has ids and hashes of its own; what is said is the same.
  for (auto* const answer : {&*theirs, &*unknown}) {
    EXPECT_NE(answer->access_id(), "");
    answer->clear_access_id();
    answer->clear_request_hash();
    EXPECT_NE(answer->access_promise(), "");
    answer->clear_access_promise();
  }
  EXPECT_EQ(theirs->SerializeAsString(), unknown->SerializeAsString());
  EXPECT_EQ(theirs->results(0).verdict(), vault::v1::VERDICT_REFUSED);
}

TEST_F(MainPathTest, ARestartKeepsEverything) {
  GrantTwoOfThree();
  ASSERT_EQ(Results().size(), 3U);
  const std::string first_access = access_;
  auto second = world_.AddPerson();
  const std::string withdrawn = world_.Grant(service_, agreement_, *anna_);
  ASSERT_THAT(anna_->consent().Withdraw(withdrawn), IsOk());
  world_.Restart();
  const auto name = anna_->vault().Get(kName, 0);
  ASSERT_THAT(name, IsOk());
  EXPECT_EQ(name->value_json(), kNameValue);
  EXPECT_EQ(Results().at(kName).verdict(), vault::v1::VERDICT_ALLOWED);
  EXPECT_THAT(anna_->consent().GetReceipt(first_access), IsOk());
  EXPECT_EQ(anna_->consent().GetRecord(withdrawn)->record().state(),
            consent::v1::RECORD_STATE_WITHDRAWN);
  EXPECT_EQ(ReadEntries("").size(), 2U);
  EXPECT_THAT(second->consent().GetAccount(), IsOk());
}

TEST_F(MainPathTest, ATrainingReadNamesTheSystemAndTheSnapshot) {
  const testing::TrainingTarget target = RegisterTrainingTarget();
  testing::AgreementPlan plan;
  plan.attributes = {kSize};
  plan.ai_training = true;
  plan.system_ids = {target.system_id};
  auto service = world_.AddService("adviser", plan);
  const std::string agreement = world_.AddAgreement(service, plan);
  ASSERT_THAT(anna_->vault().Put(kSize, "3"), IsOk());
  const std::string record = world_.Grant(service, agreement, *anna_);
  const auto read = service.client->Read(
      {record, plan.purpose, {kSize}, target.system_id, target.snapshot_id});
  ASSERT_THAT(read, IsOk());
  ASSERT_EQ(read->results(0).verdict(), vault::v1::VERDICT_ALLOWED);
  EXPECT_EQ(read->results(0).value_json(), "3");
  const auto entries = ReadEntries(record);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries.front().training().system_id(), target.system_id);
  EXPECT_EQ(entries.front().training().snapshot_id(), target.snapshot_id);
  // Another system is not the agreed one.
  const auto other = service.client->Read({record,
                                           plan.purpose,
                                           {kSize},
                                           "sys_" + std::string(26, 'a'),
                                           target.snapshot_id});
  ASSERT_THAT(other, IsOk());
  EXPECT_EQ(other->results(0).verdict(), vault::v1::VERDICT_REFUSED);
  // A snapshot that the register does not have.
  const auto unknown = service.client->Read({record,
                                             plan.purpose,
                                             {kSize},
                                             target.system_id,
                                             "snp_" + std::string(26, 'a')});
  ASSERT_THAT(unknown, IsOk());
  EXPECT_EQ(unknown->results(0).verdict(), vault::v1::VERDICT_REFUSED);
  EXPECT_EQ(unknown->results(0).reason(), vault::v1::REASON_POLICY);
  // Nor may a grant without training be trained on.
  GrantTwoOfThree();
  const auto trained = service_.client->Read(
      {record_, plan_.purpose, {kName}, target.system_id, target.snapshot_id});
  ASSERT_THAT(trained, IsOk());
  EXPECT_EQ(trained->results(0).verdict(), vault::v1::VERDICT_REFUSED);
}

}  // namespace
}  // namespace limpid
