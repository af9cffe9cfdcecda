// Tickets from opening to close: who may do what, and when an answer is due.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "algoregister/feedback/desk.h"
#include "algoregister/rpc/filing_limit.h"
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

TEST_F(FeedbackTest, IsPublicWithItsClockAndKeepsNothingOfWhoFiled) {
  const OpenedTicket opened = Filed(TicketKind::kObjection);
  EXPECT_EQ(opened.ticket.standing.due - opened.ticket.opened, 42 * kDay);
  EXPECT_EQ(opened.decision_channel, "the town hall");
  EXPECT_EQ(opened.ticket.organisation, organisation_);
  EXPECT_EQ(opened.ticket.version, 1U);
  EXPECT_EQ(opened.secret_code.size(), 43U);
  const auto stored = tickets_.Get(opened.ticket.id);
  ASSERT_THAT(stored, IsOk());
  EXPECT_EQ(*stored, opened.ticket);
  EXPECT_EQ(ClockOf(TicketKind::kQuestion), 14 * kDay);
  EXPECT_EQ(ClockOf(TicketKind::kError), 14 * kDay);
}

TEST_F(FeedbackTest, IsOverdueFromTheInstantAfterItsDueTime) {
  const OpenedTicket opened = Filed();
  house_.clock.Advance(14 * kDay);
  EXPECT_EQ(StateOf(opened.ticket), TicketState::kOpen);
  house_.clock.Advance(absl::Milliseconds(1));
  EXPECT_EQ(StateOf(opened.ticket), TicketState::kOverdue);
  ASSERT_THAT(desk_.Answer(publisher_, opened.ticket.id, "Because."), IsOk());
  EXPECT_EQ(StateOf(opened.ticket), TicketState::kAnswered);
}

TEST_F(FeedbackTest, ARemarkAfterAnAnswerAsksAgain) {
  const OpenedTicket opened = Filed();
  ASSERT_THAT(desk_.Answer(publisher_, opened.ticket.id, "Because."), IsOk());
  house_.clock.Advance(kDay);
  const auto again =
      desk_.Remark(opened.ticket.id, opened.secret_code, "And why so?");
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->standing.state, TicketState::kOpen);
  EXPECT_EQ(again->standing.due, again->acts.back().time + 14 * kDay);
  // A second one does not put the answer off.
  house_.clock.Advance(kDay);
  const auto more =
      desk_.Remark(opened.ticket.id, opened.secret_code, "I wait.");
  EXPECT_EQ(more->standing.due, again->standing.due);
  EXPECT_EQ(more->standing.first_answer, opened.ticket.opened);
}

TEST_F(FeedbackTest, RefusesPersonalDataAndKeepsNothing) {
  EXPECT_THAT(File(TicketKind::kError, "I am 111222333"), StatusIs(kInvalid));
  EXPECT_EQ(*tickets_.CountSince(std::nullopt, absl::InfinitePast()), 0U);
  const OpenedTicket opened = Filed();
  EXPECT_THAT(desk_.Answer(publisher_, opened.ticket.id, "Call 06-12345678"),
              StatusIs(kInvalid));
  EXPECT_THAT(
      desk_.Remark(opened.ticket.id, opened.secret_code, "a@example.org"),
      StatusIs(kInvalid));
  EXPECT_THAT(desk_.Moderate(publisher_, opened.ticket.id,
                             {.act = 1,
                              .reason = ModerationReason::kSpam,
                              .words = "by a@example.org"}),
              StatusIs(kInvalid));
  EXPECT_EQ(tickets_.Get(opened.ticket.id)->acts.size(), 1U);
}

TEST_F(FeedbackTest, OnlyTheSecretCodeRemarksAndCloses) {
  const OpenedTicket opened = Filed();
  const OpenedTicket other = Filed();
  for (const std::string& secret :
       {std::string(), std::string("x"), other.secret_code,
        opened.secret_code + "A"}) {
    EXPECT_THAT(desk_.Remark(opened.ticket.id, secret, "More."),
                StatusIs(kNotFound));
    EXPECT_THAT(desk_.Close(opened.ticket.id, secret), StatusIs(kNotFound));
  }
  ASSERT_THAT(desk_.Close(opened.ticket.id, opened.secret_code), IsOk());
  EXPECT_EQ(StateOf(opened.ticket), TicketState::kClosed);
  const auto twice = desk_.Close(opened.ticket.id, opened.secret_code);
  ASSERT_THAT(twice, IsOk());
  EXPECT_EQ(twice->acts.size(), 2U);
  EXPECT_THAT(desk_.Remark(opened.ticket.id, opened.secret_code, "More."),
              StatusIs(kPrecondition));
  EXPECT_THAT(desk_.Answer(publisher_, opened.ticket.id, "Late."),
              StatusIs(kPrecondition));
}

