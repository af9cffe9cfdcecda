// Pushing events: what is sent and when, what is tried again and what is given
// up, what a person sees of it, and that nothing is forgotten by a restart.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/jose/jwk.h"
#include "common/jose/jws.h"
#include "common/json/json.h"
#include "consent/consent_state.h"
#include "consent/push/push_desk.h"
#include "consent/push/security_event.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::Citizen;
using testing::IdOf;
using testing::Pushed;
using testing::World;

constexpr std::string_view kOrigin = "https://care.example";
constexpr std::string_view kUrl = "https://care.example/events";
constexpr int kDown = 503;

class Push : public ::testing::Test {
 protected:
  PushDesk Desk() { return PushDesk(world_.consent()); }
  ServiceId Service() { return world_.service()->id; }
  void Register() {
    ASSERT_THAT(Desk().SetOrigin({}, Service(), kOrigin), IsOk());
    ASSERT_THAT(Desk().SetEndpoint(Service(), kUrl), IsOk());
  }
  void Send() { Desk().RunDue(); }
  void SendAfter(absl::Duration wait) {
    world_.clock().Advance(wait);
    Send();
  }
  std::vector<DeliveryView> Of(const RecordId& record) {
    return Desk().ListDeliveries(ann_.id, record).value();
  }
  Delivery Last(const RecordId& record) { return Of(record).back().delivery; }
  RecordId Granted() { return world_.Granted(ann_).revision.record; }
  void Withdraw(const RecordId& record) {
    ASSERT_THAT(world_.consent().Withdraw(ann_.id, record), IsOk());
  }
  json::Value Claims(const Pushed& pushed) {
    const auto payload = jose::VerifyCompact(
        pushed.token, jose::PublicJwk(world_.consent().evidence_key()),
        kSecurityEventType);
    EXPECT_THAT(payload, IsOk());
    return json::ParseStrict(payload.value()).value();
  }
  std::vector<std::string> Ids() {
    std::vector<std::string> out;
    for (const Pushed& one : world_.push().pushed()) {
      out.push_back(Claims(one).GetString("jti").value());
    }
    return out;
  }
  json::Value Event(const Pushed& pushed) {
    return Claims(pushed)
        .GetObject("events")
        .value()
        .GetObject(kRecordChanged)
        .value();
  }
  // Revisions of what was pushed, in order.
  std::vector<std::int64_t> Revisions() {
    std::vector<std::int64_t> out;
    for (const Pushed& one : world_.push().pushed()) {
      out.push_back(Event(one).GetInteger("revision").value());
    }
    return out;
  }

  testing::MemoryStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(1);
  Citizen bob_ = world_.NewCitizen(2);
};

TEST_F(Push, TellsWhatWatchTells) {
  Register();
  const RecordId record = Granted();
  Send();
  ASSERT_EQ(world_.push().pushed().size(), 2U);
  const Pushed pushed = world_.push().pushed().back();
  EXPECT_EQ(pushed.url, kUrl);
  const json::Value claims = Claims(pushed);
  EXPECT_EQ(claims.GetString("iss").value(), "limpid.example");
  EXPECT_EQ(claims.GetString("aud").value(), Service().Text());
  EXPECT_EQ(claims.GetInteger("iat").value(),
            absl::ToUnixSeconds(world_.clock().Now()));
  const json::Value event = Event(pushed);
  EXPECT_EQ(event.GetString("record").value(), record.Text());
  EXPECT_EQ(event.GetString("state").value(), "GRANTED");
  EXPECT_EQ(event.GetInteger("revision").value(), 2);
  EXPECT_EQ(event.GetArray("attributes").value().elements().size(), 2U);
  const json::Value subject = claims.GetObject("sub_id").value();
  EXPECT_EQ(subject.GetString("format").value(), "opaque");
  EXPECT_NE(subject.GetString("id").value(),
            base::Base64UrlEncode(Pseudonym{}));
  EXPECT_EQ(json::Canonical(claims).find(ann_.id.Text()), std::string::npos);
}

TEST_F(Push, NothingIsPushedBeforeOrWithoutAnEndpoint) {
  const RecordId record = Granted();
  Send();
  Register();
  Send();
  EXPECT_TRUE(world_.push().pushed().empty());
  EXPECT_EQ(Last(record).state, DeliveryState::kNotPushed);
  Withdraw(record);
  EXPECT_EQ(Last(record).state, DeliveryState::kPending);
  Send();
  EXPECT_EQ(Revisions(), std::vector<std::int64_t>{3});
}

