// The acts of a person beside granting and ending, walked through the whole
// role: defer, narrow, object, refuse with a date.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "consent/record/refusal_memory.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using limpid::testing::StatusSays;
using receipt::LegalBasis;
using receipt::Reason;
using testing::Citizen;
using testing::Released;
using testing::World;

constexpr absl::Duration kTick = absl::Milliseconds(1);

class ConsentActs : public ::testing::Test {
 protected:
  Consent& consent() { return world_.consent(); }
  // A code of the service that nobody has bound.
  std::string NewCode(const AgreementPointer& agreement) {
    NewRequest request;
    request.agreement = agreement->id;
    request.version = agreement->version;
    request.request_id.fill(next_code_++);
    return consent().CreateRequest(world_.service()->id, request)->code;
  }
  RecordId Refused(absl::Time not_before) {
    const RecordId id = world_.Request(ann_).revision.record;
    EXPECT_THAT(consent().Refuse(ann_.id, id, not_before), IsOk());
    return id;
  }
  std::size_t EntryCount(const Citizen& citizen) {
    return consent().ListAccesses(citizen.id, {}, 0, 100)->entries.size();
  }

  testing::MemoryStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(1);
  Citizen bob_ = world_.NewCitizen(2);
  std::uint8_t next_code_ = 200;
};

// --- Withdraw ---

// What a restore has withdrawn again has no receipt; the grant's is no answer.
TEST_F(ConsentActs, AWithdrawalThatWasReplayedHasNoReceipt) {
  const RecordId record = world_.Granted(ann_).revision.record;
  MemoryLedgerStore older;
  older.PutBack(stores_.memory());
  ASSERT_THAT(consent().Withdraw(ann_.id, record), IsOk());
  world_.Stop();
  stores_.memory().PutBack(older);
  world_.Restart();
  const auto again = consent().Withdraw(ann_.id, record);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->record.state, RecordState::kWithdrawn);
  EXPECT_FALSE(again->receipt.has_value());
}

// --- Defer ---