TEST_F(FeedbackTest, OnlyThePublisherOfTheRegistrationAnswers) {
  const OpenedTicket opened = Filed();
  EXPECT_THAT(desk_.Answer(stranger_, opened.ticket.id, "I say."),
              StatusIs(kDenied));
  EXPECT_THAT(desk_.Answer(administrator_, opened.ticket.id, "I say."),
              StatusIs(kDenied));
  EXPECT_THAT(desk_.Moderate(stranger_, opened.ticket.id,
                             {1, ModerationReason::kSpam, "no"}),
              StatusIs(kDenied));
  EXPECT_THAT(desk_.Answer(publisher_, opened.ticket.id, "So."), IsOk());
}

TEST_F(FeedbackTest, AFloodAboutOneRegistrationEndsAndTheNextDayGoesOn) {
  for (std::uint64_t i = 0; i < kMaxTicketsADay; ++i) {
    ASSERT_THAT(File(), IsOk()) << i;
  }
  EXPECT_THAT(File(), StatusIs(kExhausted));
  EXPECT_THAT(desk_.Open({.registration = organisation_,
                          .field = "",
                          .kind = TicketKind::kError,
                          .text = "Wrong."}),
              IsOk());
  house_.clock.Advance(kDay + absl::Milliseconds(1));
  EXPECT_THAT(File(), IsOk());
}

TEST_F(FeedbackTest, AFloodOverAllRegistrationsEndsToo) {
  Ticket other = Filed().ticket;
  other.registration = organisation_;
  for (std::uint64_t i = 1; i < kMaxTicketsADayInAll; ++i) {
    other.id = TicketId::Random();
    ASSERT_THAT(tickets_.Add(other), IsOk());
  }
  EXPECT_THAT(File(), StatusIs(kExhausted));
  house_.clock.Advance(kDay + absl::Milliseconds(1));
  EXPECT_THAT(File(), IsOk());
}

TEST_F(FeedbackTest, AnAnswerMayBeLongerThanAQuestion) {
  const OpenedTicket opened = Filed();
  const std::string text(kMaxAnswerBytes, 'o');
  EXPECT_THAT(File(TicketKind::kQuestion, text), StatusIs(kInvalid));
  EXPECT_THAT(desk_.Answer(publisher_, opened.ticket.id, text + "o"),
              StatusIs(kInvalid));
  EXPECT_THAT(desk_.Answer(publisher_, opened.ticket.id, text), IsOk());
}

// What is said of objections comes before how to reach the body.
TEST_F(FeedbackTest, NamesTheWayOfAppealFirst) {
  json::Value content = NewContent(RegistrationKind::kDeployment);
  content.Remove("kind");
  SetField(content, "title", GivenText("en", "Adviser"));
  SetField(content, "contact", Given(json::Value("the town hall")));
  SetField(content, "appeal", GivenText("en", "the committee"));
  const auto opened = desk_.Open(
      {.registration = Publish(RegistrationKind::kDeployment, content),
       .text = "Why is it used?"});
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->decision_channel, "the committee");
}

TEST_F(FeedbackTest, RemarksCannotFillTheRoomOfTheAnswer) {
  const OpenedTicket opened = Filed();
  for (std::size_t i = 1; i < kMaxTicketActs - kActsNotForRemarks; ++i) {
    ASSERT_THAT(desk_.Remark(opened.ticket.id, opened.secret_code, "More."),
                IsOk());
  }
  EXPECT_THAT(desk_.Remark(opened.ticket.id, opened.secret_code, "More."),
              StatusIs(kExhausted));
  EXPECT_THAT(desk_.Answer(publisher_, opened.ticket.id, "So."), IsOk());
}

TEST_F(FeedbackTest, RefusesWhatIsNotThere) {
  NewTicket ticket{
      .registration = system_, .kind = TicketKind::kError, .text = "Wrong."};
  ticket.field = "/fields/nonsense";
  EXPECT_THAT(desk_.Open(ticket), StatusIs(kInvalid));
  ticket.field = "title";
  EXPECT_THAT(desk_.Open(ticket), StatusIs(kInvalid));
  ticket.field = "";
  ticket.version = 2;
  EXPECT_THAT(desk_.Open(ticket), StatusIs(kNotFound));
  ticket.version = 1;
  ticket.registration = RegistrationId::Random(RegistrationKind::kSystem);
  EXPECT_THAT(desk_.Open(ticket), StatusIs(kNotFound));
}

// The first answer counts, on the last day too; of two the lower is the middle.
TEST_F(FeedbackTest, FiguresGoByFirstAnswers) {
  const TicketId early = Filed().ticket.id;
  const TicketId last = Filed().ticket.id;
  house_.clock.Advance(kDay);
  ASSERT_THAT(desk_.Answer(publisher_, early, "So."), IsOk());
  house_.clock.Advance(13 * kDay);
  ASSERT_THAT(desk_.Answer(publisher_, early, "So, again."), IsOk());
  ASSERT_THAT(desk_.Answer(publisher_, last, "So."), IsOk());
  Filed();
  const auto figures = desk_.Figures(organisation_);
  ASSERT_THAT(figures, IsOk());
  EXPECT_EQ(figures->median_answer, kDay);
  EXPECT_EQ(figures->answered_in_time, 2U);
  EXPECT_EQ(figures->open, 1U);
  EXPECT_EQ(figures->overdue, 0U);
}