TEST_F(Push, ThePersonSeesPendingAndDelivered) {
  Register();
  const RecordId record = Granted();
  ASSERT_EQ(Of(record).size(), 2U);
  EXPECT_EQ(Of(record)[0].delivery.state, DeliveryState::kPending);
  SendAfter(absl::Seconds(1));
  for (const DeliveryView& view : Of(record)) {
    EXPECT_EQ(view.delivery.state, DeliveryState::kDelivered);
    EXPECT_EQ(view.delivery.delivered, world_.clock().Now());
    EXPECT_EQ(view.delivery.attempts, 0U);
  }
  EXPECT_EQ(Of(record)[1].entered, RecordState::kGranted);
}

TEST_F(Push, OtherPeoplesRecordsAreNotFound) {
  Register();
  const RecordId record = Granted();
  Send();
  EXPECT_THAT(Desk().ListDeliveries(bob_.id, record),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Desk().ListDeliveries(ann_.id, IdOf<RecordId>(9)),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(Push, FindsTheEventsOfOneRecordAmongMany) {
  Register();
  const RecordId first = Granted();
  for (int i = 0; i < 5; ++i) {
    // Some at the same time, some later.
    if (i % 2 == 0) world_.clock().Advance(absl::Milliseconds(1));
    (void)world_.Granted(bob_, world_.Publish([&] {
      AgreementContent content = testing::CareContent();
      content.retention_days = 40U + static_cast<std::uint32_t>(i);
      return content;
    }()));
  }
  Withdraw(first);
  world_.push().AnswerWith(
      [&](const Pushed& pushed) -> absl::StatusOr<PushAnswer> {
        const bool hers =
            Event(pushed).GetString("record").value() == first.Text();
        return PushAnswer{hers ? 400 : 202, ""};
      });
  Send();
  ASSERT_EQ(Of(first).size(), 3U);
  for (const DeliveryView& view : Of(first)) {
    EXPECT_EQ(view.delivery.state, DeliveryState::kDeadLetter) << view.revision;
  }
  EXPECT_EQ(world_.push().pushed().size(), 13U);
}

TEST_F(Push, AFailureIsTriedAgainLaterWithTheSameId) {
  Register();
  world_.push().AnswerWith(kDown);
  const RecordId record = Granted();
  Send();
  ASSERT_EQ(world_.push().pushed().size(), 1U);
  const Delivery failing = Of(record)[0].delivery;
  EXPECT_EQ(failing.state, DeliveryState::kFailing);
  EXPECT_EQ(failing.attempts, 1U);
  EXPECT_EQ(failing.verdict.failure, PushFailure::kServerError);
  const absl::Duration wait = *failing.next - world_.clock().Now();
  EXPECT_GE(wait, absl::Milliseconds(500));
  EXPECT_LE(wait, absl::Seconds(1));
  EXPECT_EQ(Of(record)[1].delivery.state, DeliveryState::kPending);

  SendAfter(wait - absl::Milliseconds(1));
  EXPECT_EQ(world_.push().pushed().size(), 1U);
  world_.push().AnswerWith(202);
  SendAfter(absl::Milliseconds(1));
  const auto ids = Ids();
  ASSERT_EQ(ids.size(), 3U);
  EXPECT_EQ(ids[0], ids[1]);
  EXPECT_NE(ids[1], ids[2]);
  EXPECT_EQ(Revisions(), (std::vector<std::int64_t>{1, 1, 2}));
  EXPECT_EQ(Of(record)[0].delivery.state, DeliveryState::kDelivered);
}

TEST_F(Push, WaitsGrowToAnHourAndNothingOvertakes) {
  Register();
  world_.push().AnswerWith(kDown);
  const RecordId record = Granted();
  absl::Duration longest;
  for (int i = 0; i < 20; ++i) {
    Send();
    const Delivery failing = Of(record)[0].delivery;
    ASSERT_EQ(failing.attempts, static_cast<std::uint32_t>(i) + 1);
    const absl::Duration wait = *failing.next - world_.clock().Now();
    longest = std::max(longest, wait);
    world_.clock().Advance(wait);
  }
  EXPECT_GE(longest, absl::Minutes(30));
  EXPECT_LE(longest, absl::Hours(1));
  EXPECT_EQ(std::set<std::int64_t>({1}), [&] {
    const auto all = Revisions();
    return std::set<std::int64_t>(all.begin(), all.end());
  }());
  world_.push().AnswerWith(202);
  Send();
  EXPECT_EQ(Last(record).state, DeliveryState::kDelivered);
}

TEST_F(Push, WhatIsRejectedIsADeadLetterAtOnceAndTheNextGoesOn) {
  Register();
  world_.push().AnswerWith(
      [&](const Pushed& pushed) -> absl::StatusOr<PushAnswer> {
        if (Event(pushed).GetInteger("revision").value() != 1) {
          return PushAnswer{202, ""};
        }
        return PushAnswer{400, R"({"err":"invalid_audience"})"};
      });
  const RecordId record = Granted();
  Send();
  const auto views = Of(record);
  EXPECT_EQ(views[0].delivery.state, DeliveryState::kDeadLetter);
  EXPECT_EQ(views[0].delivery.attempts, 1U);
  EXPECT_EQ(views[0].delivery.verdict.rejection,
            PushRejection::kInvalidAudience);
  EXPECT_EQ(views[1].delivery.state, DeliveryState::kDelivered);
  const auto letters = Desk().ListDeadLetters(std::nullopt);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].letter.service, Service());
  EXPECT_EQ(Desk().GetEndpoint(Service())->dead_letter_count, 1U);
}

