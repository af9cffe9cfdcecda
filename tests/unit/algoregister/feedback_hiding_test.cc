// What of a ticket is hidden and what is destroyed, by whom, and that neither
// answers.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "algoregister/feedback/desk.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/feedback_fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;
using testing::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kDenied = absl::StatusCode::kPermissionDenied;
constexpr auto kExhausted = absl::StatusCode::kResourceExhausted;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr auto kNotFound = absl::StatusCode::kNotFound;
constexpr absl::Duration kDay = absl::Hours(24);

TEST_F(FeedbackTest, WhatIsHiddenHasAReasonAndComesBack) {
  const OpenedTicket opened = Filed();
  const TicketId id = opened.ticket.id;
  EXPECT_THAT(desk_.Moderate(publisher_, id, {1, {}, "no reason"}),
              StatusIs(kInvalid));
  const auto hidden = desk_.Moderate(
      administrator_, id, {1, ModerationReason::kAbuse, "It threatens."});
  ASSERT_THAT(hidden, IsOk());
  EXPECT_EQ(StateOf(opened.ticket), TicketState::kModerated);
  EXPECT_EQ(hidden->acts[0].text_state, TextState::kHidden);
  EXPECT_EQ(hidden->acts[1].reason, ModerationReason::kAbuse);
  EXPECT_EQ(hidden->acts[1].text, "It threatens.");
  // What an administrator hid, a publisher does not show.
  EXPECT_THAT(desk_.Release(publisher_, id, 1, "We do not mind."),
              StatusIs(kDenied));
  ASSERT_THAT(desk_.Release(administrator_, id, 1, "It does not."), IsOk());
  EXPECT_EQ(StateOf(opened.ticket), TicketState::kOpen);
  EXPECT_EQ(tickets_.Get(id)->acts[0].text, "Why is it used?");
  EXPECT_THAT(desk_.Release(administrator_, id, 1, "Again."),
              StatusIs(kPrecondition));
  EXPECT_THAT(desk_.Release(administrator_, id, 9, "Again."),
              StatusIs(kNotFound));
}

TEST_F(FeedbackTest, PersonalDataThatGotPastAreDestroyed) {
  const OpenedTicket opened = Filed();
  const TicketId id = opened.ticket.id;
  ASSERT_THAT(
      desk_.Moderate(publisher_, id, {1, ModerationReason::kSpam, "Spam."}),
      IsOk());
  ASSERT_THAT(desk_.Moderate(publisher_, id,
                             {1, ModerationReason::kPersonalData, "A name."}),
              IsOk());
  EXPECT_EQ(tickets_.Get(id)->acts[0].text, "");
  EXPECT_EQ(tickets_.Get(id)->acts[0].text_state, TextState::kDestroyed);
  EXPECT_THAT(desk_.Release(administrator_, id, 1, "Again."),
              StatusIs(kPrecondition));
  EXPECT_THAT(desk_.Moderate(publisher_, id,
                             {2, ModerationReason::kSpam, "The reason too."}),
              StatusIs(kPrecondition));
}

TEST_F(FeedbackTest, PersonalDataGoFromATicketThatIsFull) {
  const OpenedTicket opened = Filed();
  const TicketId id = opened.ticket.id;
  ASSERT_THAT(desk_.Answer(publisher_, id, "So."), IsOk());
  ASSERT_THAT(
      desk_.Moderate(publisher_, id, {2, ModerationReason::kSpam, "Spam."}),
      IsOk());
  for (std::size_t i = 3; i < kMaxTicketActs; ++i) {
    ASSERT_THAT(desk_.Answer(publisher_, id, "So."), IsOk()) << i;
  }
  EXPECT_THAT(desk_.Answer(publisher_, id, "So."), StatusIs(kExhausted));
  EXPECT_THAT(
      desk_.Moderate(publisher_, id, {4, ModerationReason::kSpam, "Spam."}),
      StatusIs(kExhausted));
  EXPECT_THAT(desk_.Release(publisher_, id, 2, "No spam."),
              StatusIs(kExhausted));
  const auto gone = desk_.Moderate(
      publisher_, id, {4, ModerationReason::kPersonalData, "A name."});
  ASSERT_THAT(gone, IsOk());
  EXPECT_EQ(gone->acts[3].text, "");
  EXPECT_EQ(tickets_.Get(id)->acts[3].text_state, TextState::kDestroyed);
}

// Who hid it last says who shows it, whoever hid it before.
TEST_F(FeedbackTest, WhoHidATextLastSaysWhoShowsIt) {
  const TicketId id = Filed().ticket.id;
  const auto hide = [&](const DeskCaller& caller) {
    return desk_.Moderate(caller, id, {1, ModerationReason::kAbuse, "It is."});
  };
  ASSERT_THAT(hide(publisher_), IsOk());
  ASSERT_THAT(desk_.Release(publisher_, id, 1, "It is not."), IsOk());
  ASSERT_THAT(hide(administrator_), IsOk());
  EXPECT_THAT(desk_.Release(publisher_, id, 1, "It is not."),
              StatusIs(kDenied));
  ASSERT_THAT(desk_.Release(administrator_, id, 1, "It is not."), IsOk());
  ASSERT_THAT(hide(publisher_), IsOk());
  EXPECT_THAT(desk_.Release(publisher_, id, 1, "a@example.org"),
              StatusIs(kInvalid));
  EXPECT_THAT(desk_.Release(publisher_, id, 1, "It is not."), IsOk());
}

