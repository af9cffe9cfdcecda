// Deletion duties: when they open, what a service may answer, what a person and
// the operator see.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/receipt/access_entry.h"
#include "consent/duty/duty_desk.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/duty_fixture.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::Citizen;
using testing::IdOf;
using testing::Released;
using testing::World;

constexpr absl::Duration kTick = absl::Milliseconds(1);
constexpr absl::Duration kDay = absl::Hours(24);

TEST_F(DeletionDuty, OpensWithTheWithdrawal) {
  const RecordView record = world_.Granted(ann_);
  EXPECT_TRUE(OfService().duties.empty());
  ASSERT_THAT(
      world_.consent().Withdraw(ann_.id, record.revision.record).status(),
      IsOk());
  const DutyPage page = OfService();
  ASSERT_EQ(page.duties.size(), 1U);
  const Duty& duty = page.duties[0].duty;
  EXPECT_EQ(duty.cause, DutyCause::kWithdrawn);
  EXPECT_EQ(duty.state, DutyState::kOpen);
  EXPECT_EQ(duty.record, record.revision.record);
  EXPECT_EQ(duty.attributes,
            (std::vector<std::string>{"person.name", "person.birth_date"}));
  EXPECT_EQ(duty.due, world_.clock().Now() + kDay * 30);
  EXPECT_NE(duty.pseudonym, Pseudonym{});
  EXPECT_EQ(Of(ann_).at(0).duty, duty);
}

TEST_F(DeletionDuty, OpensForEveryOtherEndOfAConsentInForce) {
  const RecordView revoked = world_.Granted(ann_);
  ASSERT_THAT(
      world_.consent().Revoke(revoked.revision.record, "fraud").status(),
      IsOk());
  EXPECT_EQ(Of(ann_).at(0).duty.cause, DutyCause::kRevoked);

  (void)world_.Granted(bob_);
  world_.clock().Advance(kDay * 30);
  world_.consent().RunDue();
  EXPECT_EQ(Of(bob_).at(0).duty.cause, DutyCause::kExpired);
}

TEST_F(DeletionDuty, NothingIsOwedForWhatWasNeverGranted) {
  const RecordView refused = world_.Request(ann_);
  ASSERT_THAT(world_.consent()
                  .Refuse(ann_.id, refused.revision.record, absl::UnixEpoch())
                  .status(),
              IsOk());
  (void)world_.Request(bob_);
  world_.clock().Advance(kDay * 8);
  world_.consent().RunDue();
  EXPECT_TRUE(Of(ann_).empty());
  EXPECT_TRUE(Of(bob_).empty());
  EXPECT_TRUE(OfService(/*answered_too=*/true).duties.empty());
}

TEST(DutyTime, IsTheRetentionButADayAtLeastAndAMonthAtMost) {
  EXPECT_EQ(DutyTime(0), kDay);
  EXPECT_EQ(DutyTime(1), kDay);
  EXPECT_EQ(DutyTime(29), kDay * 29);
  EXPECT_EQ(DutyTime(30), kDay * 30);
  EXPECT_EQ(DutyTime(36'525), kDay * 30);
}

TEST_F(DeletionDuty, IsOverdueAtReadTimeBeforeAnythingIsWritten) {
  const Duty duty = Withdrawn(ann_);
  MoveTo(duty.due - kTick);
  EXPECT_EQ(Of(ann_).at(0).duty.state, DutyState::kOpen);
  EXPECT_TRUE(Desk().ListOverdueDuties().value().services.empty());
  MoveTo(duty.due);
  EXPECT_EQ(Of(ann_).at(0).duty.state, DutyState::kOverdue);
  EXPECT_EQ(OfService().duties.at(0).duty.state, DutyState::kOverdue);
  const auto overdue = Desk().ListOverdueDuties().value().services;
  ASSERT_EQ(overdue.size(), 1U);
  EXPECT_EQ(overdue[0].service, world_.service()->id);
  EXPECT_EQ(overdue[0].count, 1U);
  EXPECT_EQ(overdue[0].oldest, duty.due);
  // The same once the clock's own task has written it, also after a restart.
  world_.consent().RunDue();
  world_.Restart();
  EXPECT_EQ(Desk().ListOverdueDuties().value().services.size(), 1U);
  EXPECT_EQ(OfService().duties.at(0).duty.state, DutyState::kOverdue);
}

TEST_F(DeletionDuty, AcknowledgingIsAnEntryOfThePersonAndHappensOnce) {
  const Duty duty = Withdrawn(ann_);
  const auto done = Acknowledge(duty.id);
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->duty.state, DutyState::kAcknowledged);
  EXPECT_EQ(done->duty.answered, world_.clock().Now());
  world_.clock().Advance(absl::Minutes(1));
  const auto again = Acknowledge(duty.id);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->duty, done->duty);

  const auto log = world_.consent()
                       .ListAccesses(ann_.id, {.record = duty.record}, 0, kMany)
                       .value();
  ASSERT_EQ(log.entries.size(), 4U);
  EXPECT_EQ(log.entries[0].entry.kind,
            receipt::AccessKind::kDeletionAcknowledged);
  EXPECT_EQ(log.entries[0].entry.actor, receipt::Actor::kService);
  EXPECT_TRUE(OfService().duties.empty());
  EXPECT_EQ(OfService(/*answered_too=*/true).duties.size(), 1U);
  world_.clock().Advance(kDay * 365);
  EXPECT_EQ(Of(ann_).at(0).duty.state, DutyState::kAcknowledged);
}

