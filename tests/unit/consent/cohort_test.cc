// Who is in a cohort, who is not, and what a person sees of it.

#include "consent/cohort/cohort.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/receipt/cohort_permit.h"
#include "consent/agreement/agreement.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/cohort_fixture.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::Citizen;
using testing::CohortTest;
using testing::kHouseholdSize;
using testing::kStatistics;
using testing::Released;
using testing::SurveyContent;
using testing::World;

constexpr auto kDay = receipt::kCohortEpoch;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

TEST_F(CohortTest, HasExactlyThoseWhoseRecordAllowsIt) {
  const Citizen granted = Linked(1);
  const Citizen withdrawn = Linked(2);
  const Citizen paused = Linked(3);
  const Citizen other_line = Linked(4);
  const Citizen narrowed = Linked(6);
  const Citizen ended = Linked(7);
  Grant(granted);
  ASSERT_THAT(Withdraw(withdrawn, Grant(withdrawn)), IsOk());
  ASSERT_THAT(world_.consent().Pause(paused.id, Grant(paused)), IsOk());
  Grant(other_line, survey_, {1});
  ASSERT_THAT(
      world_.consent().Narrow(narrowed.id, Grant(narrowed, survey_, {0, 1}),
                              {{"person.birth_date"}, std::nullopt}),
      IsOk());
  Grant(ended, survey_, {0}, absl::Hours(1));
  world_.clock().Advance(absl::Hours(2));
  EXPECT_EQ(Ask().value(), Of({&granted}));
  for (const Citizen* out :
       {&withdrawn, &paused, &other_line, &narrowed, &ended}) {
    EXPECT_TRUE(Counted(*out).empty());
  }
}

TEST_F(CohortTest, ConsentToTheValueIsNoneToBeingCounted) {
  AgreementContent full = SurveyContent();
  full.lines[0].form = receipt::Form::kFull;
  survey_ = Publish(full);
  const Citizen ann = Linked(1);
  Grant(ann);
  EXPECT_THAT(Ask(), StatusIs(kPrecondition));
  const AgreementPointer next = Publish(SurveyContent(), survey_->id);
  const Citizen bob = Linked(2);
  Grant(bob, next);
  EXPECT_EQ(Ask().value(), Of({&bob}));
  EXPECT_TRUE(Counted(ann).empty());
}

TEST_F(CohortTest, ASourceCountsThoseItKnows) {
  const Citizen ann = Linked(1);
  Grant(ann);
  CohortRequest question = Question();
  question.source = testing::IdOf<SourceId>(9);
  world_.AddSource({question.source, "Register", ""});
  world_.Restart();
  ASSERT_THAT(
      world_.consent().CreateDefaultSharing({}, counter_->id, question.source),
      IsOk());
  // Ann's account is older than the source.
  const Citizen bob = Linked(2);
  Grant(bob);
  EXPECT_EQ(Ask(question)->release->members.size(), 1U);
  EXPECT_TRUE(Counted(ann).empty());
  EXPECT_EQ(Counted(bob).size(), 1U);
}

TEST_F(CohortTest, ThePermitIsSignedForThisQuestionAndTheseMembers) {
  const Citizen ann = Linked(1);
  Grant(ann);
  const CohortRequest question = Question();
  const auto answer = Ask(question);
  ASSERT_THAT(answer, IsOk());
  const CohortRelease& release = answer->release.value();
  EXPECT_THAT(
      receipt::VerifyBatchItem(release.proof, receipt::BatchKind::kPermits,
                               release.item, world_.consent().evidence_key()),
      IsOk());
  const auto permit = receipt::CohortPermit::Decode(release.item);
  ASSERT_THAT(permit, IsOk());
  EXPECT_EQ(permit->source, question.source.bytes());
  EXPECT_EQ(permit->service_key, question.caller_key);
  EXPECT_EQ(permit->agreement, question.agreement.bytes());
  EXPECT_EQ(permit->purpose, kStatistics);
  EXPECT_EQ(permit->attribute, kHouseholdSize);
  EXPECT_EQ(permit->nonce, question.nonce);
  EXPECT_EQ(permit->request_hash, question.request_hash);
  EXPECT_EQ(permit->epoch, question.epoch);
  EXPECT_EQ(permit->lease, receipt::kMaxCohortLease);
  EXPECT_EQ(permit->not_after, world_.clock().Now() + receipt::kMaxCohortLease);
  EXPECT_EQ(permit->member_count, 1U);
  EXPECT_EQ(permit->members, receipt::DigestOfMembers(release.members));
}

