// Delegations over the wire, by real clients under TLS.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/delegation_client.h"
#include "clients/cpp/entry_check.h"
#include "common/crypto/ed25519.h"
#include "gtest/gtest.h"
#include "tests/integration/server/world_fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid {
namespace {

using consent::v1::RECORD_STATE_AWAITING_OTHERS;
using consent::v1::RECORD_STATE_GRANTED;
using consent::v1::RECORD_STATE_PAUSED;
using consent::v1::RECORD_STATE_REFUSED;
using consent::v1::RECORD_STATE_WITHDRAWN;
using receipt::DelegationKind;
using receipt::Power;
using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr char kName[] = "person.name";

// Somebody with an account, and her delegations.
struct Actor {
  std::unique_ptr<testing::Person> person;
  std::unique_ptr<client::DelegationClient> delegations;
  std::string id;
};

class DelegationRpcTest : public testing::WorldTest {
 protected:
  void SetUp() override {
    plan_.attributes = {kName};
    service_ = world_.AddService("school", plan_);
    agreement_ = world_.AddAgreement(service_, plan_);
    staff_ = client::Connect(world_.admin_channel()).value();
    anna_ = NewActor();
    mother_ = NewActor();
    father_ = NewActor();
    bob_ = NewActor();
    ASSERT_THAT(
        anna_.person->vault().Put(kName, R"({"family":"J","given":"A"})"),
        IsOk());
  }