TEST_F(DeletionDuty, RefusingTakesALegalGroundThatThePersonSees) {
  const Duty duty = Withdrawn(ann_);
  EXPECT_THAT(Refuse(duty.id, ""),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Desk().RefuseDeletion(world_.service()->id, duty.id,
                                    static_cast<RefusalReason>(7), "because"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Refuse(duty.id, std::string(kMaxExplanationBytes + 1, 'x')),
              StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_THAT(Refuse(duty.id, "case 12 before the court"), IsOk());
  ASSERT_THAT(Refuse(duty.id, "case 12 before the court"), IsOk());
  EXPECT_THAT(Refuse(duty.id, "another story"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  const Duty seen = Of(ann_).at(0).duty;
  EXPECT_EQ(seen.state, DutyState::kRefused);
  EXPECT_EQ(seen.refusal, RefusalReason::kLegalClaims);
  EXPECT_EQ(seen.explanation, "case 12 before the court");
  EXPECT_EQ(world_.consent()
                .ListAccesses(ann_.id, {.record = duty.record}, 0, kMany)
                .value()
                .entries[0]
                .entry.kind,
            receipt::AccessKind::kDeletionRefused);
  // Deleting after all is welcome; keeping after having deleted is a lie.
  ASSERT_THAT(Acknowledge(duty.id), IsOk());
  EXPECT_FALSE(Of(ann_).at(0).duty.refusal.has_value());
  EXPECT_THAT(Refuse(duty.id, "x"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(DeletionDuty, AnotherServiceAndAnotherPersonSeeNothing) {
  const Duty duty = Withdrawn(ann_);
  const auto other = IdOf<ServiceId>(0x77);
  EXPECT_TRUE(
      Desk().ListServiceDuties(other, true, 0, kMany).value().duties.empty());
  EXPECT_THAT(Desk().AcknowledgeDeletion(other, duty.id),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(
      Desk().RefuseDeletion(other, duty.id, RefusalReason::kLegalClaims, "x"),
      StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Acknowledge(IdOf<DutyId>(9)),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_TRUE(Of(bob_).empty());
  EXPECT_TRUE(Desk().ListDuties(bob_.id, duty.record).value().duties.empty());
  EXPECT_EQ(Of(ann_).at(0).duty.state, DutyState::kOpen);
}

TEST_F(DeletionDuty, TheDataLifeOfAReleaseEndsByItself) {
  const RecordView record = world_.Granted(ann_);
  ASSERT_TRUE(Released(world_.Read(record.revision.record)));
  ASSERT_TRUE(Released(world_.Read(record.revision.record)));
  // The person sees it coming, the service is not asked yet.
  ASSERT_EQ(Of(ann_).size(), 1U);
  const Duty duty = Of(ann_)[0].duty;
  EXPECT_EQ(duty.cause, DutyCause::kDataLife);
  EXPECT_EQ(duty.state, DutyState::kScheduled);
  EXPECT_GE(duty.opens, world_.clock().Now() + kDay * 30);
  EXPECT_LE(duty.opens, world_.clock().Now() + kDay * 31);
  EXPECT_EQ(duty.due, duty.opens + kDay * 7);
  EXPECT_TRUE(OfService(true).duties.empty());

  MoveTo(duty.opens - kTick);
  world_.consent().RunDue();
  EXPECT_EQ(StateOf(duty.id), DutyState::kScheduled);
  MoveTo(duty.opens);
  EXPECT_EQ(StateOf(duty.id), DutyState::kOpen);
  world_.consent().RunDue();
  bool listed = false;
  for (const DutyView& view : OfService().duties) {
    listed |= view.duty.id == duty.id;
  }
  EXPECT_TRUE(listed);
}

TEST_F(DeletionDuty, EachDayOfReleasesHasItsOwn) {
  const RecordView record = world_.Granted(ann_);
  ASSERT_TRUE(Released(world_.Read(record.revision.record)));
  world_.Restart();
  ASSERT_TRUE(Released(world_.Read(record.revision.record)));
  EXPECT_EQ(Of(ann_).size(), 1U);
  world_.clock().Advance(kDay);
  ASSERT_TRUE(Released(world_.Read(record.revision.record)));
  ASSERT_EQ(Of(ann_).size(), 2U);
  EXPECT_EQ(Of(ann_)[1].duty.opens, Of(ann_)[0].duty.opens + kDay);
}

TEST_F(DeletionDuty, ARefusedReadOwesNothing) {
  const RecordView record = world_.Granted(ann_);
  ASSERT_THAT(world_.consent().Pause(ann_.id, record.revision.record).status(),
              IsOk());
  EXPECT_FALSE(Released(world_.Read(record.revision.record)));
  EXPECT_TRUE(Of(ann_).empty());
}

TEST_F(DeletionDuty, AcknowledgingTheEndAnswersWhatWasScheduled) {
  const RecordView record = world_.Granted(ann_);
  ASSERT_TRUE(Released(world_.Read(record.revision.record)));
  ASSERT_THAT(
      world_.consent().Withdraw(ann_.id, record.revision.record).status(),
      IsOk());
  ASSERT_EQ(Of(ann_).size(), 2U);
  ASSERT_THAT(Acknowledge(OfService().duties.at(0).duty.id), IsOk());
  for (const DutyView& view : Of(ann_)) {
    EXPECT_EQ(view.duty.state, DutyState::kAcknowledged);
  }
  world_.clock().Advance(kDay * 60);
  world_.consent().RunDue();
  EXPECT_TRUE(Desk().ListOverdueDuties().value().services.empty());
}

TEST_F(DeletionDuty, SurvivesARestartAndAFailedCommitOpensNone) {
  const RecordView record = world_.Granted(ann_);
  stores_.memory().FailCommits(absl::UnavailableError("no disk"));
  EXPECT_FALSE(world_.consent().Withdraw(ann_.id, record.revision.record).ok());
  stores_.memory().FailCommits(absl::OkStatus());
  EXPECT_TRUE(Of(ann_).empty());
  ASSERT_THAT(
      world_.consent().Withdraw(ann_.id, record.revision.record).status(),
      IsOk());
  const Duty before = Of(ann_).at(0).duty;
  world_.Restart();
  EXPECT_EQ(Of(ann_).at(0).duty, before);
  EXPECT_EQ(OfService().duties.at(0).duty, before);
}

TEST_F(DamagedDuty, HidesNoOtherAndIsTold) {
  const Duty damaged = Withdrawn(ann_);
  const Duty hers = Withdrawn(ann_);
  const Duty his = Withdrawn(bob_);
  Damage(ann_, damaged.id);
  const auto ids = [](const auto& page) {
    std::vector<DutyId> out;
    for (const DutyView& view : page.duties) out.push_back(view.duty.id);
    return out;
  };
  const DutyPage page = OfService();
  EXPECT_EQ(ids(page), (std::vector<DutyId>{hers.id, his.id}));
  EXPECT_EQ(page.unreadable, 1U);
  EXPECT_EQ(world_.alarms().size(), 1U);
  const auto of_ann = Desk().ListDuties(ann_.id, std::nullopt);
  ASSERT_THAT(of_ann, IsOk());
  EXPECT_EQ(ids(*of_ann), std::vector<DutyId>{hers.id});
  EXPECT_EQ(of_ann->unreadable, 1U);
  const auto of_bob = Desk().ListDuties(bob_.id, std::nullopt);
  ASSERT_THAT(of_bob, IsOk());
  EXPECT_EQ(of_bob->unreadable, 0U);
  MoveTo(his.due);
  const auto overdue = Desk().ListOverdueDuties();
  ASSERT_THAT(overdue, IsOk());
  ASSERT_EQ(overdue->services.size(), 1U);
  EXPECT_EQ(overdue->services.front().count, 2U);
  EXPECT_EQ(overdue->unreadable, 1U);
  for (const absl::Status& alarm : world_.alarms()) {
    EXPECT_THAT(alarm, StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_EQ(alarm.message().find(ann_.id.Text()), std::string::npos);
  }
}

TEST_F(DamagedDuty, KeepsNoOtherOfItsRecordFromBeingAnswered) {
  const RecordView record = world_.Granted(ann_);
  ASSERT_TRUE(Released(world_.Read(record.revision.record)));
  const DutyId scheduled = Of(ann_).at(0).duty.id;
  ASSERT_THAT(
      world_.consent().Withdraw(ann_.id, record.revision.record).status(),
      IsOk());
  Damage(ann_, scheduled);
  const DutyPage page = OfService();
  ASSERT_EQ(page.duties.size(), 1U);
  EXPECT_THAT(Acknowledge(page.duties.front().duty.id), IsOk());
  EXPECT_FALSE(world_.alarms().empty());
  EXPECT_EQ(StateOf(page.duties.front().duty.id), DutyState::kAcknowledged);
  // The damaged one itself stays what it is.
  EXPECT_THAT(Acknowledge(scheduled), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(DutyBytes, AreExactlyOneDuty) {
  Duty duty;
  duty.id = IdOf<DutyId>(1);
  duty.state = DutyState::kRefused;
  duty.refusal = RefusalReason::kPublicHealth;
  duty.explanation = "why";
  duty.attributes = {"person.name"};
  base::Bytes bytes = duty.Encode();
  EXPECT_EQ(Duty::Decode(bytes).value(), duty);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(Duty::Decode({bytes.data(), size}).ok());
  }
  bytes.push_back(0);
  EXPECT_THAT(Duty::Decode(bytes), StatusIs(absl::StatusCode::kDataLoss));
  duty.state = DutyState::kOpen;
  EXPECT_THAT(Duty::Decode(duty.Encode()),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace limpid::consent