TEST_F(ConsentActs, DeferredWaitsAndMayStillBeGrantedOrRefused) {
  const RecordView request = world_.Request(ann_);
  const RecordId id = request.revision.record;
  const auto deferred = consent().Defer(ann_.id, id);
  ASSERT_THAT(deferred, IsOk());
  EXPECT_EQ(deferred->record.state, RecordState::kDeferred);
  EXPECT_EQ(deferred->record.revision.answer_by, request.revision.answer_by);
  EXPECT_EQ(world_.Read(id)->outcomes[0].reason, Reason::kNoConsent);
  EXPECT_EQ(
      consent().ListRecords(ann_.id, true, std::nullopt, 9)->records.size(),
      1U);
  EXPECT_THAT(consent().Defer(ann_.id, id),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(
      consent().Grant(ann_.id, id, world_.StatementFor(ann_, deferred->record)),
      IsOk());
}

TEST_F(ConsentActs, DeferringDoesNotKeepARequestFromLapsing) {
  const RecordView request = world_.Request(ann_);
  const RecordId id = request.revision.record;
  ASSERT_THAT(consent().Defer(ann_.id, id), IsOk());
  world_.clock().Advance(request.revision.answer_by - world_.clock().Now() -
                         kTick);
  EXPECT_EQ(consent().GetRecord(ann_.id, id)->state, RecordState::kDeferred);
  world_.clock().Advance(kTick);
  EXPECT_EQ(consent().GetRecord(ann_.id, id)->state, RecordState::kLapsed);
  EXPECT_THAT(consent().Refuse(ann_.id, id, absl::UnixEpoch()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

// --- Narrow ---

TEST_F(ConsentActs, NarrowingTakesALineAtOnceAndKillsOpenPermits) {
  const RecordView granted = world_.Granted(ann_);
  const RecordId id = granted.revision.record;
  const auto before = world_.Read(id);
  ASSERT_TRUE(Released(before));
  const auto narrowed =
      consent().Narrow(ann_.id, id, {{"person.name"}, std::nullopt});
  ASSERT_THAT(narrowed, IsOk());
  EXPECT_EQ(narrowed->record.state, RecordState::kGranted);
  EXPECT_EQ(narrowed->record.revision.event, receipt::AccessKind::kNarrowed);
  EXPECT_EQ(narrowed->record.revision.lines, std::vector<std::uint16_t>{0});
  EXPECT_EQ(narrowed->record.revision.until, granted.revision.until);
  EXPECT_FALSE(before->release->hold->HandOverIfLive([] {}));
  const auto after = world_.Read(id);
  EXPECT_EQ(after->outcomes[0].reason, Reason::kReleased);
  EXPECT_EQ(after->outcomes[1].reason, Reason::kNoConsent);
  EXPECT_THAT(consent().GetHistory(ann_.id, id), IsOk());
}

TEST_F(ConsentActs, NarrowingShortensTheValidity) {
  const RecordView granted = world_.Granted(ann_);
  const RecordId id = granted.revision.record;
  const absl::Time until = world_.clock().Now() + absl::Hours(1);
  ASSERT_THAT(consent().Narrow(ann_.id, id, {{}, until}), IsOk());
  world_.clock().Advance(absl::Hours(1) - kTick);
  EXPECT_TRUE(Released(world_.Read(id)));
  world_.clock().Advance(kTick);
  EXPECT_EQ(world_.Read(id)->outcomes[0].reason, Reason::kExpired);
}

TEST_F(ConsentActs, NarrowingIsAStopOfItsOwnKind) {
  const RecordId id = world_.Granted(ann_).revision.record;
  ASSERT_THAT(consent().Narrow(ann_.id, id, {{"person.name"}, std::nullopt}),
              IsOk());
  const auto stops = stores_.ledger().Stops(0);
  ASSERT_THAT(stops, IsOk());
  ASSERT_EQ(stops->size(), 1U);
  EXPECT_EQ(stops->front().kind, StopKind::kNarrowed);
  EXPECT_EQ(stops->front().subject, id.bytes());
  EXPECT_EQ(stops->front().revision, 3U);
}

TEST_F(ConsentActs, WideningIsRefusedAndSaysWhatToDo) {
  const RecordView granted = world_.Granted(ann_);
  const RecordId id = granted.revision.record;
  EXPECT_THAT(consent().Narrow(ann_.id, id,
                               {{"person.name", "person.email"}, std::nullopt}),
              StatusSays(absl::StatusCode::kFailedPrecondition,
                         "keep_attributes[1]: is not in force; giving more "
                         "needs a grant of its own"));
  EXPECT_THAT(
      consent().Narrow(ann_.id, id, {{}, granted.revision.until + kTick}),
      StatusSays(absl::StatusCode::kFailedPrecondition, "until_time:"));
  EXPECT_THAT(consent().Narrow(ann_.id, id, {{}, granted.revision.until}),
              IsOk());
  EXPECT_EQ(consent().GetRecord(ann_.id, id)->revision, granted.revision);
}

TEST_F(ConsentActs, WhatWasNarrowedDoesNotComeBackByNarrowing) {
  const RecordId id = world_.Granted(ann_).revision.record;
  ASSERT_THAT(consent().Narrow(ann_.id, id, {{"person.name"}, std::nullopt}),
              IsOk());
  EXPECT_THAT(
      consent().Narrow(ann_.id, id,
                       {{"person.name", "person.birth_date"}, std::nullopt}),
      StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ConsentActs, RefusesANarrowingThatLeavesNothingOrSaysNothing) {
  const RecordId id = world_.Granted(ann_).revision.record;
  EXPECT_THAT(
      consent().Narrow(ann_.id, id, {{"person.birth_date"}, std::nullopt}),
      StatusSays(absl::StatusCode::kFailedPrecondition,
                 "leaves out a required line"));
  EXPECT_THAT(consent().Narrow(ann_.id, id, {}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(consent().Narrow(ann_.id, id, {{}, world_.clock().Now()}),
              StatusSays(absl::StatusCode::kInvalidArgument, "until_time:"));
  EXPECT_THAT(consent().Narrow(ann_.id, id,
                               {{"person.name", "person.name"}, std::nullopt}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ConsentActs, NarrowingTwiceIsTheSameRecord) {
  const RecordId id = world_.Granted(ann_).revision.record;
  const Narrowing narrowing = {{"person.name"}, std::nullopt};
  const auto first = consent().Narrow(ann_.id, id, narrowing);
  const auto second = consent().Narrow(ann_.id, id, narrowing);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->record.revision, second->record.revision);
}

TEST_F(ConsentActs, APausedRecordNarrowsAndStaysPaused) {
  const RecordId id = world_.Granted(ann_).revision.record;
  ASSERT_THAT(consent().Pause(ann_.id, id), IsOk());
  const auto narrowed =
      consent().Narrow(ann_.id, id, {{"person.name"}, std::nullopt});
  ASSERT_THAT(narrowed, IsOk());
  EXPECT_EQ(narrowed->record.state, RecordState::kPaused);
  ASSERT_THAT(consent().Resume(ann_.id, id), IsOk());
  EXPECT_EQ(world_.Read(id)->outcomes[1].reason, Reason::kNoConsent);
}

TEST_F(ConsentActs, NothingNarrowsThatIsNotInForce) {
  const RecordId waiting = world_.Request(ann_).revision.record;
  const RecordId ended = world_.Granted(ann_).revision.record;
  ASSERT_THAT(consent().Withdraw(ann_.id, ended), IsOk());
  for (const RecordId& id : {waiting, ended}) {
    EXPECT_THAT(consent().Narrow(ann_.id, id, {{"person.name"}, std::nullopt}),
                StatusIs(absl::StatusCode::kFailedPrecondition));
  }
}

TEST_F(ConsentActs, OtherPeopleReachNoActOfMine) {
  const RecordView request = world_.Request(ann_);
  const RecordId open = request.revision.record;
  const RecordView granted = world_.Granted(ann_);
  const RecordId id = granted.revision.record;
  const auto not_found = StatusIs(absl::StatusCode::kNotFound);
  EXPECT_THAT(consent().Defer(bob_.id, open), not_found);
  EXPECT_THAT(consent().Narrow(bob_.id, id, {{"person.name"}, std::nullopt}),
              not_found);
  EXPECT_THAT(consent().ObjectTo(bob_.id, id, ""), not_found);
  EXPECT_THAT(consent().AllowAskingAgain(bob_.id, id), not_found);
  EXPECT_EQ(consent().GetRecord(ann_.id, open)->revision, request.revision);
  EXPECT_EQ(consent().GetRecord(ann_.id, id)->revision, granted.revision);
}

// --- Refusal memory ---

TEST_F(ConsentActs, ARefusedServiceDoesNotAskAgainBeforeTheDate) {
  const absl::Time date = world_.clock().Now() + absl::Hours(24);
  const RecordId refused = Refused(date);
  const std::string code = NewCode(world_.agreement());
  EXPECT_THAT(
      consent().BindRequest(ann_.id, code),
      StatusSays(absl::StatusCode::kFailedPrecondition, refused.Text()));
  world_.clock().Advance(absl::Hours(24) - kTick);
  EXPECT_THAT(consent().BindRequest(ann_.id, code),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  world_.clock().Advance(kTick);
  EXPECT_THAT(consent().BindRequest(ann_.id, code), IsOk());
}

TEST_F(ConsentActs, AKeptAwayServiceSeesARequestThatNobodyBound) {
  Refused(absl::InfiniteFuture());
  const std::size_t entries = EntryCount(ann_);
  const std::string kept_away = NewCode(world_.agreement());
  const std::string ignored = NewCode(world_.agreement());
  const std::uint64_t batches = consent().batch_count();
  ASSERT_FALSE(consent().BindRequest(ann_.id, kept_away).ok());
  // Nothing was stored, so nothing is on the service's stream.
  EXPECT_EQ(consent().batch_count(), batches);
  for (const std::string& code : {kept_away, ignored}) {
    const auto status = consent().GetRequestStatus(world_.service()->id, code);
    ASSERT_THAT(status, IsOk());
    EXPECT_EQ(status->state, RecordState::kDraft);
    EXPECT_FALSE(status->record.has_value());
    EXPECT_FALSE(status->pseudonym.has_value());
  }
  EXPECT_EQ(EntryCount(ann_), entries);
  // Somebody else may still bring the code.
  EXPECT_THAT(consent().BindRequest(bob_.id, kept_away), IsOk());
}

TEST(RefusalMemory, ReachesTheSameQuestionOfTheSameServiceOnly) {
  const testing::ThreePurposes purposes;
  const Agreement refused_agreement = testing::CareAgreement();
  LiveRecord refused;
  refused.revision = testing::RequestedRecord(refused_agreement);
  refused.revision.state = RecordState::kRefused;
  refused.ask_not_before = testing::kStart + absl::Hours(1);
  const auto keeps_away = [&](const Agreement& asked, absl::Time now) {
    return KeepsAway(refused, refused_agreement, asked, purposes, now);
  };
  const absl::Time now = testing::kStart;
  AgreementContent unrelated = testing::CareContent();
  unrelated.purposes = {std::string(testing::kMarketing)};
  const auto agreement = [](std::uint8_t id, std::uint8_t service,
                            const AgreementContent& content) {
    return MakeAgreement(testing::IdOf<AgreementId>(id), 2,
                         testing::IdOf<ServiceId>(service), content,
                         testing::kStart);
  };
  // A new version of what was refused, whatever it is for now.
  EXPECT_TRUE(keeps_away(agreement(4, 3, unrelated), now));
  EXPECT_TRUE(keeps_away(agreement(5, 3, testing::CareContent()), now));
  EXPECT_FALSE(keeps_away(agreement(5, 3, unrelated), now));
  EXPECT_FALSE(keeps_away(agreement(5, 9, testing::CareContent()), now));
  EXPECT_FALSE(keeps_away(refused_agreement, refused.ask_not_before));
  refused.revision.state = RecordState::kLapsed;
  EXPECT_FALSE(keeps_away(refused_agreement, now));
}

TEST_F(ConsentActs, AnotherNameOrANarrowerPurposeIsTheSameQuestion) {
  const RecordId id = world_.Request(ann_).revision.record;
  ASSERT_THAT(
      consent().Refuse(ann_.id, id, world_.clock().Now() + absl::Hours(24)),
      IsOk());
  AgreementContent again = testing::CareContent();
  again.titles = {{"en", "The same under another name"}};
  EXPECT_FALSE(
      consent().BindRequest(ann_.id, NewCode(world_.Publish(again))).ok());
  AgreementContent narrower = testing::CareContent();
  narrower.purposes = {std::string(testing::kHomeCare)};
  EXPECT_FALSE(
      consent().BindRequest(ann_.id, NewCode(world_.Publish(narrower))).ok());
}

TEST_F(ConsentActs, SheMayLetARefusedServiceAskAgain) {
  const RecordId refused = Refused(world_.clock().Now() + absl::Hours(24));
  const std::string code = NewCode(world_.agreement());
  ASSERT_FALSE(consent().BindRequest(ann_.id, code).ok());
  ASSERT_THAT(consent().AllowAskingAgain(ann_.id, refused), IsOk());
  EXPECT_THAT(consent().BindRequest(ann_.id, code), IsOk());
  EXPECT_EQ(consent().GetRecord(ann_.id, refused)->state,
            RecordState::kRefused);
  const RecordId granted = world_.Granted(ann_).revision.record;
  EXPECT_THAT(consent().AllowAskingAgain(ann_.id, granted),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ConsentActs, ARefusalWithoutADateKeepsNobodyAway) {
  Refused(absl::UnixEpoch());
  EXPECT_THAT(consent().BindRequest(ann_.id, NewCode(world_.agreement())),
              IsOk());
}

TEST_F(ConsentActs, ARefusalOutlivesARestart) {
  Refused(world_.clock().Now() + absl::Hours(24));
  world_.Restart();
  EXPECT_THAT(consent().BindRequest(ann_.id, NewCode(world_.agreement())),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

// --- Bases other than consent ---

class ConsentBases : public ConsentActs {
 protected:
  // A granted record under another basis, of a service that may rely on it.
  RecordView GrantedUnder(LegalBasis basis) {
    Service service = testing::CareService();
    service.id = ServiceId();
    service.keys = {base::Digest32{50}};
    service.bases = {basis};
    base::ByteArray<16> request_id{};
    request_id.fill(static_cast<std::uint8_t>(90 + static_cast<int>(basis)));
    service.keys[0][1] = static_cast<std::uint8_t>(basis);
    const auto made = consent().CreateService(request_id, service);
    AgreementContent content = testing::CareContent();
    content.basis = basis;
    const auto agreement =
        consent().CreateAgreement((*made)->id, std::nullopt, content);
    NewRequest request;
    request.agreement = (*agreement)->id;
    request.version = 1;
    const auto code = consent().CreateRequest((*made)->id, request)->code;
    const auto bound = consent().BindRequest(ann_.id, code);
    return consent()
        .Grant(ann_.id, bound->revision.record,
               world_.StatementFor(ann_, *bound))
        ->record;
  }
};

TEST_F(ConsentBases, OnlyConsentIsWithdrawnPausedOrNarrowed) {
  for (const LegalBasis basis :
       {LegalBasis::kContract, LegalBasis::kLegalObligation,
        LegalBasis::kVitalInterests, LegalBasis::kPublicTask,
        LegalBasis::kLegitimateInterests}) {
    SCOPED_TRACE(LegalBasisName(basis));
    const RecordView record = GrantedUnder(basis);
    const RecordId id = record.revision.record;
    const auto refused = StatusSays(absl::StatusCode::kFailedPrecondition,
                                    "object to the record instead");
    EXPECT_THAT(consent().Withdraw(ann_.id, id), refused);
    EXPECT_THAT(consent().Pause(ann_.id, id), refused);
    EXPECT_THAT(consent().Narrow(ann_.id, id, {{"person.name"}, std::nullopt}),
                refused);
    EXPECT_EQ(consent().GetRecord(ann_.id, id)->revision, record.revision);
  }
}

TEST_F(ConsentBases, AnObjectionPausesWhereTheLawGivesIt) {
  for (const LegalBasis basis :
       {LegalBasis::kPublicTask, LegalBasis::kLegitimateInterests}) {
    const RecordId id = GrantedUnder(basis).revision.record;
    const auto objection = consent().ObjectTo(ann_.id, id, "my situation");
    ASSERT_THAT(objection, IsOk());
    EXPECT_EQ(objection->refusal, "");
    EXPECT_EQ(objection->record.state, RecordState::kPaused);
    EXPECT_EQ(objection->record.revision.reason,
              "objection under GDPR Article 21(1): my situation");
    // Only she takes it back.
    EXPECT_THAT(consent().Resume(ann_.id, id), IsOk());
  }
}

TEST_F(ConsentBases, AnObjectionIsRefusedWithTheLawWhereThereIsNone) {
  for (const LegalBasis basis :
       {LegalBasis::kContract, LegalBasis::kLegalObligation,
        LegalBasis::kVitalInterests}) {
    const RecordView record = GrantedUnder(basis);
    const auto objection =
        consent().ObjectTo(ann_.id, record.revision.record, "no");
    ASSERT_THAT(objection, IsOk());
    EXPECT_NE(objection->refusal.find("Article 6(1)"), std::string::npos);
    EXPECT_EQ(objection->record.revision, record.revision);
  }
}

TEST_F(ConsentBases, ConsentIsWithdrawnNotObjectedTo) {
  const RecordView record = world_.Granted(ann_);
  const auto objection =
      consent().ObjectTo(ann_.id, record.revision.record, "");
  ASSERT_THAT(objection, IsOk());
  EXPECT_NE(objection->refusal.find("withdraw"), std::string::npos);
  EXPECT_EQ(objection->record.state, RecordState::kGranted);
  EXPECT_THAT(consent().ObjectTo(ann_.id, record.revision.record,
                                 std::string(901, 'x')),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace limpid::consent