  Actor NewActor() {
    Actor out;
    out.person = world_.AddPerson();
    out.id = out.person->consent().GetAccount()->person_id();
    out.delegations = std::make_unique<client::DelegationClient>(
        out.person->consent_connection(), out.person->key(), world_.trust(),
        world_.clock());
    return out;
  }
  receipt::Delegation Terms(DelegationKind kind,
                            const std::vector<const Actor*>& representatives,
                            std::uint64_t signature_count = 1) {
    receipt::Delegation out;
    out.person = anna_.id;
    out.kind = kind;
    for (const Actor* one : representatives) {
      out.representatives.push_back(one->id);
    }
    std::sort(out.representatives.begin(), out.representatives.end());
    out.signature_count = signature_count;
    out.powers = {Power::kGrant, Power::kReadLog, Power::kReadRecords,
                  Power::kWithdraw};
    out.from = absl::FromUnixMillis(absl::ToUnixMillis(world_.clock().Now())) -
               absl::Hours(1);
    out.until = out.from + absl::Hours(24 * 365);
    return out;
  }
  absl::StatusOr<consent::v1::Delegation> Record(receipt::Delegation terms) {
    terms.evidence.fill(6);
    return client::RecordDelegation(
        *staff_, client::Complete(terms, world_.trust().operator_name,
                                  world_.clock().Now()));
  }
  std::string Bound() {
    const auto request = service_.client->CreateRequest(agreement_, 1);
    const auto bound =
        anna_.person->consent().BindRequest(request->request_code());
    EXPECT_THAT(bound, IsOk());
    return bound.ok() ? bound->record().record_id() : "";
  }
  absl::StatusOr<client::GrantedFor> GrantAs(const Actor& actor,
                                             const std::string& record) {
    return actor.delegations->Grant(anna_.id, record, {{kName}, "", {}});
  }
  bool Allowed(const std::string& record) {
    const auto read =
        service_.client->Read({record, plan_.purpose, {kName}, "", ""});
    EXPECT_THAT(read, IsOk());
    return read.ok() &&
           read->results(0).verdict() == vault::v1::VERDICT_ALLOWED;
  }
  consent::v1::RecordState StateOf(const std::string& record) {
    return anna_.person->consent().GetRecord(record)->record().state();
  }

  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
  std::string agreement_;
  std::unique_ptr<client::Connection> staff_;
  Actor anna_;
  Actor mother_;
  Actor father_;
  Actor bob_;
};

TEST_F(DelegationRpcTest, APersonsOwnAreListedInPages) {
  std::vector<std::string> made;
  for (int i = 0; i < 3; ++i) {
    made.push_back(
        anna_.delegations
            ->Make(Terms(DelegationKind::kPowerOfAttorney, {&mother_}))
            ->delegation_id());
  }
  ASSERT_THAT(anna_.delegations->End(made[1]), IsOk());
  EXPECT_EQ(anna_.delegations->List()->size(), 3U);
  for (const bool current : {false, true}) {
    consent::v1::ListDelegationsRequest request;
    request.set_page_size(1);
    request.set_current_only(current);
    std::vector<std::string> listed;
    do {
      const auto page = client::Invoke<consent::v1::ListDelegationsResponse>(
          anna_.person->consent_connection(),
          {"/limpid.consent.v1.DelegationService/ListDelegations", true},
          request);
      ASSERT_THAT(page, IsOk());
      ASSERT_EQ(page->delegations_size(), 1);
      listed.push_back(page->delegations(0).delegation_id());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty() && listed.size() < 5);
    // In one millisecond, the order is that of the ids.
    EXPECT_THAT(listed, ::testing::UnorderedElementsAreArray(
                            current ? std::vector({made[0], made[2]}) : made));
  }
}

TEST_F(DelegationRpcTest, APowerOfAttorneyIsMadeListedUsedAndEnded) {
  const auto made = anna_.delegations->Make(
      Terms(DelegationKind::kPowerOfAttorney, {&mother_}));
  ASSERT_THAT(made, IsOk());
  EXPECT_TRUE(made->live());
  EXPECT_EQ(anna_.delegations->List()->size(), 1U);
  EXPECT_TRUE(mother_.delegations->List()->empty());
  const auto mandates = mother_.delegations->ListMandates();
  ASSERT_THAT(mandates, IsOk());
  ASSERT_EQ(mandates->size(), 1U);
  EXPECT_EQ(mandates->front().person_id(), anna_.id);
  EXPECT_TRUE(bob_.delegations->ListMandates()->empty());

  const std::string record = Bound();
  EXPECT_EQ(mother_.delegations->ListRecords(anna_.id, true)->size(), 1U);
  const auto granted = GrantAs(mother_, record);
  ASSERT_THAT(granted, IsOk());
  EXPECT_EQ(granted->record.state(), RECORD_STATE_GRANTED);
  EXPECT_TRUE(granted->receipt.has_value());
  EXPECT_TRUE(mother_.delegations->ListRecords(anna_.id, true)->empty());
  EXPECT_TRUE(Allowed(record));
  const auto accesses = mother_.delegations->ListAccesses(anna_.id, record);
  ASSERT_THAT(accesses, IsOk());
  EXPECT_EQ(accesses->size(), 3U);
  // No openings: they would prove what the person has erased since.
  for (const consent::v1::AccessEntry& entry : *accesses) {
    EXPECT_TRUE(entry.opening().empty());
    EXPECT_TRUE(entry.content().empty());
    EXPECT_EQ(client::CheckEntry(entry), client::EntryTruth::kUnchecked);
  }

  ASSERT_THAT(anna_.delegations->End(made->delegation_id()), IsOk());
  EXPECT_EQ(StateOf(record), RECORD_STATE_PAUSED);
  EXPECT_FALSE(Allowed(record));
  EXPECT_FALSE(mother_.delegations->ListMandates()->front().live());
  EXPECT_TRUE(
      mother_.delegations->ListMandates(/*current_only=*/true)->empty());
  EXPECT_THAT(mother_.delegations->GetRecord(anna_.id, record),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(DelegationRpcTest, TheJointRuleIsAnyAllOrSomeOfThem) {
  ASSERT_THAT(Record(Terms(DelegationKind::kParent, {&mother_, &father_}, 2)),
              IsOk());
  const std::string all = Bound();
  const auto first = GrantAs(mother_, all);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->record.state(), RECORD_STATE_AWAITING_OTHERS);
  EXPECT_FALSE(first->receipt.has_value());
  EXPECT_FALSE(Allowed(all));
  EXPECT_THAT(GrantAs(mother_, all),
              StatusSays(absl::StatusCode::kFailedPrecondition, "signed"));
  const auto second = GrantAs(father_, all);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->record.state(), RECORD_STATE_GRANTED);
  EXPECT_TRUE(Allowed(all));
  // Any one of them takes it back.
  ASSERT_THAT(father_.delegations->Withdraw(anna_.id, all), IsOk());
  EXPECT_EQ(StateOf(all), RECORD_STATE_WITHDRAWN);
  EXPECT_FALSE(Allowed(all));
  ASSERT_THAT(mother_.delegations->Withdraw(anna_.id, all), IsOk());
}

TEST_F(DelegationRpcTest, TwoOfThreeAreEnoughAndOneOfTwoIsAny) {
  const auto held =
      Record(Terms(DelegationKind::kGuardian, {&mother_, &father_, &bob_}, 2));
  ASSERT_THAT(held, IsOk());
  const std::string some = Bound();
  ASSERT_THAT(GrantAs(bob_, some), IsOk());
  EXPECT_EQ(GrantAs(father_, some)->record.state(), RECORD_STATE_GRANTED);
  ASSERT_THAT(client::RevokeDelegation(*staff_, anna_.id, held->delegation_id(),
                                       "court order"),
              IsOk());
  EXPECT_EQ(StateOf(some), RECORD_STATE_PAUSED);
  EXPECT_EQ(anna_.delegations->List()->front().end_reason(), "court order");
  EXPECT_EQ(bob_.delegations->ListMandates()->front().end_reason(), "");

  ASSERT_THAT(Record(Terms(DelegationKind::kParent, {&mother_, &father_}, 1)),
              IsOk());
  EXPECT_EQ(GrantAs(father_, Bound())->record.state(), RECORD_STATE_GRANTED);
}

TEST_F(DelegationRpcTest, OfTwoWhoDisagreeTheOneWhoDeniesWins) {
  ASSERT_THAT(Record(Terms(DelegationKind::kParent, {&mother_, &father_}, 2)),
              IsOk());
  const std::string record = Bound();
  ASSERT_THAT(GrantAs(mother_, record), IsOk());
  ASSERT_THAT(father_.delegations->Refuse(anna_.id, record), IsOk());
  EXPECT_EQ(StateOf(record), RECORD_STATE_REFUSED);
  EXPECT_THAT(GrantAs(mother_, record),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(DelegationRpcTest, NothingOutlivesThePower) {
  receipt::Delegation terms = Terms(DelegationKind::kParent, {&mother_});
  terms.until = absl::FromUnixMillis(absl::ToUnixMillis(world_.clock().Now())) +
                absl::Hours(1);
  ASSERT_THAT(Record(terms), IsOk());
  const std::string record = Bound();
  // The coming of age comes before the end of the longest validity.
  const client::GrantChoice too_long{
      {kName}, "", terms.until + absl::Milliseconds(1)};
  EXPECT_THAT(
      mother_.delegations->Grant(anna_.id, record, too_long),
      StatusSays(absl::StatusCode::kInvalidArgument, "statement.until"));
  const auto granted = GrantAs(mother_, record);
  ASSERT_THAT(granted, IsOk());
  EXPECT_EQ(granted->record.until_time().seconds(),
            absl::ToUnixSeconds(terms.until));
  // One that is over gives nothing.
  terms.from -= absl::Hours(24);
  terms.until = world_.clock().Now() - absl::Hours(1);
  EXPECT_THAT(Record(terms), StatusSays(absl::StatusCode::kInvalidArgument,
                                        "delegation.until"));
}

TEST_F(DelegationRpcTest, OtherPeoplesObjectsAreAbsent) {
  const auto held = Record(Terms(DelegationKind::kParent, {&mother_}));
  ASSERT_THAT(held, IsOk());
  const std::string record = Bound();
  const auto not_found = StatusIs(absl::StatusCode::kNotFound);
  const std::string nobody = "per_" + std::string(26, 'a');
  for (const std::string& person : {anna_.id, nobody}) {
    client::DelegationClient& bob = *bob_.delegations;
    EXPECT_THAT(bob.ListRecords(person, false),
                StatusSays(absl::StatusCode::kNotFound, "no such person"));
    EXPECT_THAT(bob.GetRecord(person, record),
                StatusSays(absl::StatusCode::kNotFound, "no such record"));
    EXPECT_THAT(bob.Refuse(person, record), not_found);
    EXPECT_THAT(bob.Withdraw(person, record), not_found);
    EXPECT_THAT(bob.ListAccesses(person, record), not_found);
  }
  EXPECT_THAT(bob_.delegations->End(held->delegation_id()), not_found);
  EXPECT_THAT(mother_.delegations->End(held->delegation_id()), not_found);
  EXPECT_THAT(client::RevokeDelegation(*staff_, bob_.id, held->delegation_id(),
                                       "court order"),
              not_found);
  // Nor is staff's call a person's.
  EXPECT_FALSE(client::RecordDelegation(bob_.person->consent_connection(),
                                        Terms(DelegationKind::kParent, {&bob_}))
                   .ok());
}

TEST_F(DelegationRpcTest, AKeyOfOnesOwnMakingIsRefused) {
  const auto forge = [&](const crypto::Ed25519PrivateKey& key,
                         const receipt::Delegation& terms) {
    const auto sealed = receipt::SignDelegation(
        client::Complete(terms, world_.trust().operator_name,
                         world_.clock().Now()),
        key);
    consent::v1::MakeDelegationRequest request;
    request.set_canonical_json(sealed.canonical_json);
    request.set_signature(base::ToText(sealed.signature));
    return client::Invoke<consent::v1::MakeDelegationResponse>(
        anna_.person->consent_connection(),
        {"/limpid.consent.v1.DelegationService/MakeDelegation"}, request);
  };
  const auto terms = Terms(DelegationKind::kPowerOfAttorney, {&bob_});
  EXPECT_THAT(forge(crypto::Ed25519PrivateKey::Generate(), terms),
              StatusSays(absl::StatusCode::kInvalidArgument, "signature"));
  EXPECT_THAT(forge(bob_.person->key().key(), terms),
              StatusSays(absl::StatusCode::kInvalidArgument, "signature"));
  // Bob makes one over anna, as himself.
  EXPECT_THAT(
      bob_.delegations->Make(Terms(DelegationKind::kPowerOfAttorney, {&bob_})),
      StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_TRUE(anna_.delegations->List()->empty());
  EXPECT_TRUE(bob_.delegations->ListMandates()->empty());
}

TEST_F(DelegationRpcTest, AMinorGrantsNothingThatIsReservedToHerParents) {
  receipt::Delegation terms = Terms(DelegationKind::kParent, {&mother_});
  terms.grant_reserved = true;
  const auto held = Record(terms);
  ASSERT_THAT(held, IsOk());
  EXPECT_TRUE(held->grant_reserved());
  const std::string record = Bound();
  const client::GrantChoice choice{{kName}, "", {}};
  const auto refused =
      StatusSays(absl::StatusCode::kFailedPrecondition, "parents or guardians");
  EXPECT_THAT(anna_.person->consent().Grant(record, choice), refused);
  // Nor does she get rid of it by ending it.
  EXPECT_THAT(anna_.delegations->End(held->delegation_id()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  const auto all = anna_.delegations->EndAll();
  ASSERT_THAT(all, IsOk());
  EXPECT_TRUE(all->front().live());
  EXPECT_THAT(anna_.person->consent().Grant(record, choice), refused);
  client::GrantChoice short_of_it{
      {kName}, "", world_.clock().Now() + absl::Hours(24)};
  ASSERT_THAT(mother_.delegations->Grant(anna_.id, record, short_of_it),
              IsOk());
  // What takes away is hers.
  ASSERT_THAT(anna_.person->consent().Pause(record), IsOk());
  ASSERT_THAT(anna_.person->consent().Resume(record), IsOk());
  EXPECT_TRUE(Allowed(record));
  ASSERT_THAT(client::RevokeDelegation(*staff_, anna_.id, held->delegation_id(),
                                       "of age"),
              IsOk());
  EXPECT_EQ(StateOf(record), RECORD_STATE_PAUSED);
  ASSERT_THAT(anna_.person->consent().Resume(record), IsOk());
  ASSERT_THAT(anna_.person->consent().Withdraw(record), IsOk());
  EXPECT_THAT(anna_.person->consent().Grant(Bound(), choice), IsOk());
}

}  // namespace
}  // namespace limpid
