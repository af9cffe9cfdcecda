// Re-consent: what a new version of an agreement does to the consents that
// stand, on both sides of each date.

#include "consent/campaign/campaign.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/receipt/permit.h"
#include "consent/duty/duty_desk.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using limpid::testing::StatusSays;
using receipt::AccessKind;
using receipt::Reason;
using testing::CareContent;
using testing::Citizen;
using testing::Released;
using testing::World;

TEST(CoarseCount, NamesNobody) {
  EXPECT_EQ(CoarseCount(0), 0U);
  EXPECT_EQ(CoarseCount(9), 0U);
  EXPECT_EQ(CoarseCount(10), 10U);
  EXPECT_EQ(CoarseCount(19), 10U);
  EXPECT_EQ(CoarseCount(99), 90U);
  EXPECT_EQ(CoarseCount(1'999), 1'000U);
}

TEST(Campaign, ReadsBackWhatItStoredAndNothingElse) {
  Campaign campaign;
  campaign.agreement = testing::IdOf<AgreementId>(4);
  campaign.version = 2;
  campaign.material = true;
  campaign.created = testing::kStart;
  campaign.outdated_from = testing::kStart + kMaxGrace;
  campaign.made_by = {7};
  campaign.asking.phase = 1;
  campaign.asking.after =
      RecordRowKey(3, testing::IdOf<PersonId>(2), testing::IdOf<RecordId>(1));
  campaign.ending.done = true;
  campaign.asked_count = 12;
  const base::Bytes bytes = campaign.Encode();
  const auto back = Campaign::Decode(bytes);
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(*back, campaign);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(Campaign::Decode(base::ByteView(bytes).first(size)),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

class CampaignWalk : public ::testing::Test {
 protected:
  static constexpr absl::Duration kGrace = absl::Hours(24 * 10);

  // Publishes version after version of the world's agreement.
  AgreementPointer Publish(AgreementContent content,
                           absl::Duration grace = kGrace) {
    return world_.consent()
        .CreateAgreement(world_.service()->id, world_.agreement()->id,
                         std::move(content), {{7}, grace})
        .value();
  }
  static AgreementContent Wider() {
    AgreementContent content = CareContent();
    content.recipients = {"A broker"};
    return content;
  }
  static AgreementContent Narrower() {
    AgreementContent content = CareContent();
    content.retention_days = 1;
    return content;
  }
  void Run() { ASSERT_THAT(world_.consent().RunCampaigns(), IsOk()); }
  std::vector<ReconsentView> Asked(const Citizen& citizen) {
    return world_.consent().ListReconsents(citizen.id).value();
  }
  RecordState StateOf(const Citizen& citizen, const RecordId& record) {
    return world_.consent().GetRecord(citizen.id, record)->state;
  }
  Reason FirstReason(const RecordId& record) {
    return world_.Read(record)->outcomes[0].reason;
  }
  std::size_t CountOf(const Citizen& citizen, AccessKind kind) {
    const auto page = world_.consent().ListAccesses(citizen.id, {}, 0, 100);
    std::size_t out = 0;
    for (const AccessView& view : page->entries) {
      if (view.entry.kind == kind) ++out;
    }
    return out;
  }
  std::vector<DutyView> DutiesOf(const Citizen& citizen) {
    return DutyDesk(world_.consent())
        .ListDuties(citizen.id, std::nullopt)
        .value()
        .duties;
  }
  absl::StatusOr<ChangedRecord> Grant(const RecordView& request) {
    return world_.consent().Grant(ann_.id, request.revision.record,
                                  world_.StatementFor(ann_, request));
  }

  testing::MemoryStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(1);
  Citizen bob_ = world_.NewCitizen(2);
};

TEST_F(CampaignWalk, AMaterialVersionAsksOnceAndOutdatesAtTheEndOfGrace) {
  const RecordId old = world_.Granted(ann_).revision.record;
  Publish(Wider());
  Run();
  Run();
  const auto asked = Asked(ann_);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].follows, old);
  EXPECT_EQ(asked[0].request.agreement->version, 2U);
  EXPECT_EQ(asked[0].changes[0].path, "recipients[0]");
  EXPECT_EQ(CountOf(ann_, AccessKind::kReconsentAsked), 1U);
  EXPECT_TRUE(Asked(bob_).empty());
  // The last read of the grace, under a permit that does not outlive it.
  world_.clock().Advance(kGrace - absl::Milliseconds(500));
  const auto last = world_.Read(old);
  ASSERT_TRUE(Released(last));
  EXPECT_EQ(receipt::Permit::Decode(last->release->item)->not_after,
            *asked[0].outdated_from);
  world_.clock().Advance(absl::Milliseconds(500));
  EXPECT_EQ(FirstReason(old), Reason::kNoticeOutdated);
  EXPECT_EQ((*world_.consent().Explain(ann_.id, old,
                                       World::ReadRequestFor(old).read))[0]
                .reason,
            Reason::kNoticeOutdated);
  // Silence is no refusal: the consent stands, and releases nothing.
  Run();
  EXPECT_EQ(StateOf(ann_, old), RecordState::kGranted);
}

TEST_F(CampaignWalk, GrantingTheNewVersionSupersedesTheOld) {
  const RecordId old = world_.Granted(ann_).revision.record;
  const auto before = world_.Read(old);
  Publish(Wider());
  Run();
  const auto granted = Grant(Asked(ann_).front().request);
  ASSERT_THAT(granted, IsOk());
  EXPECT_EQ(StateOf(ann_, old), RecordState::kSuperseded);
  // That the releases' own retention ends is all that is owed.
  for (const DutyView& view : DutiesOf(ann_)) {
    EXPECT_EQ(view.duty.cause, DutyCause::kDataLife);
  }
  EXPECT_FALSE(before->release->hold->Live());
  EXPECT_TRUE(Released(world_.Read(granted->record.revision.record)));
  EXPECT_EQ(FirstReason(old), Reason::kNoConsent);
  const auto history = world_.consent().GetHistory(ann_.id, old);
  ASSERT_THAT(history, IsOk());
  EXPECT_EQ(history->back().event, AccessKind::kSuperseded);
  // The service knows her under the name it knew.
  const auto now = world_.Read(granted->record.revision.record);
  EXPECT_EQ(receipt::Permit::Decode(now->release->item)->pseudonym,
            receipt::Permit::Decode(before->release->item)->pseudonym);
}

// What the old consent gave and the new one does not must go, as after a
// narrowing.
TEST_F(CampaignWalk, WhatTheNewGrantLeavesOutMustBeDeleted) {
  const RecordView old = world_.Granted(ann_);
  Publish(Wider());
  Run();
  const RecordView request = Asked(ann_).front().request;
  receipt::Statement statement = testing::StatementFor(
      request.revision, *request.agreement, world_.clock().Now());
  statement.lines.resize(1);
  ASSERT_THAT(
      world_.consent().Grant(ann_.id, request.revision.record,
                             receipt::SignStatement(statement, ann_.key)),
      IsOk());
  const auto duties = DutiesOf(ann_);
  ASSERT_EQ(duties.size(), 1U);
  const Duty& duty = duties[0].duty;
  EXPECT_EQ(duty.cause, DutyCause::kNarrowed);
  EXPECT_EQ(duty.state, DutyState::kOpen);
  EXPECT_EQ(duty.record, old.revision.record);
  EXPECT_EQ(duty.agreement_version, 1U);
  EXPECT_EQ(duty.attributes, std::vector<std::string>{"person.birth_date"});
  const auto owed = DutyDesk(world_.consent())
                        .ListServiceDuties(world_.service()->id, false, 0, 9);
  ASSERT_THAT(owed, IsOk());
  ASSERT_EQ(owed->duties.size(), 1U);
  EXPECT_EQ(owed->duties[0].duty, duty);
}

TEST_F(CampaignWalk, WhatWasGivenWholeIsNotKeptInPart) {
  AgreementContent content = CareContent();
  content.lines[1] = {"person.birth_date",
                      Necessity::kOptional,
                      receipt::Form::kFull,
                      "",
                      "",
                      {}};
  const AgreementPointer whole = world_.Publish(content);
  world_.Granted(ann_, whole);
  const auto ask = [&](const AgreementContent& next) {
    EXPECT_THAT(
        world_.consent().CreateAgreement(world_.service()->id, whole->id, next),
        IsOk());
    Run();
    return Grant(Asked(ann_).front().request).status();
  };
  ASSERT_THAT(ask(Wider()), IsOk());
  ASSERT_EQ(DutiesOf(ann_).size(), 1U);
  EXPECT_EQ(DutiesOf(ann_)[0].duty.attributes,
            std::vector<std::string>{"person.birth_date"});
  // Whole covers every form.
  content.recipients = {"A broker"};
  ASSERT_THAT(ask(content), IsOk());
  EXPECT_EQ(DutiesOf(ann_).size(), 1U);
}

TEST_F(CampaignWalk, ARefusalEndsTheOldAtTheEndOfGraceAndNotBefore) {
  const RecordId old = world_.Granted(ann_).revision.record;
  Publish(Wider());
  Run();
  const RecordId asked = Asked(ann_).front().request.revision.record;
  ASSERT_THAT(world_.consent().Refuse(ann_.id, asked, world_.clock().Now()),
              IsOk());
  world_.clock().Advance(kGrace - absl::Milliseconds(1));
  Run();
  EXPECT_EQ(StateOf(ann_, old), RecordState::kGranted);
  EXPECT_TRUE(Released(world_.Read(old)));
  world_.clock().Advance(absl::Milliseconds(1));
  Run();
  EXPECT_EQ(StateOf(ann_, old), RecordState::kTerminated);
}

TEST_F(CampaignWalk, ALateRefusalEndsTheOldAtOnce) {
  const RecordId old = world_.Granted(ann_).revision.record;
  Publish(Wider(), absl::ZeroDuration());
  Run();
  EXPECT_EQ(FirstReason(old), Reason::kNoticeOutdated);
  const RecordId asked = Asked(ann_).front().request.revision.record;
  ASSERT_THAT(world_.consent().Refuse(ann_.id, asked, world_.clock().Now()),
              IsOk());
  EXPECT_EQ(StateOf(ann_, old), RecordState::kTerminated);
}

TEST_F(CampaignWalk, ANarrowerVersionTellsAndAsksNobody) {
  const RecordId old = world_.Granted(ann_).revision.record;
  Publish(Narrower(), absl::ZeroDuration());
  Run();
  Run();
  EXPECT_TRUE(Asked(ann_).empty());
  EXPECT_EQ(CountOf(ann_, AccessKind::kServiceChanged), 1U);
  EXPECT_EQ(CountOf(bob_, AccessKind::kServiceChanged), 0U);
  EXPECT_TRUE(Released(world_.Read(old)));
}

TEST_F(CampaignWalk, AskingGoesOnWhereARestartStoppedIt) {
  const RecordId old = world_.Granted(ann_).revision.record;
  world_.Granted(bob_);
  Publish(Wider());
  world_.Restart();
  Run();
  world_.Restart();
  Run();
  EXPECT_EQ(Asked(ann_).size(), 1U);
  EXPECT_EQ(Asked(bob_).size(), 1U);
  EXPECT_EQ(world_.consent().ListCampaigns().front().asked_count, 2U);
  world_.clock().Advance(kGrace);
  EXPECT_EQ(FirstReason(old), Reason::kNoticeOutdated);
}

TEST_F(CampaignWalk, SeveralRecordsAndPausedOnesAreAskedEach) {
  const RecordId paused = world_.Granted(ann_).revision.record;
  ASSERT_THAT(world_.consent().Pause(ann_.id, paused), IsOk());
  for (int i = 0; i < 20; ++i) world_.Granted(ann_);
  Publish(Wider());
  Run();
  EXPECT_EQ(Asked(ann_).size(), 21U);
}

TEST_F(CampaignWalk, WhatHasEndedIsNotAskedAgain) {
  const RecordId old = world_.Granted(ann_).revision.record;
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, old), IsOk());
  Publish(Wider());
  Run();
  EXPECT_TRUE(Asked(ann_).empty());
}

