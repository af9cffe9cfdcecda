// MIM4, row by row, as a person and a service meet it over the network. What no
// case here can answer yet is in pending_rows.cc.

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "clients/cpp/standing_client.h"
#include "common/base/bytes.h"
#include "common/crypto/hash.h"
#include "gtest/gtest.h"
#include "tests/conformance/mim4/rows.h"
#include "tests/conformance/mim4/target.h"
#include "tests/testing/status_matchers.h"

namespace limpid::mim4 {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;

bool Allowed(const vault::v1::AttributeResult& result) {
  return result.verdict() == vault::v1::VERDICT_ALLOWED;
}

std::vector<std::string> Released(
    const absl::StatusOr<vault::v1::ReadAttributesResponse>& read) {
  std::vector<std::string> out;
  if (!read.ok()) return out;
  for (const auto& result : read->results()) {
    if (Allowed(result)) out.push_back(result.attribute());
  }
  return out;
}

using Names = std::vector<std::string>;

TEST_F(Mim4, EveryServiceKnowsThePersonUnderAnotherName) {
  Cite({"2022.3", kMims2022, "an own identity towards each service"});
  const auto pseudonym = [this](testing::ServiceSide& service) {
    const std::string agreement = Server().AddAgreement(service, plan_);
    const auto request = service.client->CreateRequest(agreement, 1);
    EXPECT_THAT(person_->consent().BindRequest(request->request_code()),
                IsOk());
    return service.client->GetRequestStatus(request->request_code())
        ->SerializeAsString();
  };
  testing::ServiceSide other = NewService();
  const std::string first = pseudonym(service_);
  const std::string second = pseudonym(other);
  EXPECT_EQ(first.size(), second.size());
  // No sixteen bytes of one answer stand in the other.
  for (std::size_t at = 0; at + 16 <= first.size(); ++at) {
    EXPECT_EQ(second.find(first.substr(at, 16)), std::string::npos) << at;
  }
}

TEST_F(Mim4, EveryDisclosureIsSeenExactlyOnce) {
  Cite({"2022.4", kMims2022, "insight into who used what, when and why"});
  const std::string record = Granted({kName, kSize});
  std::map<std::string, Names> made;
  for (const Names& asked :
       {Names{kName}, Names{kName, kSize}, Names{kEmail}}) {
    const auto read = Read(record, asked);
    ASSERT_THAT(read, IsOk());
    made[read->access_id()] = asked;
  }
  const auto entries = person_->consent().ListAccesses(record, 100);
  ASSERT_THAT(entries, IsOk());
  for (const auto& entry : *entries) {
    if (entry.kind() != consent::v1::ACCESS_KIND_RELEASE_DECIDED) continue;
    ASSERT_TRUE(made.contains(entry.access_id()));
    Names asked;
    for (const auto& line : entry.decisions())
      asked.push_back(line.attribute());
    EXPECT_EQ(asked, made.at(entry.access_id()));
    EXPECT_EQ(entry.service_id(), service_.id);
    EXPECT_EQ(entry.purpose(), kPurpose);
    EXPECT_GT(entry.time().seconds(), 0);
    made.erase(entry.access_id());
  }
  EXPECT_TRUE(made.empty());
}

TEST_F(Mim4, ChangesMakeVersionsAndErasureReachesTheValue) {
  Cite({"2022.5", kMims2022, "change and delete one's own data"});
  ASSERT_THAT(person_->vault().Put(kSize, "4"), IsOk());
  const auto history = person_->vault().History(kSize);
  ASSERT_THAT(history, IsOk());
  EXPECT_EQ(history->size(), 2U);
  ASSERT_THAT(person_->vault().Erase(kSize, 1), IsOk());
  EXPECT_FALSE(person_->vault().Get(kSize, 1).ok());
  EXPECT_EQ(person_->vault().Get(kSize, 2)->value_json(), "4");
}

TEST_F(Mim4, ARuleSetOnceAnswersLaterRequestsAndNoOthers) {
  Cite({"2022.6", kMims2022, "a rule set once answers later requests"});
  const auto content =
      testing::World::AgreementRequest(service_, plan_).content();
  receipt::StandingPermission rule;
  rule.class_name = "the service I know";
  rule.person = person_->consent().GetAccount()->person_id();
  rule.members = {service_.id};
  rule.purposes = {kPurpose};
  rule.recipients = {content.recipients().begin(), content.recipients().end()};
  rule.language = content.notices(0).language();
  rule.retention_days = content.retention_days();
  rule.validity_days = content.validity_days();
  rule.lines = {{.attribute = kName, .form = receipt::Form::kFull}};
  rule.from = absl::FromUnixMillis(absl::ToUnixMillis(Server().clock().Now()));
  rule.until = rule.from + absl::Hours(24);
  client::StandingClient rules(person_->consent_connection(), person_->key(),
                               Server().trust(), Server().clock());
  ASSERT_THAT(rules.Create(rule), IsOk());
  const auto state = [this](const testing::AgreementPlan& plan) {
    const std::string agreement = Server().AddAgreement(service_, plan);
    const auto request = service_.client->CreateRequest(agreement, 1);
    const auto bound = person_->consent().BindRequest(request->request_code());
    EXPECT_THAT(bound, IsOk());
    return bound.ok() ? bound->record().state()
                      : consent::v1::RECORD_STATE_UNSPECIFIED;
  };
  testing::AgreementPlan name_only = plan_;
  name_only.attributes = {kName};
  name_only.over_18 = false;
  EXPECT_EQ(state(name_only), consent::v1::RECORD_STATE_GRANTED);
  EXPECT_EQ(state(plan_), consent::v1::RECORD_STATE_REQUESTED);
}

TEST_F(Mim4, OneOfManyIsOneAndADerivedClaimIsNoBirthDate) {
  Cite({"2022.7", kMims2022, "revealing attribute by attribute, and claims"});
  const std::string record = Granted({kName, kBirthDate});
  const auto one = Read(record, {kName});
  ASSERT_THAT(one, IsOk());
  EXPECT_EQ(one->results_size(), 1);
  EXPECT_EQ(Released(one), Names{kName});
  const auto claim = Read(record, {kBirthDate});
  ASSERT_THAT(claim, IsOk());
  EXPECT_EQ(claim->results(0).value_json(), "true");
  EXPECT_EQ(claim->SerializeAsString().find("1990"), std::string::npos);
}

TEST_F(Mim4, TheReadAfterTheWithdrawalIsRefusedAndTheServiceIsTold) {
  Cite({"2022.9", kMims2022, "revoking is as easy as granting, and at once"});
  const std::string record = Granted({kName});
  ASSERT_EQ(Released(Read(record, {kName})), Names{kName});
  // One call, as the grant was.
  ASSERT_THAT(person_->consent().Withdraw(record), IsOk());
  const auto refused = Read(record, {kName});
  ASSERT_THAT(refused, IsOk());
  EXPECT_TRUE(Released(refused).empty());
  bool told = false;
  (void)service_.client->Watch(
      "", absl::Seconds(10), [&](const consent::v1::WatchResponse& response) {
        told = response.event().record_id() == record &&
               response.event().state() == consent::v1::RECORD_STATE_WITHDRAWN;
        return !told;
      });
  EXPECT_TRUE(told);
}

// Takes one thing out of a complete agreement, or puts an unknown term in.
using Spoil = void (*)(consent::v1::AgreementContent&);

TEST_F(Mim4, AGrantNamesEverythingInTheStandardVocabulary) {
  Cite({"2022.10", kMims2022, "attribute level, in a standard vocabulary"});
  const std::vector<Spoil> faults = {
      [](auto& content) { content.clear_purposes(); },
      [](auto& content) { content.set_purposes(0, "care"); },
      [](auto& content) {
        content.set_purposes(0, "https://w3id.org/dpv#NoSuchPurpose");
      },
      [](auto& content) { content.clear_lines(); },
      [](auto& content) { content.mutable_lines(0)->clear_attribute(); },
      [](auto& content) {
        content.set_legal_basis(consent::v1::LEGAL_BASIS_UNSPECIFIED);
      },
      [](auto& content) { content.set_validity_days(0); },
      [](auto& content) { content.clear_notices(); },
  };
  for (std::size_t i = 0; i < faults.size(); ++i) {
    auto request = testing::World::AgreementRequest(service_, plan_);
    faults[i](*request.mutable_content());
    EXPECT_THAT(Server().admin().CreateAgreement(request),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << i;
  }
}

TEST_F(Mim4, EveryGrantResolvesToItsAgreement) {
  Cite({"A.I / B.VIII", kConnectivity, "every grant carries its agreement"});
  const std::string record = Granted({kName});
  const auto shown = person_->consent().GetRecord(record);
  ASSERT_THAT(shown, IsOk());
  EXPECT_EQ(shown->agreement().agreement_id(), agreement_);
  EXPECT_EQ(shown->record().agreement_hash(), shown->agreement().hash());
  const auto all = person_->consent().ListRecords();
  ASSERT_THAT(all, IsOk());
  EXPECT_TRUE(std::any_of(all->begin(), all->end(), [&](const auto& listed) {
    return listed.record_id() == record && listed.agreement_id() == agreement_;
  }));
}

TEST_F(Mim4, ReadsAgreeWithASmallReference) {
  Cite({"A.V", kConnectivity, "the conditions of a grant are validated"});
  const Names every = {kName, kEmail, kSize, kBirthDate};
  // NOLINTNEXTLINE(cert-msc51-cpp): the same sequence every time
  std::minstd_rand random(20261128);
  for (int round = 0; round < 12; ++round) {
    Names granted;
    for (const std::string& name : every) {
      if (random() % 2 == 0) granted.push_back(name);
    }
    if (granted.empty()) granted.push_back(kName);
    const std::string record = Granted(granted);
    const bool withdrawn = random() % 3 == 0;
    if (withdrawn) {
      ASSERT_THAT(person_->consent().Withdraw(record), IsOk());
    }
    Names asked = every;
    std::shuffle(asked.begin(), asked.end(), random);
    asked.resize(1 + random() % every.size());
    Names expected;
    for (const std::string& name : asked) {
      const bool chosen =
          std::find(granted.begin(), granted.end(), name) != granted.end();
      if (chosen && !withdrawn) expected.push_back(name);
    }
    EXPECT_EQ(Released(Read(record, asked)), expected) << round;
  }
}

TEST_F(Mim4, IdsAreRandomAndSayNothing) {
  Cite({"L:CS-17", kConnectivity, "identifiers are no national numbers"});
  std::set<std::string> ids;
  for (int i = 0; i < 4; ++i) {
    const auto person = Server().AddPerson();
    const std::string id = person->consent().GetAccount()->person_id();
    // 128 random bits in base32 behind a prefix.
    EXPECT_GE(id.size(), 26U);
    EXPECT_TRUE(ids.insert(id).second);
  }
}

TEST_F(Mim4, EveryChangeOfStateHasItsEntry) {
  Cite({"L:CS-20", kConnectivity, "every state change is logged"});
  const std::string record = Granted({kName});
  ASSERT_THAT(person_->consent().Pause(record), IsOk());
  ASSERT_THAT(person_->consent().Resume(record), IsOk());
  ASSERT_THAT(person_->consent().Withdraw(record), IsOk());
  EXPECT_EQ(
      Happened(record),
      (std::vector<consent::v1::AccessKind>{
          consent::v1::ACCESS_KIND_REQUESTED, consent::v1::ACCESS_KIND_GRANTED,
          consent::v1::ACCESS_KIND_PAUSED, consent::v1::ACCESS_KIND_RESUMED,
          consent::v1::ACCESS_KIND_WITHDRAWN}));
}

TEST_F(Mim4, ARefusedServiceDoesNotComeAgainASilentOneMay) {
  Cite({"L:UB-05", kConnectivity, "no nagging after a refusal"});
  const auto ask = [this] {
    return service_.client->CreateRequest(agreement_, 1)->request_code();
  };
  // Nobody answered the first one.
  (void)Bound();
  const auto second = person_->consent().BindRequest(ask());
  ASSERT_THAT(second, IsOk());
  ASSERT_THAT(
      person_->consent().Refuse(second->record().record_id(),
                                Server().clock().Now() + absl::Hours(24)),
      IsOk());
  EXPECT_THAT(person_->consent().BindRequest(ask()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(Mim4, TheChainOfStatesVerifiesAndWithdrawnIsTheEnd) {
  Cite({"§1.8", kMyData, "status records are chained, withdrawn is final"});
  const std::string record = Granted({kName});
  ASSERT_THAT(person_->consent().Withdraw(record), IsOk());
  const auto shown = person_->consent().GetRecord(record);
  ASSERT_THAT(shown, IsOk());
  ASSERT_GE(shown->revisions_size(), 3);
  std::vector<consent::v1::RecordRevision> chain(shown->revisions().begin(),
                                                 shown->revisions().end());
  std::sort(chain.begin(), chain.end(),
            [](const auto& left, const auto& right) {
              return left.revision() < right.revision();
            });
  for (std::size_t i = 0; i < chain.size(); ++i) {
    EXPECT_EQ(base::ToText(crypto::Sha256(base::AsBytes(chain[i].canonical()))),
              chain[i].hash());
    if (i == 0) continue;
    EXPECT_NE(chain[i].canonical().find(chain[i - 1].hash()),
              std::string::npos);
  }
  EXPECT_FALSE(person_->consent().Grant(record, {{kName}, "", {}}).ok());
  EXPECT_FALSE(person_->consent().Resume(record).ok());
}

}  // namespace
}  // namespace limpid::mim4