TEST_F(CohortTest, APersonSeesThatSheWasCountedOnceADay) {
  const Citizen ann = Linked(1);
  const RecordId record = Grant(ann);
  ASSERT_THAT(Ask(), IsOk());
  ASSERT_THAT(Ask(), IsOk());
  // Gathered again, and found entered.
  world_.Restart();
  ASSERT_EQ(Ask().value(), Of({&ann}));
  const auto seen = Counted(ann);
  ASSERT_EQ(seen.size(), 1U);
  const receipt::AccessEntry& entry = seen[0].entry;
  EXPECT_EQ(entry.service, counter_->id.bytes());
  EXPECT_EQ(entry.record, record.bytes());
  EXPECT_EQ(entry.purpose, kStatistics);
  ASSERT_EQ(entry.lines.size(), 1U);
  EXPECT_EQ(entry.lines[0].attribute, kHouseholdSize);
  EXPECT_EQ(entry.lines[0].form,
            static_cast<std::uint8_t>(receipt::Form::kAggregate));
  EXPECT_EQ(entry.lines[0].reason, receipt::Reason::kReleased);
  world_.clock().Advance(kDay);
  ASSERT_THAT(Ask(), IsOk());
  EXPECT_EQ(Counted(ann).size(), 2U);
}

TEST_F(CohortTest, AWithdrawalIsInNoLaterPermit) {
  const Citizen ann = Linked(1);
  const Citizen bob = Linked(2);
  const RecordId record = Grant(ann);
  Grant(bob);
  EXPECT_EQ(Ask().value(), Of({&ann, &bob}));
  ASSERT_THAT(Withdraw(ann, record), IsOk());
  EXPECT_EQ(Ask().value(), Of({&bob}));
  world_.Restart();
  EXPECT_EQ(Ask().value(), Of({&bob}));
  world_.clock().Advance(kDay);
  EXPECT_EQ(Ask().value(), Of({&bob}));
  EXPECT_EQ(Counted(ann).size(), 1U);
}

TEST_F(CohortTest, PausingNarrowingAndRevokingTakeOutToo) {
  const Citizen ann = Linked(1);
  const Citizen bob = Linked(2);
  const Citizen cem = Linked(3);
  const RecordId paused = Grant(ann);
  const RecordId narrowed = Grant(bob, survey_, {0, 1});
  const RecordId revoked = Grant(cem);
  EXPECT_EQ(Ask()->size(), 3U);
  ASSERT_THAT(world_.consent().Pause(ann.id, paused), IsOk());
  EXPECT_EQ(Ask().value(), Of({&bob, &cem}));
  ASSERT_THAT(world_.consent().Narrow(bob.id, narrowed,
                                      {{"person.birth_date"}, std::nullopt}),
              IsOk());
  EXPECT_EQ(Ask().value(), Of({&cem}));
  ASSERT_THAT(world_.consent().Revoke(revoked, "no longer needed"), IsOk());
  EXPECT_TRUE(Ask()->empty());
}

TEST_F(CohortTest, WhatIsGrantedOrResumedMeanwhileCountsFromTheNextEpochOn) {
  const Citizen ann = Linked(1);
  const Citizen bob = Linked(2);
  const RecordId paused = Grant(ann);
  ASSERT_THAT(Ask(), IsOk());
  ASSERT_THAT(world_.consent().Pause(ann.id, paused), IsOk());
  ASSERT_THAT(world_.consent().Resume(ann.id, paused), IsOk());
  Grant(bob);
  EXPECT_TRUE(Ask()->empty());
  world_.clock().Advance(kDay);
  EXPECT_EQ(Ask().value(), Of({&ann, &bob}));
}

TEST_F(CohortTest, APersonWithTwoRecordsCountsOnce) {
  const Citizen ann = Linked(1);
  Grant(ann);
  Grant(ann);
  EXPECT_EQ(Ask().value(), Of({&ann}));
  EXPECT_EQ(Counted(ann).size(), 1U);
}