TEST_F(CampaignWalk, OtherWordsForTheSameAskNobodyTwice) {
  world_.Granted(ann_);
  Publish(Wider());
  Run();
  AgreementContent reworded = Wider();
  reworded.notices[0].text += " Really.";
  Publish(reworded);
  Run();
  ASSERT_EQ(Asked(ann_).size(), 1U);
  const RecordView request = Asked(ann_).front().request;
  ASSERT_THAT(world_.consent().Refuse(ann_.id, request.revision.record,
                                      world_.clock().Now()),
              IsOk());
  reworded.notices[0].text += " Really.";
  Publish(reworded);
  Run();
  EXPECT_TRUE(Asked(ann_).empty());
}

TEST_F(CampaignWalk, AnOutdatedVersionIsNeitherAskedForNorGranted) {
  const RecordView waiting = world_.Request(ann_);
  Publish(Wider());
  EXPECT_THAT(Grant(waiting), StatusSays(absl::StatusCode::kFailedPrecondition,
                                         "asks for more"));
  NewRequest request;
  request.agreement = world_.agreement()->id;
  request.version = 1;
  EXPECT_THAT(world_.consent().CreateRequest(world_.service()->id, request),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  request.version = 2;
  EXPECT_THAT(world_.consent().CreateRequest(world_.service()->id, request),
              IsOk());
}

TEST_F(CampaignWalk, GoingBackToLessLiftsTheEndOfGrace) {
  const RecordId old = world_.Granted(ann_).revision.record;
  Publish(Wider());
  Publish(Narrower());
  world_.clock().Advance(kGrace);
  EXPECT_TRUE(Released(world_.Read(old)));
}

TEST_F(CampaignWalk, GraceIsBounded) {
  for (const absl::Duration grace :
       {-absl::Seconds(1), kMaxGrace + absl::Seconds(1)}) {
    EXPECT_THAT(
        world_.consent().CreateAgreement(world_.service()->id,
                                         world_.agreement()->id, Wider(),
                                         {{7}, grace}),
        StatusSays(absl::StatusCode::kInvalidArgument, "reconsent_grace"));
  }
  EXPECT_THAT(world_.consent().CreateAgreement(world_.service()->id,
                                               world_.agreement()->id, Wider(),
                                               {{7}, kMaxGrace}),
              IsOk());
}

// The notice that was shown, in the language it was shown in, is what a grant
// binds; another version's or an invented one is refused.
TEST_F(CampaignWalk, AGrantBindsTheNoticeOfItsLanguage) {
  AgreementContent content = CareContent();
  content.notices.push_back({"nl", "Wij hebben dit nodig."});
  const AgreementPointer agreement = world_.Publish(content);
  const auto granted_with = [&](std::string_view text) {
    const RecordView record = world_.Request(ann_, agreement);
    receipt::Statement statement = testing::StatementFor(
        record.revision, *record.agreement, world_.clock().Now());
    statement.notice_hash = NoticeHash(text);
    return world_.consent().Grant(ann_.id, record.revision.record,
                                  receipt::SignStatement(statement, ann_.key));
  };
  const auto dutch = granted_with("Wij hebben dit nodig.");
  ASSERT_THAT(dutch, IsOk());
  EXPECT_EQ(dutch->record.revision.notice_hash,
            NoticeHash("Wij hebben dit nodig."));
  EXPECT_THAT(granted_with(testing::kNotice), IsOk());
  EXPECT_THAT(granted_with("Wij hebben dit nodig"),
              StatusSays(absl::StatusCode::kInvalidArgument, "notice_hash"));
}

}  // namespace
}  // namespace limpid::consent