TEST_F(FeedbackTest, FiguresHaveTheMedianOfWhatPeopleWaited) {
  const std::vector<OpenedTicket> filed = {Filed(), Filed(), Filed(), Filed()};
  house_.clock.Advance(kDay);
  ASSERT_THAT(desk_.Answer(publisher_, filed[0].ticket.id, "So."), IsOk());
  house_.clock.Advance(2 * kDay);
  ASSERT_THAT(desk_.Answer(publisher_, filed[1].ticket.id, "So."), IsOk());
  house_.clock.Advance(17 * kDay);
  ASSERT_THAT(desk_.Answer(publisher_, filed[2].ticket.id, "So."), IsOk());
  const auto figures = desk_.Figures(organisation_);
  ASSERT_THAT(figures, IsOk());
  EXPECT_EQ(figures->tickets, 4U);
  EXPECT_EQ(figures->open, 1U);
  EXPECT_EQ(figures->overdue, 1U);
  EXPECT_EQ(figures->answered, 3U);
  EXPECT_EQ(figures->answered_in_time, 2U);
  EXPECT_EQ(figures->median_answer, 3 * kDay);
  EXPECT_THAT(
      desk_.Figures(RegistrationId::Random(RegistrationKind::kOrganisation)),
      StatusIs(kNotFound));
}

TEST(FilingLimit, GivesABurstAndThenOneAtATime) {
  testing::FakeClock clock;
  FilingLimit limit(clock);
  for (int i = 0; i < FilingLimit::kBurst; ++i) {
    EXPECT_THAT(limit.Take("a"), IsOk());
  }
  EXPECT_THAT(limit.Take("a"), StatusIs(kExhausted));
  EXPECT_THAT(limit.Take("b"), IsOk());
  clock.Advance(FilingLimit::kRefill);
  EXPECT_THAT(limit.Take("a"), IsOk());
  EXPECT_THAT(limit.Take("a"), StatusIs(kExhausted));
}

std::string Address(int host, const std::string& network = "192.0.2.") {
  return "ipv4:" + network + std::to_string(host);
}

TEST(FilingLimit, ANetworkHasABudgetOverAllItsAddresses) {
  testing::FakeClock clock;
  FilingLimit limit(clock);
  for (int i = 0; i < FilingLimit::kNetworkBurst; ++i) {
    ASSERT_THAT(limit.Take(Address(i)), IsOk()) << i;
  }
  EXPECT_THAT(limit.Take(Address(200)), StatusIs(kExhausted));
  EXPECT_THAT(limit.Take(Address(200, "192.0.3.")), IsOk());
  clock.Advance(FilingLimit::kNetworkRefill);
  EXPECT_THAT(limit.Take(Address(201)), IsOk());
  EXPECT_THAT(limit.Take(Address(202)), StatusIs(kExhausted));
}

TEST(FilingLimit, AHouseholdOfIpv6IsOneNetwork) {
  testing::FakeClock clock;
  FilingLimit limit(clock);
  const std::string site = "ipv6:20010db80001";
  for (int i = 0; i < FilingLimit::kNetworkBurst; ++i) {
    ASSERT_THAT(limit.Take(site + std::to_string(1'000 + i)), IsOk()) << i;
  }
  EXPECT_THAT(limit.Take(site + "2000"), StatusIs(kExhausted));
  EXPECT_THAT(limit.Take("ipv6:20010db800022000"), IsOk());
}

// Else whoever is refused could keep a network's neighbours out for longer.
TEST(FilingLimit, ARefusalTakesNothingFromEitherBucket) {
  testing::FakeClock clock;
  FilingLimit limit(clock);
  for (int i = 0; i < 10 * FilingLimit::kNetworkBurst; ++i) {
    (void)limit.Take(Address(1));
  }
  for (int i = FilingLimit::kBurst; i < FilingLimit::kNetworkBurst; ++i) {
    ASSERT_THAT(limit.Take(Address(100 + i)), IsOk()) << i;
  }
  // Of the addresses that the network's empty bucket refuses, none is kept.
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(limit.Take(Address(50)), StatusIs(kExhausted));
  }
  clock.Advance(FilingLimit::kBurst * FilingLimit::kNetworkRefill);
  for (int i = 0; i < FilingLimit::kBurst; ++i) {
    EXPECT_THAT(limit.Take(Address(50)), IsOk()) << i;
  }
}

TEST(FilingLimit, RemembersOnlySoManyAddresses) {
  testing::FakeClock clock;
  FilingLimit limit(clock);
  for (std::size_t i = 0; i < FilingLimit::kMaxClients; ++i) {
    ASSERT_THAT(limit.Take(std::to_string(i)), IsOk());
  }
  EXPECT_THAT(limit.Take("one more"), StatusIs(kExhausted));
  EXPECT_THAT(limit.Take("0"), IsOk());
  clock.Advance(FilingLimit::kRefill);
  EXPECT_THAT(limit.Take("one more"), IsOk());
}

}  // namespace
}  // namespace limpid::algoregister
