// Erasing an account: who may, what refuses it, what is gone, and what others
// see of it.

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "common/crypto/hash.h"
#include "common/jose/jwk.h"
#include "common/jose/jws.h"
#include "common/json/json.h"
#include "common/receipt/erasure.h"
#include "consent/duty/duty_rows.h"
#include "consent/duty/setting_aside.h"
#include "consent/propagation/stream_reader.h"
#include "consent/propagation/watch_hub.h"
#include "consent/push/push_desk.h"
#include "consent/push/security_event.h"
#include "consent/standing/standing_desk.h"
#include "gtest/gtest.h"
#include "tests/unit/consent/account_erasure_fixture.h"
#include "tests/unit/consent/delegation_fixture.h"
#include "tests/unit/consent/embargo_fixture.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using limpid::testing::StatusSays;
using testing::Citizen;
using testing::Released;
using testing::World;

constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kNotFound = absl::StatusCode::kNotFound;

class AccountErasure : public testing::AccountErasureWorld {};

TEST_F(AccountErasure, LeavesWhereHerEntriesWereAndNothingElse) {
  const RecordId record = Ended(ann_);
  // Refused and waiting ones, and reads that are refused.
  const RecordId waiting = world_.Request(ann_).revision.record;
  (void)world_.Read(record);
  (void)world_.Read(waiting);
  const auto all = RowsOf(ann_.id);
  const auto entries = std::count_if(
      all.begin(), all.end(),
      [](const PersonalRow& row) { return row.key.kind == RowKind::kEntry; });
  const RecordId other = world_.Granted(bob_).revision.record;
  const std::size_t of_bob = RowsOf(bob_.id).size();

  const auto erased = Erase(ann_);
  ASSERT_THAT(erased, IsOk());
  EXPECT_TRUE(erased->finished);
  EXPECT_EQ(erased->time, world_.clock().Now());
  ExpectGone(ann_);
  EXPECT_EQ(RowsOf(ann_.id).size(), static_cast<std::size_t>(entries));
  for (const RecordId& hers : {record, waiting}) {
    EXPECT_FALSE(Released(world_.Read(hers)));
    EXPECT_THAT(consent().GetRecord(ann_.id, hers), StatusIs(kNotFound));
    EXPECT_THAT(consent().Revoke(hers, "late"), StatusIs(kNotFound));
  }
  EXPECT_THAT(Erase(ann_), StatusIs(kNotFound));
  // Nobody else loses anything.
  EXPECT_EQ(RowsOf(bob_.id).size(), of_bob);
  EXPECT_TRUE(Released(world_.Read(other)));
  world_.Restart();
  ExpectGone(ann_);
  EXPECT_TRUE(Released(world_.Read(other)));
}

TEST_F(AccountErasure, TheOperatorSignsThatItBegan) {
  const receipt::SignedAccountErasure statement =
      receipt::SignAccountErasure(Terms(ann_), ann_.key);
  const auto erased = AccountErasureDesk(consent()).Erase(ann_.id, statement);
  ASSERT_THAT(erased, IsOk());
  const auto item = [&](const PersonId& person, absl::Time time,
                        std::string_view text) {
    return receipt::VerifyBatchItem(
        erased->proof, receipt::BatchKind::kReceipts,
        receipt::AccountErasedItem(person.bytes(), time, text),
        consent().evidence_key());
  };
  EXPECT_THAT(item(ann_.id, erased->time, statement.canonical_json), IsOk());
  EXPECT_FALSE(item(bob_.id, erased->time, statement.canonical_json).ok());
  EXPECT_FALSE(item(ann_.id, erased->time + absl::Milliseconds(1),
                    statement.canonical_json)
                   .ok());
  EXPECT_FALSE(item(ann_.id, erased->time, Terms(ann_, true).Canonical()).ok());
}

TEST_F(AccountErasure, WhatIsInForceComesFirst) {
  const RecordId record = world_.Granted(ann_).revision.record;
  EXPECT_THAT(Erase(ann_), StatusSays(kRefused, "withdraw"));
  ASSERT_THAT(consent().Pause(ann_.id, record), IsOk());
  // Giving up evidence gives up no consent.
  EXPECT_THAT(Erase(ann_, /*give_up_duties=*/true),
              StatusSays(kRefused, "1 consent(s) are in force"));
  EXPECT_THAT(consent().GetAccount(ann_.id), IsOk());
  // It ends by itself, before anybody has written so.
  world_.clock().Advance(absl::Hours(24 * 400));
  EXPECT_THAT(Erase(ann_, true), IsOk());
}