TEST_F(Push, AfterThreeDaysAnEventIsGivenUpAndOthersStillGetTheirAttempt) {
  Register();
  world_.push().AnswerWith(kDown);
  const RecordId record = Granted();
  Send();
  SendAfter(kPushLife - absl::Milliseconds(1));
  EXPECT_EQ(Of(record)[0].delivery.state, DeliveryState::kFailing);
  SendAfter(kLongestPushWait);
  EXPECT_EQ(Of(record)[0].delivery.state, DeliveryState::kDeadLetter);
  EXPECT_EQ(Of(record)[0].delivery.attempts, 3U);
  EXPECT_EQ(Of(record)[1].delivery.state, DeliveryState::kPending);
  // Somebody who is back gets everything that still waits, the late included.
  world_.push().AnswerWith(202);
  SendAfter(kLongestPushWait);
  EXPECT_EQ(Of(record)[1].delivery.state, DeliveryState::kDelivered);
}

TEST_F(Push, WhenTheLastEventWasGivenUpNothingFailsAnyMore) {
  Register();
  const RecordId record = Granted();
  Send();
  world_.push().AnswerWith(kDown);
  Withdraw(record);
  Send();
  SendAfter(kPushLife);
  EXPECT_EQ(Last(record).state, DeliveryState::kDeadLetter);
  const std::size_t attempts = world_.push().pushed().size();
  SendAfter(kLongestPushWait);
  EXPECT_EQ(world_.push().pushed().size(), attempts);
  EXPECT_FALSE(Desk().GetEndpoint(Service())->trouble.has_value());
}

TEST_F(Push, TheThreeDaysDoNotRunWhileThisServerIsAway) {
  Register();
  const RecordId record = Granted();
  world_.Stop();
  world_.clock().Advance(kPushLife * 2);
  world_.Restart();
  world_.push().AnswerWith(kDown);
  Send();
  EXPECT_EQ(Of(record)[0].delivery.state, DeliveryState::kFailing);
}