TEST_F(CohortTest, ARecordThatEndsWithinTheLeaseIsLeftOut) {
  const Citizen ann = Linked(1);
  const Citizen bob = Linked(2);
  Grant(ann, survey_, {0}, absl::Hours(2) - absl::Milliseconds(1));
  Grant(bob, survey_, {0}, absl::Hours(2));
  world_.clock().Advance(absl::Hours(2) - receipt::kMaxCohortLease);
  EXPECT_EQ(Ask().value(), Of({&bob}));
}

TEST_F(CohortTest, IsGatheredOverManyPages) {
  constexpr std::uint8_t kMany = 3 * kCohortPage;
  std::vector<Citizen> citizens;
  for (std::uint8_t i = 1; i <= kMany; ++i) citizens.push_back(Linked(i));
  std::vector<const Citizen*> all;
  for (const Citizen& citizen : citizens) {
    Grant(citizen);
    all.push_back(&citizen);
  }
  // Asked at once, gathered once.
  std::promise<absl::StatusOr<CohortAnswer>> first;
  world_.consent().AuthoriseCohort(
      Question(), [&](auto answer) { first.set_value(std::move(answer)); });
  EXPECT_EQ(Ask().value(), Of(all));
  EXPECT_EQ(first.get_future().get()->release.value().members, Of(all));
  EXPECT_EQ(Counted(citizens[70]).size(), 1U);
}

TEST_F(CohortTest, OtherDecisionsRunBetweenItsPages) {
  for (std::uint8_t i = 1; i <= 2 * kCohortPage; ++i) Grant(Linked(i));
  const Citizen ann = Linked(200);
  const RecordView read = world_.Granted(ann);
  const std::uint64_t before = world_.consent().batch_count();
  std::promise<std::uint64_t> whole;
  world_.consent().AuthoriseCohort(Question(), [&](const auto&) {
    whole.set_value(world_.consent().batch_count());
  });
  // Answered without waiting for what is left of the cohort.
  EXPECT_TRUE(Released(world_.Read(read.revision.record)));
  // Two events a person, a page a commit, and one to close.
  EXPECT_GE(whole.get_future().get() - before, 4U);
}