TEST_F(AccountErasure, AnOpenDutyKeepsItsEvidenceUnlessSheGivesItUp) {
  const RecordId record = world_.Granted(ann_).revision.record;
  ASSERT_TRUE(Released(world_.Read(record)));
  ASSERT_THAT(consent().Withdraw(ann_.id, record), IsOk());
  EXPECT_THAT(Erase(ann_), StatusSays(kRefused, "1 deletion(s)"));
  // Overdue, nobody has looked.
  world_.clock().Advance(absl::Hours(24 * 60));
  EXPECT_THAT(Erase(ann_), StatusIs(kRefused));
  EXPECT_THAT(Erase(ann_, /*give_up_duties=*/true), IsOk());
  ExpectGone(ann_);
  EXPECT_TRUE(DutyDesk(consent())
                  .ListServiceDuties(world_.service()->id, true, 0, 10)
                  ->duties.empty());
  EXPECT_TRUE(DutyDesk(consent()).ListOverdueDuties()->services.empty());

  (void)Ended(bob_);
  EXPECT_THAT(Erase(bob_), IsOk());
}

// What a listing read before she was erased is not written again after it.
TEST_F(AccountErasure, NoIndexRowComesBack) {
  (void)Ended(ann_, /*reads=*/0);
  Consent::State& state = consent().state();
  const ServiceId service = world_.service()->id;
  const RowId index = DutyIndexOf(state.blinder, service);
  const std::vector<EventRow> read = *stores_.ledger().Events(index, 0, 10);
  ASSERT_EQ(read.size(), 1U);
  ASSERT_THAT(Erase(ann_), IsOk());
  SetAside(state, service, read);
  state.sequencer->RunDue();
  for (const RowId& any : {index, AnsweredIndexOf(state.blinder, service)}) {
    EXPECT_TRUE(stores_.ledger().Events(any, 0, 10)->empty());
  }
}

TEST_F(AccountErasure, OnlyHerOwnSignatureErases) {
  const auto refused = StatusIs(kInvalid);
  const receipt::AccountErasureRequest terms = Terms(ann_);
  const auto send = [&](const Citizen& who,
                        const receipt::SignedAccountErasure& statement) {
    return AccountErasureDesk(consent()).Erase(who.id, statement).status();
  };
  EXPECT_THAT(send(ann_, receipt::SignAccountErasure(terms, bob_.key)),
              refused);
  // Another's account, and one's own signature of another's.
  EXPECT_THAT(send(bob_, receipt::SignAccountErasure(terms, ann_.key)),
              refused);
  EXPECT_THAT(send(bob_, receipt::SignAccountErasure(terms, bob_.key)),
              refused);
  receipt::SignedAccountErasure changed =
      receipt::SignAccountErasure(terms, ann_.key);
  changed.signature[5] ^= 1U;
  EXPECT_THAT(send(ann_, changed), refused);
  changed = receipt::SignAccountErasure(terms, ann_.key);
  changed.canonical_json.replace(changed.canonical_json.find("false"), 5,
                                 "true");
  EXPECT_THAT(send(ann_, changed), refused);
  receipt::AccountErasureRequest other = terms;
  other.operator_name = "elsewhere.example";
  EXPECT_THAT(Send(ann_, other), refused);
  for (const absl::Duration off : {absl::Minutes(6), -absl::Minutes(6)}) {
    other = terms;
    other.time += off;
    EXPECT_THAT(Send(ann_, other), refused);
  }
  // What erases an entry erases no account.
  receipt::ErasureRequest entry;
  entry.operator_name = "limpid.example";
  entry.person = ann_.id.Text();
  entry.sequence = 1;
  entry.time = world_.clock().Now();
  const receipt::SignedErasure of_entry = receipt::SignErasure(entry, ann_.key);
  EXPECT_THAT(send(ann_, {of_entry.canonical_json, of_entry.signature}),
              refused);
  EXPECT_THAT(send(ann_, {terms.Canonical(), of_entry.signature}), refused);
  EXPECT_THAT(consent().GetAccount(ann_.id), IsOk());
  EXPECT_THAT(consent().GetAccount(bob_.id), IsOk());
  EXPECT_FALSE(*IsErased(stores_.ledger(), ann_.id));
}