TEST_F(Push, DeadLettersAreSentAgainOnceWhenAnAdministratorSaysSo) {
  Register();
  world_.push().AnswerWith(400);
  const RecordId record = Granted();
  Send();
  EXPECT_EQ(Desk().ListDeadLetters(Service()).size(), 2U);
  EXPECT_TRUE(Desk().ListDeadLetters(IdOf<ServiceId>(9)).empty());
  const auto first_ids = Ids();
  world_.push().Forget();

  world_.push().AnswerWith(kDown);
  EXPECT_EQ(Desk().RetryDeadLetters(std::nullopt).value(), 2U);
  EXPECT_EQ(Of(record)[0].delivery.state, DeliveryState::kPending);
  Send();
  EXPECT_EQ(world_.push().pushed().size(), 2U);
  EXPECT_EQ(Of(record)[0].delivery.state, DeliveryState::kDeadLetter);
  EXPECT_EQ(Of(record)[0].delivery.attempts, 2U);
  SendAfter(kPushLife);
  EXPECT_EQ(world_.push().pushed().size(), 2U);

  world_.push().AnswerWith(202);
  EXPECT_EQ(Desk().RetryDeadLetters(Service()).value(), 2U);
  world_.push().Forget();
  // What was ordered outlives a restart.
  world_.Restart();
  Send();
  EXPECT_EQ(Ids(), first_ids);
  EXPECT_EQ(Of(record)[0].delivery.state, DeliveryState::kDelivered);
  EXPECT_EQ(Of(record)[0].delivery.delivered, world_.clock().Now());
  EXPECT_EQ(Desk().RetryDeadLetters(std::nullopt).value(), 0U);
}

TEST_F(Push, ARestartGoesOnWhereItWas) {
  Register();
  const RecordId record = Granted();
  Send();
  Withdraw(record);
  world_.push().Forget();
  world_.Restart();
  Send();
  EXPECT_EQ(Revisions(), std::vector<std::int64_t>{3});
  EXPECT_EQ(Of(record)[0].delivery.state, DeliveryState::kDelivered);
  EXPECT_TRUE(Of(record)[0].delivery.delivered.has_value());
}

TEST_F(Push, WhatWasNotCommittedIsSentAgainWithTheSameIds) {
  Register();
  const RecordId record = Granted();
  stores_.memory().FailCommits(absl::UnavailableError("the disk is full"));
  Send();
  EXPECT_EQ(Last(record).state, DeliveryState::kPending);
  const auto first_ids = Ids();
  ASSERT_EQ(first_ids.size(), 2U);
  stores_.memory().FailCommits(absl::OkStatus());
  world_.push().Forget();
  world_.Restart();
  Send();
  EXPECT_EQ(Ids(), first_ids);
  EXPECT_EQ(Last(record).state, DeliveryState::kDelivered);
}

TEST_F(Push, AFailureOutlivesARestart) {
  Register();
  world_.push().AnswerWith(kDown);
  const RecordId record = Granted();
  Send();
  const Delivery before = Of(record)[0].delivery;
  world_.Restart();
  Send();
  EXPECT_EQ(world_.push().pushed().size(), 1U);
  EXPECT_EQ(Of(record)[0].delivery.attempts, before.attempts);
  EXPECT_EQ(Of(record)[0].delivery.state, DeliveryState::kFailing);
}

TEST_F(Push, ManyEventsGoInOrderOverSeveralTurns) {
  Register();
  const RecordId record = Granted();
  for (int i = 0; i < 40; ++i) {
    ASSERT_THAT(world_.consent().Pause(ann_.id, record), IsOk());
    ASSERT_THAT(world_.consent().Resume(ann_.id, record), IsOk());
  }
  Send();
  const auto revisions = Revisions();
  ASSERT_EQ(revisions.size(), 82U);
  for (std::size_t i = 0; i < revisions.size(); ++i) {
    EXPECT_EQ(revisions[i], static_cast<std::int64_t>(i) + 1);
  }
  const auto views = Of(record);
  for (const DeliveryView& view : views) {
    EXPECT_EQ(view.delivery.state, DeliveryState::kDelivered);
  }
  EXPECT_FALSE(views.front().delivery.delivered.has_value());
  EXPECT_TRUE(views.back().delivery.delivered.has_value());
}

