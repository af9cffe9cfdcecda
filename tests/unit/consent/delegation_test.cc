#include "common/receipt/delegation.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "consent/delegation/delegation_desk.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/delegation_fixture.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using limpid::testing::StatusSays;
using receipt::Delegation;
using receipt::DelegationKind;
using receipt::Power;
using testing::Citizen;
using testing::kCare;
using testing::kMarketing;
using testing::Released;

TEST_F(ConsentDelegation, ARepresentativeGrantsAndTheLogSaysSo) {
  Sign(Terms(DelegationKind::kPowerOfAttorney, {&mother_}));
  EXPECT_EQ(Newest().entry.kind, receipt::AccessKind::kDelegationMade);
  const RecordView granted = GrantedByMother();
  EXPECT_EQ(granted.state, RecordState::kGranted);
  EXPECT_EQ(granted.revision.actor, receipt::Actor::kRepresentative);
  EXPECT_EQ(granted.revision.representative, mother_.id);
  EXPECT_EQ(Newest().entry.actor, receipt::Actor::kRepresentative);
  EXPECT_TRUE(Released(world_.Read(granted.revision.record)));
  EXPECT_THAT(consent().GetHistory(anna_.id, granted.revision.record), IsOk());
}

TEST_F(ConsentDelegation, WithoutOneTheRecordIsAbsent) {
  const RecordView asked = world_.Request(anna_);
  const RecordId record = asked.revision.record;
  const auto absent = desk().GrantFor(bob_.id, PersonId::Random(), record,
                                      StatementOf(bob_, asked));
  for (const absl::Status& refused :
       {GrantAs(bob_, asked).status(),
        desk().RefuseFor(bob_.id, anna_.id, record, absl::UnixEpoch()).status(),
        desk().WithdrawFor(bob_.id, anna_.id, record).status(),
        desk().WithdrawFor(bob_.id, anna_.id, RecordId::Random()).status(),
        desk().ListAccessesFor(bob_.id, anna_.id, record).status()}) {
    EXPECT_THAT(refused,
                StatusSays(absl::StatusCode::kNotFound, "no such record"));
  }
  EXPECT_THAT(absent,
              StatusSays(absl::StatusCode::kNotFound, "no such record"));
  const absl::Status known = desk().ListRecordsFor(bob_.id, anna_.id).status();
  const absl::Status unknown =
      desk().ListRecordsFor(bob_.id, PersonId::Random()).status();
  EXPECT_EQ(known, unknown);
  EXPECT_THAT(known, StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ConsentDelegation, AWithdrawnRecordTellsAStrangerNothing) {
  const RecordView granted = world_.Granted(anna_);
  ASSERT_THAT(consent().Withdraw(anna_.id, granted.revision.record), IsOk());
  EXPECT_THAT(desk().WithdrawFor(bob_.id, anna_.id, granted.revision.record),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ConsentDelegation, ScopeBindsServicePurposeAttributesAndPowers) {
  using Narrow = std::function<void(Delegation&)>;
  const std::vector<Narrow> out_of_reach = {
      [](Delegation& d) { d.services = {testing::IdOf<ServiceId>(9).Text()}; },
      [](Delegation& d) { d.purposes = {std::string(kMarketing)}; },
      [](Delegation& d) { d.attributes = {"health.allergy"}; },
      [](Delegation& d) {
        d.powers = {Power::kReadRecords, Power::kWithdraw};
      }};
  const RecordView asked = world_.Request(anna_);
  for (const Narrow& narrow : out_of_reach) {
    Delegation terms = Terms(DelegationKind::kPowerOfAttorney, {&mother_});
    narrow(terms);
    Sign(terms);
    EXPECT_THAT(GrantAs(mother_, asked), StatusIs(absl::StatusCode::kNotFound));
  }
  Delegation name_only = Terms(DelegationKind::kPowerOfAttorney, {&mother_});
  name_only.attributes = {"person.name"};
  name_only.services = {world_.service()->id.Text()};
  name_only.purposes = {std::string(kCare)};
  Sign(name_only);
  EXPECT_THAT(
      GrantAs(mother_, asked),
      StatusSays(absl::StatusCode::kInvalidArgument, "statement.lines:"));
  const auto name = StatementOf(
      mother_, asked, [](receipt::Statement& s) { s.lines.resize(1); });
  EXPECT_THAT(
      desk().GrantFor(mother_.id, anna_.id, asked.revision.record, name),
      IsOk());
}

// A record is shown whole, so all of it must be in the scope; to withdraw
// protects her, and one line is enough.
TEST_F(ConsentDelegation, ReadingNeedsEveryLineAndWithdrawingOne) {
  Delegation name_only = Terms(DelegationKind::kPowerOfAttorney, {&mother_});
  name_only.attributes = {"person.name"};
  Sign(name_only);
  const RecordId wide = world_.Granted(anna_).revision.record;
  NewRequest request;
  request.agreement = world_.agreement()->id;
  request.version = 1;
  request.lines = {0};
  const auto code = consent().CreateRequest(world_.service()->id, request);
  const RecordId narrow =
      consent().BindRequest(anna_.id, code->code)->revision.record;
  EXPECT_THAT(desk().GetRecordFor(mother_.id, anna_.id, wide),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(desk().ListAccessesFor(mother_.id, anna_.id, wide),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(desk().GetRecordFor(mother_.id, anna_.id, narrow), IsOk());
  EXPECT_THAT(desk().ListAccessesFor(mother_.id, anna_.id, narrow), IsOk());
  const auto seen = desk().ListRecordsFor(mother_.id, anna_.id);
  ASSERT_THAT(seen, IsOk());
  ASSERT_EQ(seen->size(), 1U);
  EXPECT_EQ((*seen)[0].revision.record, narrow);
  EXPECT_THAT(desk().WithdrawFor(mother_.id, anna_.id, wide), IsOk());
}

TEST_F(ConsentDelegation, TheStatementNamesItsSignerAndIsHers) {
  Sign(Terms(DelegationKind::kPowerOfAttorney, {&mother_}));
  const RecordView asked = world_.Request(anna_);
  const auto as = [&](const receipt::SignedStatement& statement) {
    return desk()
        .GrantFor(mother_.id, anna_.id, asked.revision.record, statement)
        .status();
  };
  EXPECT_THAT(as(world_.StatementFor(anna_, asked)),
              StatusSays(absl::StatusCode::kInvalidArgument, "signature"));
  EXPECT_THAT(as(world_.StatementFor(mother_, asked)),
              StatusSays(absl::StatusCode::kInvalidArgument,
                         "statement.representative:"));
  EXPECT_THAT(as(StatementOf(mother_, asked,
                             [&](receipt::Statement& s) {
                               s.representative = father_.id.Text();
                             })),
              StatusSays(absl::StatusCode::kInvalidArgument,
                         "statement.representative:"));
  // Nor does a representative's statement pass as the person's own.
  EXPECT_THAT(consent().Grant(anna_.id, asked.revision.record,
                              StatementOf(mother_, asked)),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ConsentDelegation, ValidityIsHalfOpenAndNothingOutlivesIt) {
  Delegation terms = Terms(DelegationKind::kParent, {&mother_});
  const absl::Time of_age = world_.clock().Now() + absl::Hours(48);
  terms.until = of_age;
  Record(terms);
  const RecordView asked = world_.Request(anna_);
  const auto until = [&](absl::Time time) {
    return desk().GrantFor(
        mother_.id, anna_.id, asked.revision.record,
        StatementOf(mother_, asked,
                    [time](receipt::Statement& s) { s.until = time; }));
  };
  EXPECT_THAT(
      until(of_age + absl::Milliseconds(1)),
      StatusSays(absl::StatusCode::kInvalidArgument, "statement.until:"));
  ASSERT_THAT(until(of_age), IsOk());
  const RecordId record = asked.revision.record;
  world_.clock().Advance(absl::Hours(48) - absl::Milliseconds(1));
  EXPECT_THAT(desk().ListRecordsFor(mother_.id, anna_.id), IsOk());
  world_.clock().Advance(absl::Milliseconds(1));
  EXPECT_FALSE(Released(world_.Read(record)));
  EXPECT_THAT(desk().ListRecordsFor(mother_.id, anna_.id),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(desk().WithdrawFor(mother_.id, anna_.id, record),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ConsentDelegation, AJointGrantWaitsForEverySignature) {
  Record(Terms(DelegationKind::kParent, {&mother_, &father_}, 2));
  const RecordView asked = world_.Request(anna_);
  const RecordView first = GrantAs(mother_, asked).value().record;
  const RecordId record = asked.revision.record;
  EXPECT_EQ(first.state, RecordState::kAwaitingOthers);
  // One signature of two: the log must not say that anything may leave.
  const auto log =
      world_.consent().ListAccesses(anna_.id, {.record = record}, 0, 1);
  ASSERT_THAT(log, IsOk());
  for (const receipt::AccessLine& line : log->entries.at(0).entry.lines) {
    EXPECT_NE(line.reason, receipt::Reason::kReleased) << line.attribute;
  }
  EXPECT_FALSE(Released(world_.Read(record)));
  EXPECT_THAT(GrantAs(mother_, first),
              StatusSays(absl::StatusCode::kFailedPrecondition, "signed"));
  using Change = std::function<void(receipt::Statement&)>;
  const std::vector<std::pair<std::string, Change>> others = {
      {"lines", [](receipt::Statement& s) { s.lines.resize(1); }},
      {"from", [](receipt::Statement& s) { s.from -= absl::Hours(1); }},
      {"until", [](receipt::Statement& s) { s.until += absl::Hours(1); }},
      {"grant_key", [](receipt::Statement& s) { s.grant_key[0] ^= 1U; }}};
  for (const auto& [member, change] : others) {
    EXPECT_THAT(desk().GrantFor(father_.id, anna_.id, record,
                                StatementOf(father_, first, change)),
                StatusSays(absl::StatusCode::kInvalidArgument,
                           "statement." + member + ":"));
  }
  const auto second = GrantAs(father_, first);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->record.state, RecordState::kGranted);
  EXPECT_TRUE(Released(world_.Read(record)));
}

TEST_F(ConsentDelegation, TwoOfThreeAreEnough) {
  Record(Terms(DelegationKind::kGuardian, {&mother_, &father_, &bob_}, 2));
  const RecordView asked = world_.Request(anna_);
  const RecordView first = GrantAs(bob_, asked).value().record;
  EXPECT_EQ(first.state, RecordState::kAwaitingOthers);
  EXPECT_EQ(GrantAs(mother_, first).value().record.state,
            RecordState::kGranted);
}

TEST_F(ConsentDelegation, SignaturesSurviveARestart) {
  Record(Terms(DelegationKind::kParent, {&mother_, &father_}, 2));
  const RecordView asked = world_.Request(anna_);
  const RecordView first = GrantAs(mother_, asked).value().record;
  world_.Restart();
  EXPECT_THAT(GrantAs(mother_, first),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(GrantAs(father_, first).value().record.state,
            RecordState::kGranted);
}

TEST_F(ConsentDelegation, OfTwoWhoDisagreeTheOneWhoDeniesWins) {
  Record(Terms(DelegationKind::kParent, {&mother_, &father_}, 2));
  const RecordView asked = world_.Request(anna_);
  const RecordView first = GrantAs(mother_, asked).value().record;
  ASSERT_THAT(desk().RefuseFor(father_.id, anna_.id, asked.revision.record,
                               absl::UnixEpoch()),
              IsOk());
  EXPECT_THAT(GrantAs(mother_, first),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ConsentDelegation, AnyOneOfThemOrThePersonWithdraws) {
  Record(Terms(DelegationKind::kParent, {&mother_, &father_}, 2));
  for (const bool herself : {false, true}) {
    const RecordView asked = world_.Request(anna_);
    const RecordId record = asked.revision.record;
    const RecordView first = GrantAs(mother_, asked).value().record;
    ASSERT_THAT(GrantAs(father_, first), IsOk());
    const auto withdrawn =
        herself ? consent().Withdraw(anna_.id, record)
                : desk().WithdrawFor(father_.id, anna_.id, record);
    ASSERT_THAT(withdrawn, IsOk());
    EXPECT_EQ(withdrawn->record.state, RecordState::kWithdrawn);
    EXPECT_FALSE(Released(world_.Read(record)));
  }
}

TEST_F(ConsentDelegation, EndingItPausesWhatWasGrantedUnderIt) {
  const HeldDelegation held =
      Sign(Terms(DelegationKind::kPowerOfAttorney, {&mother_}));
  const RecordView hers = world_.Granted(anna_);
  const RecordView granted = GrantedByMother();
  const RecordId record = granted.revision.record;
  ASSERT_THAT(desk().EndDelegation(anna_.id, held.id), IsOk());
  EXPECT_FALSE(Released(world_.Read(record)));
  EXPECT_TRUE(Released(world_.Read(hers.revision.record)));
  const RecordView paused = consent().GetRecord(anna_.id, record).value();
  EXPECT_EQ(paused.state, RecordState::kPaused);
  EXPECT_NE(paused.revision.reason.find(held.id.Text()), std::string::npos);
  EXPECT_THAT(desk().WithdrawFor(mother_.id, anna_.id, record),
              StatusIs(absl::StatusCode::kNotFound));
  // The person may make it her own.
  ASSERT_THAT(consent().Resume(anna_.id, record), IsOk());
  EXPECT_TRUE(Released(world_.Read(record)));
}

TEST_F(ConsentDelegation, AnEndedOneIsNotRevivedByReplay) {
  const auto signed_once = receipt::SignDelegation(
      Terms(DelegationKind::kPowerOfAttorney, {&mother_}), anna_.key);
  const auto held = desk().MakeDelegation(anna_.id, signed_once);
  ASSERT_THAT(held, IsOk());
  ASSERT_THAT(desk().EndDelegation(anna_.id, held->id), IsOk());
  const auto again = desk().MakeDelegation(anna_.id, signed_once);
  ASSERT_THAT(again, IsOk());
  EXPECT_NE(again->ended, absl::UnixEpoch());
  world_.Restart();
  EXPECT_THAT(desk().ListRecordsFor(mother_.id, anna_.id),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ConsentDelegation, ThePersonEndsAllOfThemAtOnceWhoeverMadeThem) {
  Sign(Terms(DelegationKind::kPowerOfAttorney, {&mother_}));
  Record(Terms(DelegationKind::kGuardian, {&father_}));
  EXPECT_EQ(desk().ListDelegations(anna_.id)->size(), 2U);
  ASSERT_EQ(desk().EndAllDelegations(anna_.id)->size(), 2U);
  for (const Citizen* one : {&mother_, &father_}) {
    EXPECT_THAT(desk().ListRecordsFor(one->id, anna_.id),
                StatusIs(absl::StatusCode::kNotFound));
  }
}

TEST_F(ConsentDelegation, StaffLeaveTheirNameAndAReasonInTheLog) {
  const HeldDelegation held =
      Record(Terms(DelegationKind::kParent, {&mother_}));
  EXPECT_EQ(Newest().entry.actor, receipt::Actor::kStaff);
  EXPECT_EQ(held.administrator, AdministratorKey{1});
  EXPECT_THAT(desk().RevokeDelegation(anna_.id, held.id, ""),
              StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_THAT(desk().RevokeDelegation(anna_.id, held.id, "court order"),
              IsOk());
  EXPECT_EQ(Newest().entry.kind, receipt::AccessKind::kDelegationEnded);
  EXPECT_EQ(Newest().entry.actor, receipt::Actor::kStaff);
}

TEST_F(ConsentDelegation, ANomineeDoesNothingBeforeTheCaseHasCome) {
  Sign(Terms(DelegationKind::kNominee, {&mother_}));
  EXPECT_THAT(desk().ListRecordsFor(mother_.id, anna_.id),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ConsentDelegation, IsRefusedWhenForgedStaleOrForSomebodyElse) {
  using Damage = std::function<void(Delegation&)>;
  const std::vector<std::pair<std::string, Damage>> cases = {
      {"operator", [](Delegation& d) { d.operator_name = "other.example"; }},
      {"person", [&](Delegation& d) { d.person = bob_.id.Text(); }},
      {"kind", [](Delegation& d) { d.kind = DelegationKind::kParent; }},
      {"time", [](Delegation& d) { d.time += absl::Milliseconds(300'001); }},
      {"time", [](Delegation& d) { d.time -= absl::Milliseconds(300'001); }},
      {"representatives", [](Delegation& d) { d.representatives = {"x"}; }},
      {"representatives",
       [](Delegation& d) { d.representatives = {d.person}; }},
      {"until", [](Delegation& d) { d.until = d.from; }},
      {"signature_count", [](Delegation& d) { d.signature_count = 2; }},
      {"signature_count", [](Delegation& d) { d.signature_count = 0; }},
      {"powers", [](Delegation& d) { d.powers = {Power::kGrant}; }},
      {"purposes", [](Delegation& d) { d.purposes = {"https://x"}; }}};
  for (const auto& [member, damage] : cases) {
    Delegation bad = Terms(DelegationKind::kPowerOfAttorney, {&mother_});
    damage(bad);
    EXPECT_THAT(desk().MakeDelegation(anna_.id,
                                      receipt::SignDelegation(bad, anna_.key)),
                StatusSays(absl::StatusCode::kInvalidArgument, member));
  }
  const Delegation good = Terms(DelegationKind::kPowerOfAttorney, {&mother_});
  EXPECT_THAT(desk().MakeDelegation(anna_.id,
                                    receipt::SignDelegation(good, mother_.key)),
              StatusSays(absl::StatusCode::kInvalidArgument, "signature"));
  Delegation bare = Terms(DelegationKind::kParent, {&mother_});
  bare.evidence = {};
  EXPECT_THAT(desk().RecordDelegation(AdministratorKey{1}, bare.Canonical()),
              StatusSays(absl::StatusCode::kInvalidArgument, "evidence"));
}

TEST_F(ConsentDelegation, RefusesDoubledKeysEvenWhenSigned) {
  std::string text =
      Terms(DelegationKind::kPowerOfAttorney, {&mother_}).Canonical();
  text.insert(text.size() - 1, R"(,"until":"2099-01-01T00:00:00.000Z")");
  receipt::SignedDelegation doubled;
  doubled.canonical_json = text;
  doubled.signature = anna_.key.Sign(receipt::DelegationSigningInput(text));
  EXPECT_THAT(desk().MakeDelegation(anna_.id, doubled),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ConsentDelegation, IsListedForItsRepresentativeWithinScopeOnly) {
  Delegation terms = Terms(DelegationKind::kPowerOfAttorney, {&mother_});
  terms.services = {testing::IdOf<ServiceId>(9).Text()};
  Sign(terms);
  const RecordView granted = world_.Granted(anna_);
  EXPECT_TRUE(desk().ListRecordsFor(mother_.id, anna_.id)->empty());
  EXPECT_THAT(
      desk().ListAccessesFor(mother_.id, anna_.id, granted.revision.record),
      StatusIs(absl::StatusCode::kNotFound));
  Sign(Terms(DelegationKind::kPowerOfAttorney, {&mother_}));
  EXPECT_EQ(desk().ListRecordsFor(mother_.id, anna_.id)->size(), 1U);
  EXPECT_THAT(
      desk().ListAccessesFor(mother_.id, anna_.id, granted.revision.record),
      IsOk());
}

TEST_F(ConsentDelegation, AReservationEndsWithTheComingOfAge) {
  Delegation terms = Terms(DelegationKind::kParent, {&mother_});
  terms.grant_reserved = true;
  terms.until = world_.clock().Now() + absl::Hours(1);
  const HeldDelegation held = Record(terms);
  EXPECT_THAT(desk().EndDelegation(anna_.id, held.id),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  const RecordView asked = world_.Request(anna_);
  const auto grant = [&] {
    return consent()
        .Grant(anna_.id, asked.revision.record,
               world_.StatementFor(anna_, asked))
        .status();
  };
  world_.clock().Advance(absl::Hours(1) - absl::Milliseconds(1));
  EXPECT_THAT(grant(), StatusIs(absl::StatusCode::kFailedPrecondition));
  world_.clock().Advance(absl::Milliseconds(1));
  EXPECT_THAT(grant(), IsOk());
  EXPECT_THAT(desk().EndDelegation(anna_.id, held.id), IsOk());
}

TEST_F(ConsentDelegation, AReservationIsStaffsAndReachesItsScopeOnly) {
  Delegation signed_by_her =
      Terms(DelegationKind::kPowerOfAttorney, {&mother_});
  signed_by_her.grant_reserved = true;
  EXPECT_THAT(Delegation::Parse(signed_by_her.Canonical()),
              StatusSays(absl::StatusCode::kInvalidArgument, "reserved"));
  Delegation powerless = Terms(DelegationKind::kParent, {&mother_});
  powerless.grant_reserved = true;
  powerless.powers = {Power::kWithdraw};
  EXPECT_THAT(Delegation::Parse(powerless.Canonical()),
              StatusSays(absl::StatusCode::kInvalidArgument, "reserved"));
  Delegation elsewhere = Terms(DelegationKind::kParent, {&mother_});
  elsewhere.grant_reserved = true;
  elsewhere.services = {testing::IdOf<ServiceId>(9).Text()};
  Record(elsewhere);
  EXPECT_EQ(world_.Granted(anna_).state, RecordState::kGranted);
}

}  // namespace
}  // namespace limpid::consent