TEST_F(AccountErasure, HerKeyMayOpenANewAccount) {
  const RecordId record = Ended(ann_);
  ASSERT_THAT(Erase(ann_), IsOk());
  const auto made = consent().CreateAccount(ann_.key.PublicKey());
  ASSERT_THAT(made, IsOk());
  EXPECT_NE(made->person, ann_.id);
  const Citizen again{testing::KeyOf(11), made->person};
  EXPECT_TRUE(consent()
                  .ListRecords(again.id, false, std::nullopt, 10)
                  ->records.empty());
  EXPECT_THAT(consent().GetRecord(again.id, record), StatusIs(kNotFound));
  EXPECT_TRUE(Released(world_.Read(world_.Granted(again).revision.record)));
  world_.Restart();
  EXPECT_EQ(consent().FindKey(KeyIdOf(ann_.key.PublicKey()))->person, again.id);
  EXPECT_TRUE(*IsErased(stores_.ledger(), ann_.id));
}

TEST_F(AccountErasure, ACommitThatFailsErasesNothing) {
  (void)Ended(ann_);
  const auto before = RowsOf(ann_.id);
  stores_.memory().FailCommits(absl::ResourceExhaustedError("full"));
  EXPECT_FALSE(Erase(ann_).ok());
  stores_.memory().FailCommits(absl::OkStatus());
  EXPECT_EQ(RowsOf(ann_.id), before);
  EXPECT_THAT(consent().GetAccount(ann_.id), IsOk());
  (void)Ended(ann_);
  EXPECT_THAT(Erase(ann_), IsOk());
}

// What others still know of her from before the first commit finds nobody.
TEST_F(AccountErasure, NothingRevivesTheAccountWhileItIsErased) {
  const RecordId record = Ended(ann_);
  // No page comes through.
  stores_.memory().FailCommitsAfter(1, absl::UnavailableError("disk"));
  const auto begun = Erase(ann_);
  ASSERT_THAT(begun, IsOk());
  EXPECT_FALSE(begun->finished);
  stores_.memory().FailCommits(absl::OkStatus());
  ExpectOut(ann_);
  EXPECT_FALSE(Released(world_.Read(record)));
  EXPECT_THAT(consent().Withdraw(ann_.id, record), StatusIs(kNotFound));
  EXPECT_THAT(Erase(ann_), StatusIs(kNotFound));
  EXPECT_THAT(consent().CreateAccount(ann_.key.PublicKey()), IsOk());
  // The failed page waited; the clock brings it back.
  world_.clock().Advance(absl::Minutes(11));
  for (int i = 0; i < 10; ++i) consent().RunDue();
  EXPECT_EQ(Marker(ann_).stage, ErasingStage::kFinished);
  EXPECT_FALSE(stores_.keys().Get(ann_.id)->has_value());
}

TEST_F(AccountErasure, WatchTellsOfEachRecord) {
  const RecordId first = Ended(ann_);
  const RecordId second = world_.Request(ann_).revision.record;
  (void)world_.Granted(bob_);
  ASSERT_THAT(Erase(ann_), IsOk());
  const Consent::State& s = consent().state();
  base::Mutex mutex;
  base::ConditionVariable changed;
  std::vector<StreamEvent> seen;
  WatchHub hub({stores_.ledger(), consent().state().person_keys, s.blinder,
                world_.clock(), s.cursor_key});
  ASSERT_THAT(hub.Subscribe(world_.service()->id, {},
                            [&](const WatchItem& item) {
                              const base::MutexLock lock(mutex);
                              if (item.event) seen.push_back(*item.event);
                              changed.NotifyAll();
                              return true;
                            }),
              IsOk());
  const base::MutexLock lock(mutex);
  // Three of the first, one of the second, two of Bob, and two that tell it.
  for (int i = 0; i < 250 && seen.size() < 8; ++i) {
    (void)changed.WaitFor(mutex, absl::Milliseconds(20));
  }
  ASSERT_EQ(seen.size(), 8U);
  std::map<RecordId, int> told;
  for (const StreamEvent& event : seen) {
    if (event.revision != 0) {
      EXPECT_NE(event.record, first);
      EXPECT_NE(event.record, second);
      continue;
    }
    ++told[event.record];
    EXPECT_EQ(event.state, RecordState::kTerminated);
    EXPECT_EQ(event.pseudonym, Pseudonym{});
    EXPECT_TRUE(event.agreement.none());
    EXPECT_TRUE(event.attributes.empty());
    EXPECT_GE(event.time, testing::kStart - absl::Hours(1));
  }
  EXPECT_EQ(told, (std::map<RecordId, int>{{first, 4}, {second, 2}}));
}