TEST_F(CohortTest, AStopGivesUpWhatIsBeingGathered) {
  const RecordId read = world_.Granted(Linked(200)).revision.record;
  // Two events a person: four pages in all.
  std::vector<Citizen> citizens;
  for (std::uint8_t i = 1; i <= 2 * kCohortPage; ++i) {
    citizens.push_back(Linked(i));
    Grant(citizens.back());
  }
  Consent& consent = world_.consent();
  // Answers run on the sequencer's thread, which waits for the first of them.
  // The next is behind the question, and each behind that behind a page: the
  // last behind the first page that enters anybody.
  const std::function<void(int)> after = [&](int pages) {
    consent.Authorise(World::ReadRequestFor(read),
                      [&, pages](const auto& /*answer*/) {
                        if (pages == 0) return consent.StopGathering();
                        after(pages - 1);
                      });
  };
  std::promise<void> begin;
  consent.Authorise(
      World::ReadRequestFor(read),
      [go = begin.get_future()](const auto& /*answer*/) { go.wait(); });
  std::promise<absl::Status> stopped;
  consent.AuthoriseCohort(Question(), [&](const auto& answer) {
    stopped.set_value(answer.status());
  });
  after(5);
  begin.set_value();
  EXPECT_THAT(stopped.get_future().get(),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(Counted(citizens.front()).size(), 1U);
  EXPECT_TRUE(Counted(citizens.back()).empty());
  EXPECT_THAT(Ask(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(Released(world_.Read(read)));
}

TEST_F(CohortTest, ARepeatedAnswerNeedsTheRightAndNothingElse) {
  const Citizen ann = Linked(1);
  Grant(ann);
  CohortRequest repeated = Question();
  repeated.answered = true;
  const auto answer = Ask(repeated);
  ASSERT_THAT(answer, IsOk());
  EXPECT_FALSE(answer->release.has_value());
  EXPECT_TRUE(Counted(ann).empty());
  repeated.caller_key = base::Digest32{1};
  EXPECT_THAT(Ask(repeated), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(CohortTest, RefusesWhatTheAgreementDoesNotCover) {
  const auto refused = [&](auto change) {
    CohortRequest question = Question();
    change(question);
    return Ask(question).status();
  };
  EXPECT_THAT(refused([](auto& q) { q.caller_key = base::Digest32{9}; }),
              StatusIs(absl::StatusCode::kPermissionDenied));
  // Another service's agreement looks like none.
  EXPECT_THAT(refused([](auto& q) { q.caller_key = base::Digest32{1}; }),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(refused([](auto& q) { q.agreement = AgreementId(); }),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(refused([](auto& q) { q.purpose = testing::kCare; }),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(refused([](auto& q) { q.attribute = "no id"; }),
              StatusIs(absl::StatusCode::kInvalidArgument));
  // In full is not in statistics.
  EXPECT_THAT(refused([](auto& q) { q.attribute = "person.birth_date"; }),
              StatusIs(kPrecondition));
  EXPECT_THAT(refused([](auto& q) { ++q.epoch; }), StatusIs(kPrecondition));
  EXPECT_THAT(refused([](auto& q) { --q.epoch; }), StatusIs(kPrecondition));
  EXPECT_THAT(refused([](auto& q) { q.source = testing::IdOf<SourceId>(9); }),
              StatusIs(kPrecondition));
}

TEST_F(CohortTest, NothingIsCountedOnceTheSourceSharesNoMore) {
  const Citizen ann = Linked(1);
  Grant(ann);
  ASSERT_THAT(Ask(), IsOk());
  for (const SharingPointer& sharing :
       world_.consent().ListSharing(counter_->id)) {
    ASSERT_THAT(world_.consent().EndSharing({}, sharing->id), IsOk());
  }
  EXPECT_THAT(Ask(), StatusIs(kPrecondition));
}

TEST_F(CohortTest, AnOutdatedVersionGoesOutWithItsGrace) {
  const Citizen ann = Linked(1);
  const Citizen bob = Linked(2);
  Grant(ann);
  AgreementContent wider = SurveyContent();
  wider.recipients = {"A broker"};
  const AgreementPointer next = Publish(wider, survey_->id, absl::Hours(1));
  Grant(bob, next);
  EXPECT_EQ(Ask().value(), Of({&ann, &bob}));
  world_.clock().Advance(absl::Hours(1));
  EXPECT_EQ(Ask().value(), Of({&bob}));
}

TEST_F(CohortTest, WithoutADurableEntryThereIsNoPermit) {
  const Citizen ann = Linked(1);
  Grant(ann);
  stores_.memory().FailCommits(absl::UnavailableError("no disk"));
  EXPECT_THAT(Ask(), StatusIs(absl::StatusCode::kUnavailable));
  stores_.memory().FailCommits(absl::OkStatus());
  EXPECT_TRUE(Counted(ann).empty());
  EXPECT_EQ(Ask().value(), Of({&ann}));
  EXPECT_EQ(Counted(ann).size(), 1U);
}

TEST_F(CohortTest, ALostAnswerEntersNobodyTwice) {
  const Citizen ann = Linked(1);
  Grant(ann);
  stores_.memory().LoseAnswers(absl::UnavailableError("who knows"));
  EXPECT_THAT(Ask(), StatusIs(absl::StatusCode::kUnavailable));
  stores_.memory().LoseAnswers(absl::OkStatus());
  EXPECT_EQ(Ask().value(), Of({&ann}));
  EXPECT_EQ(Counted(ann).size(), 1U);
}

TEST_F(CohortTest, AJumpOfTheClockCountsNobody) {
  Grant(Linked(1));
  world_.clock().SetWall(world_.clock().Now() + absl::Hours(24 * 365));
  EXPECT_THAT(Ask(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(CohortTest, HasSoManyPermitsADayAlsoAfterARestart) {
  Grant(Linked(1));
  for (std::uint32_t i = 1; i < kMaxCohortPermits; ++i) {
    ASSERT_THAT(Ask(), IsOk()) << i;
  }
  world_.Restart();
  EXPECT_THAT(Ask(), IsOk());
  EXPECT_THAT(Ask(), StatusIs(absl::StatusCode::kResourceExhausted));
  world_.clock().Advance(kDay);
  EXPECT_THAT(Ask(), IsOk());
}

}  // namespace
}  // namespace limpid::consent