// Else "." and a moment later nothing would stop the clock.
TEST_F(FeedbackTest, AnAnswerThatNobodyCanReadIsNone) {
  const OpenedTicket opened = Filed();
  const TicketId id = opened.ticket.id;
  const TicketStanding unanswered = opened.ticket.standing;
  for (const auto reason :
       {ModerationReason::kSpam, ModerationReason::kPersonalData}) {
    const auto answer = desk_.Answer(publisher_, id, ".");
    ASSERT_THAT(answer, IsOk());
    const std::uint32_t act = answer->acts.back().number;
    ASSERT_THAT(desk_.Moderate(publisher_, id, {act, reason, "No."}), IsOk());
    const TicketStanding left = tickets_.Get(id)->standing;
    EXPECT_EQ(left.state, TicketState::kOpen);
    EXPECT_EQ(left.due, unanswered.due);
    EXPECT_EQ(left.first_answer, std::nullopt);
  }
  // A remark behind it does not put the answer off either.
  house_.clock.Advance(kDay);
  ASSERT_THAT(desk_.Remark(id, opened.secret_code, "I wait."), IsOk());
  house_.clock.Advance(13 * kDay + absl::Milliseconds(1));
  EXPECT_EQ(StateOf(opened.ticket), TicketState::kOverdue);
  const auto figures = desk_.Figures(organisation_);
  EXPECT_EQ(figures->overdue, 1U);
  EXPECT_EQ(figures->answered, 0U);
  EXPECT_EQ(figures->answered_in_time, 0U);
  EXPECT_EQ(figures->median_answer, std::nullopt);
  // What is shown again was there all the time.
  ASSERT_THAT(desk_.Release(publisher_, id, 2, "It is an answer."), IsOk());
  EXPECT_EQ(StateOf(opened.ticket), TicketState::kOpen);
  EXPECT_EQ(tickets_.Get(id)->standing.first_answer, opened.ticket.opened);
  EXPECT_EQ(desk_.Figures(organisation_)->answered_in_time, 1U);
}

// Else a publisher would have no open questions but those it likes.
TEST_F(FeedbackTest, HidingAQuestionDoesNotStopItsClock) {
  for (const auto reason :
       {ModerationReason::kSpam, ModerationReason::kPersonalData}) {
    const OpenedTicket opened = Filed();
    const TicketId id = opened.ticket.id;
    const auto hide = [&](const DeskCaller& caller) {
      return desk_.Moderate(caller, id, {1, reason, "We say so."});
    };
    ASSERT_THAT(hide(publisher_), IsOk());
    EXPECT_EQ(tickets_.Get(id)->standing.due, opened.ticket.standing.due);
    EXPECT_EQ(StateOf(opened.ticket), TicketState::kOpen);
    house_.clock.Advance(14 * kDay + absl::Milliseconds(1));
    EXPECT_EQ(StateOf(opened.ticket), TicketState::kOverdue);
    EXPECT_EQ(desk_.Figures(organisation_)->overdue, 1U);
    // An administrator says the same, once.
    const auto confirmed = hide(administrator_);
    ASSERT_THAT(confirmed, IsOk());
    EXPECT_EQ(confirmed->acts.size(), 3U);
    EXPECT_EQ(StateOf(opened.ticket), TicketState::kModerated);
    EXPECT_EQ(desk_.Figures(organisation_)->overdue, 0U);
    EXPECT_EQ(tickets_.Get(id)->acts[0].text_state,
              reason == ModerationReason::kSpam ? TextState::kHidden
                                                : TextState::kDestroyed);
  }
}

// What was destroyed is not hidden again, whatever an administrator calls it.
TEST_F(FeedbackTest, WhatWasDestroyedStaysSo) {
  const TicketId id = Filed().ticket.id;
  ASSERT_THAT(desk_.Moderate(publisher_, id,
                             {1, ModerationReason::kPersonalData, "A name."}),
              IsOk());
  const auto confirmed = desk_.Moderate(
      administrator_, id, {1, ModerationReason::kSpam, "Spam too."});
  ASSERT_THAT(confirmed, IsOk());
  EXPECT_EQ(confirmed->acts[0].text_state, TextState::kDestroyed);
  EXPECT_EQ(StateAt(confirmed->standing, house_.clock.Now()),
            TicketState::kModerated);
}

TEST_F(FeedbackTest, NobodyAnswersWhatIsHidden) {
  const OpenedTicket opened = Filed();
  ASSERT_THAT(desk_.Moderate(publisher_, opened.ticket.id,
                             {1, ModerationReason::kAbuse, "It is."}),
              IsOk());
  EXPECT_THAT(desk_.Answer(publisher_, opened.ticket.id, "So."),
              StatusIs(kPrecondition));
  EXPECT_THAT(desk_.Remark(opened.ticket.id, opened.secret_code, "More."),
              StatusIs(kPrecondition));
}

}  // namespace
}  // namespace limpid::algoregister