TEST_F(AccountErasure, PushTellsThatSheWasErased) {
  PushDesk desk(consent());
  ASSERT_THAT(desk.SetOrigin({}, world_.service()->id, "https://care.example"),
              IsOk());
  ASSERT_THAT(desk.SetEndpoint(world_.service()->id, "https://care.example/e"),
              IsOk());
  const RecordId record = Ended(ann_);
  desk.RunDue();
  world_.push().Forget();
  ASSERT_THAT(Erase(ann_), IsOk());
  desk.RunDue();
  ASSERT_EQ(world_.push().pushed().size(), 1U);
  const auto payload = jose::VerifyCompact(
      world_.push().pushed().front().token,
      jose::PublicJwk(consent().evidence_key()), kSecurityEventType);
  ASSERT_THAT(payload, IsOk());
  const json::Value claims = json::ParseStrict(*payload).value();
  EXPECT_FALSE(claims.GetObject("sub_id").ok());
  const json::Value event =
      claims.GetObject("events").value().GetObject(kRecordChanged).value();
  EXPECT_EQ(event.GetString("record").value(), record.Text());
  EXPECT_EQ(event.GetInteger("revision").value(), 0);
  EXPECT_EQ(event.GetString("state").value(), "TERMINATED");
  EXPECT_FALSE(event.GetObject("agreement").ok());
}

// A key that is gone without an erasure stays silent.
TEST_F(AccountErasure, AKeyThatIsOnlyMissingTellsNothing) {
  const RecordId record = Ended(ann_);
  ASSERT_THAT(keys().Erase(ann_.id), IsOk());
  PersonKeys fresh(keys(), consent().state().parts.keks);
  const auto rows = stores_.ledger().Events(
      StreamOf(consent().state().blinder, world_.service()->id), 0, 100);
  ASSERT_THAT(rows, IsOk());
  ASSERT_FALSE(rows->empty());
  for (const EventRow& row : *rows) {
    EXPECT_EQ(row.record, record);
    const auto event = ReadStreamRow(stores_.ledger(), fresh, row);
    ASSERT_THAT(event, IsOk());
    EXPECT_FALSE(event->has_value());
  }
}

TEST_F(AccountErasure, StandingPermissionsGrantNothingAnyMore) {
  receipt::StandingPermission terms;
  terms.class_name = "the city";
  terms.from = world_.clock().Now();
  terms.until = terms.from + absl::Hours(24 * 100);
  terms.time = terms.from;
  terms.language = "en";
  for (const std::size_t line : {1U, 2U, 0U}) {
    terms.lines.push_back(PermitLineOf(testing::CareContent().lines[line]));
  }
  terms.members = {world_.service()->id.Text()};
  terms.purposes = {std::string(testing::kCare)};
  terms.operator_name = "limpid.example";
  terms.person = ann_.id.Text();
  terms.retention_days = 30;
  terms.validity_days = 365;
  ASSERT_THAT(StandingDesk(consent()).Make(
                  ann_.id, receipt::SignStanding(terms, ann_.key)),
              IsOk());
  ASSERT_THAT(Erase(ann_), IsOk());
  ExpectGone(ann_);
  const Citizen again{testing::KeyOf(11),
                      consent().CreateAccount(ann_.key.PublicKey())->person};
  EXPECT_EQ(world_.Request(again).state, RecordState::kRequested);
}

// --- delegations, both ways ---

class ErasureAndDelegation : public ConsentDelegation {
 protected:
  absl::Status Erase(const Citizen& who, const Citizen& signer) {
    receipt::AccountErasureRequest terms;
    terms.give_up_duties = true;
    terms.operator_name = "limpid.example";
    terms.person = who.id.Text();
    terms.time = world_.clock().Now();
    return AccountErasureDesk(consent())
        .Erase(who.id, receipt::SignAccountErasure(terms, signer.key))
        .status();
  }
};