TEST_F(Push, EndpointsMustBeOnTheRegisteredOrigin) {
  const auto set = [&](std::string_view url) {
    return Desk().SetEndpoint(Service(), url).status();
  };
  EXPECT_THAT(set(kUrl), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Desk().GetEndpoint(Service()),
              StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(Desk().SetOrigin({}, Service(), kOrigin), IsOk());
  for (const char* const url :
       {"https://evil.example/events", "https://care.example:444/events",
        "https://care.example.evil.example/", "https://x.care.example/",
        "http://care.example/events", "https://10.0.0.1/"}) {
    EXPECT_THAT(set(url), StatusIs(absl::StatusCode::kInvalidArgument)) << url;
  }
  EXPECT_FALSE(Desk().GetEndpoint(Service())->endpoint.active());
  EXPECT_THAT(set(kUrl), IsOk());
  EXPECT_THAT(Desk().SetOrigin({}, Service(), "https://10.0.0.1"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Desk().SetOrigin({}, IdOf<ServiceId>(9), kOrigin),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(Push, AnotherOriginRemovesTheEndpoint) {
  Register();
  const RecordId record = Granted();
  ASSERT_THAT(Desk().SetOrigin({}, Service(), "https://new.example"), IsOk());
  Send();
  EXPECT_TRUE(world_.push().pushed().empty());
  EXPECT_EQ(Last(record).state, DeliveryState::kNotPushed);
  EXPECT_EQ(Desk().GetEndpoint(Service())->endpoint.url, "");
}

TEST_F(Push, AnotherAddressGoesOnAtOnceWhereTheLastOneWas) {
  Register();
  world_.push().AnswerWith(kDown);
  const RecordId record = Granted();
  Send();
  world_.push().AnswerWith(202);
  const auto moved = Desk().SetEndpoint(Service(), "https://care.example/new");
  ASSERT_THAT(moved, IsOk());
  EXPECT_FALSE(moved->trouble.has_value());
  Send();
  EXPECT_EQ(Revisions(), (std::vector<std::int64_t>{1, 1, 2}));
  EXPECT_EQ(world_.push().pushed().back().url, "https://care.example/new");
  EXPECT_EQ(Of(record)[0].delivery.state, DeliveryState::kDelivered);
}

TEST_F(Push, SettingTheSameChangesNothing) {
  Register();
  const auto before = Desk().GetEndpoint(Service())->endpoint;
  world_.clock().Advance(absl::Seconds(1));
  Register();
  EXPECT_EQ(Desk().GetEndpoint(Service())->endpoint, before);
}

TEST_F(Push, RemovingEndsItAndWhatWasDeliveredStaysKnown) {
  Register();
  const RecordId record = Granted();
  Send();
  ASSERT_THAT(Desk().RemoveEndpoint(Service()), IsOk());
  ASSERT_THAT(Desk().RemoveEndpoint(Service()), IsOk());
  ASSERT_THAT(world_.consent().Pause(ann_.id, record), IsOk());
  Send();
  EXPECT_EQ(Last(record).state, DeliveryState::kNotPushed);
  ASSERT_THAT(Desk().SetEndpoint(Service(), kUrl), IsOk());
  Withdraw(record);
  Send();
  EXPECT_EQ(Revisions(), (std::vector<std::int64_t>{1, 2, 4}));
  const auto views = Of(record);
  EXPECT_EQ(views[0].delivery.state, DeliveryState::kDelivered);
  EXPECT_EQ(views[1].delivery.state, DeliveryState::kDelivered);
  EXPECT_EQ(views[2].delivery.state, DeliveryState::kNotPushed);
  EXPECT_EQ(views[3].delivery.state, DeliveryState::kDelivered);
}

TEST_F(Push, ATurnOfAnEndedRegistrationCountsForNothing) {
  Register();
  const RecordId record = Granted();
  world_.push().AnswerWith(
      [&](const Pushed& /*pushed*/) -> absl::StatusOr<PushAnswer> {
        // The service changes its mind while it is being told.
        EXPECT_THAT(Desk().RemoveEndpoint(Service()), IsOk());
        return PushAnswer{202, ""};
      });
  Send();
  EXPECT_EQ(Last(record).state, DeliveryState::kNotPushed);
}

TEST_F(Push, NorDoesOneThatBeganBeforeAnotherRegistration) {
  Register();
  const RecordId record = Granted();
  world_.push().AnswerWith(
      [&](const Pushed& /*pushed*/) -> absl::StatusOr<PushAnswer> {
        EXPECT_THAT(Desk().RemoveEndpoint(Service()), IsOk());
        EXPECT_THAT(Desk().SetEndpoint(Service(), kUrl), IsOk());
        world_.push().AnswerWith(202);
        return PushAnswer{202, ""};
      });
  Send();
  EXPECT_EQ(Last(record).state, DeliveryState::kNotPushed);
  Withdraw(record);
  Send();
  EXPECT_EQ(Last(record).state, DeliveryState::kDelivered);
}

}  // namespace
}  // namespace limpid::consent
