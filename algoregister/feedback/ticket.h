// A ticket: a public question, report of an error or objection about a
// registration, with a clock and everything that happened to it. Values and
// pure functions; knows nobody's name, address or contact.
// docs/formats/feedback-ticket.md

#ifndef LIMPID_ALGOREGISTER_FEEDBACK_TICKET_H_
#define LIMPID_ALGOREGISTER_FEEDBACK_TICKET_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "algoregister/registration/ids.h"
#include "common/base/bytes.h"
#include "common/base/id.h"

namespace limpid::algoregister {

struct TicketTag {
  static constexpr std::string_view kPrefix = "tkt";
};
using TicketId = base::Id<TicketTag>;

// A question fits half a page; whoever needs more has a file, and files are
// not taken.
inline constexpr std::size_t kMaxTicketTextBytes = 2'000;
// An answer explains.
inline constexpr std::size_t kMaxAnswerBytes = 4'000;
// Why a text is hidden, in words.
inline constexpr std::size_t kMaxModerationBytes = 500;
// Acts of one ticket: a conversation, no forum. The last of them are kept for
// answers, moderation and the close, so that remarks cannot shut these out.
inline constexpr std::size_t kMaxTicketActs = 60;
inline constexpr std::size_t kActsNotForRemarks = 20;

// The numbers of all enums are stored: append, never renumber.
enum class TicketKind { kQuestion = 1, kError = 2, kObjection = 3 };
enum class TicketState {
  kOpen = 1,
  kAnswered = 2,
  kClosed = 3,
  kModerated = 4,
  // Computed, never stored.
  kOverdue = 5,
};
enum class TicketActKind {
  kOpened = 1,
  kRemark = 2,
  kAnswer = 3,
  kModeration = 4,
  kRelease = 5,
  kClose = 6,
};
enum class TicketAuthor { kFiler = 1, kPublisher = 2, kAdministrator = 3 };
enum class ModerationReason {
  // Of acts that hide nothing.
  kNone = 0,
  kPersonalData = 1,
  kAbuse = 2,
  kUnlawful = 3,
  kSpam = 4,
};
enum class TextState { kShown = 1, kHidden = 2, kDestroyed = 3 };

// How long a publisher has for an answer: a row per kind. Ours, no law's: six
// weeks is what Dutch administrative law gives for a decision on an objection,
// two weeks what people wait before they ask again.
absl::Duration ClockOf(TicketKind kind);

struct TicketAct {
  // From 1.
  std::uint32_t number = 0;
  TicketActKind kind = TicketActKind::kOpened;
  TicketAuthor author = TicketAuthor::kFiler;
  absl::Time time;
  // Plain text. Empty once destroyed.
  std::string text;
  TextState text_state = TextState::kShown;
  // Of a moderation or release: the act it is about.
  std::uint32_t about = 0;
  ModerationReason reason = ModerationReason::kNone;

  friend bool operator==(const TicketAct&, const TicketAct&) = default;
};

// What lists and figures need, worked out from the acts.
struct TicketStanding {
  TicketState state = TicketState::kOpen;
  absl::Time due;
  std::optional<absl::Time> first_answer;
  std::uint32_t act_count = 0;

  friend bool operator==(const TicketStanding&,
                         const TicketStanding&) = default;
};

struct Ticket {
  TicketId id;
  RegistrationId registration;
  // The version that was read.
  std::uint32_t version = 0;
  // "/fields/<name>", or empty.
  std::string field;
  TicketKind kind = TicketKind::kQuestion;
  absl::Time opened;
  // What the registration named when it was opened.
  std::optional<RegistrationId> organisation;
  // SHA-256 of the filer's secret.
  base::Digest32 secret_hash{};
  TicketStanding standing;
  // In order, each number once; of a list the first alone.
  std::vector<TicketAct> acts;

  friend bool operator==(const Ticket&, const Ticket&) = default;
};

// Where a ticket with all these acts stands. `acts` begins with the opening.
// The due time is the clock's from the opening, or from the first remark since
// the last answer. An answer that is hidden or destroyed is none; and an
// opening that its publisher hid or destroyed is one that is asked all the
// same, until an administrator did so too.
TicketStanding StandingOf(TicketKind kind, std::span<const TicketAct> acts);

// As people see it: an open ticket past its due time is overdue.
TicketState StateAt(const TicketStanding& standing, absl::Time now);

// One ticket for figures.
struct TicketTimes {
  TicketState state = TicketState::kOpen;
  absl::Time opened;
  absl::Time due;
  std::optional<absl::Time> first_answer;
  TicketKind kind = TicketKind::kQuestion;

  friend bool operator==(const TicketTimes&, const TicketTimes&) = default;
};

// How an organisation answers.
struct FeedbackFigures {
  std::uint64_t tickets = 0;
  // Overdue ones included.
  std::uint64_t open = 0;
  std::uint64_t overdue = 0;
  std::uint64_t answered = 0;
  std::uint64_t answered_in_time = 0;
  std::uint64_t moderated = 0;
  // From opening to first answer; none without an answer. Of an even number the
  // lower of the two in the middle: a time that somebody waited.
  std::optional<absl::Duration> median_answer;
};
FeedbackFigures FiguresOf(std::span<const TicketTimes> tickets, absl::Time now);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_FEEDBACK_TICKET_H_