TEST_F(ErasureAndDelegation, NoRepresentativeErasesAndNoneSeesHerAfterwards) {
  (void)Sign(Terms(receipt::DelegationKind::kPowerOfAttorney, {&mother_}));
  const RecordView record = GrantedByMother();
  EXPECT_THAT(Erase(anna_, mother_), StatusIs(kInvalid));
  ASSERT_THAT(consent().Withdraw(anna_.id, record.revision.record), IsOk());
  ASSERT_THAT(Erase(anna_, anna_), IsOk());
  EXPECT_TRUE(desk().ListMandates(mother_.id, 0, 10)->mandates.empty());
  EXPECT_THAT(desk().ListRecordsFor(mother_.id, anna_.id), StatusIs(kNotFound));
  EXPECT_THAT(desk().GetRecordFor(mother_.id, anna_.id, record.revision.record),
              StatusIs(kNotFound));
  EXPECT_THAT(desk().WithdrawFor(mother_.id, anna_.id, record.revision.record),
              StatusIs(kNotFound));
  EXPECT_THAT(
      desk().RecordDelegation(
          AdministratorKey{1},
          Terms(receipt::DelegationKind::kParent, {&mother_}).Canonical()),
      StatusIs(kNotFound));
}

TEST_F(ErasureAndDelegation, AnErasedRepresentativeHasNoPower) {
  (void)Sign(Terms(receipt::DelegationKind::kPowerOfAttorney, {&mother_}));
  const RecordView asked = world_.Request(anna_);
  ASSERT_THAT(Erase(mother_, mother_), IsOk());
  EXPECT_THAT(GrantAs(mother_, asked), StatusIs(kNotFound));
  // Hers is still Anna's to end, and Anna goes on.
  ASSERT_THAT(desk().EndAllDelegations(anna_.id), IsOk());
  EXPECT_TRUE(Released(world_.Read(world_.Granted(anna_).revision.record)));
}

// --- the law, and embargoes ---

class ErasureAndEmbargo : public testing::EmbargoWorld {
 protected:
  absl::Status Erase() {
    receipt::AccountErasureRequest terms;
    terms.operator_name = "limpid.example";
    terms.person = ann_.id.Text();
    terms.time = world_.clock().Now();
    terms.give_up_duties = true;
    return AccountErasureDesk(consent())
        .Erase(ann_.id, receipt::SignAccountErasure(terms, ann_.key))
        .status();
  }
};

TEST_F(ErasureAndEmbargo, ALawKeepsTheAccountUntilItsRecordEnds) {
  Give(20);
  ASSERT_THAT(consent().Withdraw(ann_.id, open_), IsOk());
  const RecordId record = GrantedUnder(20);
  const absl::Time until = consent().GetRecord(ann_.id, record)->revision.until;
  EXPECT_THAT(Erase(), StatusSays(kRefused, "rest on a law"));
  EXPECT_THAT(Erase(),
              StatusSays(kRefused, absl::FormatTime("%Y-%m-%d", until,
                                                    absl::UTCTimeZone())));
  world_.clock().Advance(until - world_.clock().Now() + absl::Seconds(1));
  EXPECT_THAT(Erase(), IsOk());
}

// A refusal would tell it; so would anything afterwards.
TEST_F(ErasureAndEmbargo, APendingEmbargoIsNoReasonAndIsNeverTold) {
  Give(20);
  ASSERT_THAT(consent().Withdraw(ann_.id, open_), IsOk());
  const RecordId record = GrantedUnder(20);
  const absl::Time until = consent().GetRecord(ann_.id, record)->revision.until;
  world_.clock().Advance(until - world_.clock().Now() - absl::Hours(30));
  (void)Read(record);
  ASSERT_THAT(consent().TickLog(), IsOk());
  world_.clock().Advance(absl::Hours(31));
  ASSERT_THAT(Erase(), IsOk());
  const std::uint64_t batches = consent().batch_count();
  Advance(absl::Hours(24 * 40));
  Advance(absl::Hours(24 * 40));
  EXPECT_EQ(consent().batch_count(), batches);
  const auto rows = stores_.ledger().ListKind(
      consent().state().blinder.ShardOf(ann_.id), ann_.id, RowKind::kEmbargoed);
  ASSERT_THAT(rows, IsOk());
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_TRUE(IsStub(rows->front()));
  EXPECT_EQ(rows->front().due_ms, 0);
}

}  // namespace
}  // namespace limpid::consent
