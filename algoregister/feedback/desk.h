// Where tickets are opened, answered, moderated and closed: who may do what,
// and how much of it. Knows of a filer the secret's hash and nothing else.
// docs/formats/feedback-ticket.md

#ifndef LIMPID_ALGOREGISTER_FEEDBACK_DESK_H_
#define LIMPID_ALGOREGISTER_FEEDBACK_DESK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/feedback/ticket.h"
#include "algoregister/feedback/ticket_store.h"
#include "algoregister/registration/ids.h"
#include "algoregister/registration/publisher.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/version/version.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/crypto/random.h"

namespace limpid::algoregister {

// Tickets of one day about one registration. A registration that makes the
// news gets that many questions; a flood is told to come tomorrow.
inline constexpr std::uint64_t kMaxTicketsADay = 20;
// And about all of them: with every text full, 10 MB a day of the store.
inline constexpr std::uint64_t kMaxTicketsADayInAll = 2'000;
// Tickets that figures look at.
inline constexpr std::size_t kMaxFigureTickets = 10'000;

struct NewTicket {
  RegistrationId registration;
  // 0 for the newest.
  std::uint32_t version = 0;
  std::string field;
  TicketKind kind = TicketKind::kQuestion;
  std::string text;
};

struct OpenedTicket {
  Ticket ticket;
  // 32 random bytes in base64url.
  std::string secret_code;
  // Where to object to a decision about oneself; may be empty.
  std::string decision_channel;
};

// Who answers or moderates.
struct DeskCaller {
  // None for an administrator.
  std::optional<PublisherId> publisher;
};

struct Moderation {
  std::uint32_t act = 1;
  ModerationReason reason = ModerationReason::kNone;
  std::string words;
};

// Thread-safe.
class FeedbackDesk {
 public:
  // All must outlive the desk.
  struct Parts {
    TicketStore& tickets;
    const RegistrationStore& registrations;
    const base::Clock& clock;
    crypto::RandomSource& random;
  };

  explicit FeedbackDesk(const Parts& parts) : parts_(parts) {}
  FeedbackDesk(const FeedbackDesk&) = delete;
  FeedbackDesk& operator=(const FeedbackDesk&) = delete;
  ~FeedbackDesk() = default;

  // Errors:
  //   kInvalidArgument    "<field>: reason": the text (CheckPublicText), a
  //                       field that the kind of registration does not have.
  //   kNotFound           no such registration or version.
  //   kResourceExhausted  kMaxTicketsADay, kMaxTicketsADayInAll.
  absl::StatusOr<OpenedTicket> Open(const NewTicket& ticket);
  // What Open refuses before it looks for room: whoever limits how much is
  // filed asks first, so that what is refused anyway uses nothing up.
  //
  // Errors: those of Open without kResourceExhausted.
  absl::Status CheckOpen(const NewTicket& ticket) const;

  // What the filer does later.
  //
  // Errors:
  //   kNotFound            no such ticket, or another's secret.
  //   kInvalidArgument     the text.
  //   kFailedPrecondition  the ticket is closed, or its text is hidden.
  //   kResourceExhausted   the ticket has its acts.
  absl::StatusOr<Ticket> Remark(const TicketId& ticket, std::string_view secret,
                                std::string_view text);
  // The same for Remark. Errors: those of Remark.
  absl::Status CheckRemark(const TicketId& ticket, std::string_view secret,
                           std::string_view text) const;
  // Closing twice changes nothing.
  absl::StatusOr<Ticket> Close(const TicketId& ticket, std::string_view secret);

  // What the publisher of the registration does, or an administrator.
  //
  // Errors:
  //   kNotFound            no such ticket or act.
  //   kPermissionDenied    the registration is another's; an administrator does
  //                        not answer; a publisher does not show what an
  //                        administrator hid.
  //   kInvalidArgument     the text, the reason.
  //   kFailedPrecondition  the ticket is closed or its text is hidden
  //                        (answers); there is no text to hide or show. What a
  //                        publisher hid an administrator may hide too.
  //   kResourceExhausted   the ticket has its acts.
  absl::StatusOr<Ticket> Answer(const DeskCaller& caller,
                                const TicketId& ticket, std::string_view text);
  absl::StatusOr<Ticket> Moderate(const DeskCaller& caller,
                                  const TicketId& ticket,
                                  const Moderation& moderation);
  absl::StatusOr<Ticket> Release(const DeskCaller& caller,
                                 const TicketId& ticket, std::uint32_t act,
                                 std::string_view words);

  // Errors:
  //   kNotFound  no such organisation.
  absl::StatusOr<FeedbackFigures> Figures(
      const RegistrationId& organisation) const;

  [[nodiscard]] absl::Time Now() const { return parts_.clock.Now(); }

 private:
  // Adds `act`, numbered and dated here.
  absl::StatusOr<Ticket> Append(Ticket ticket, TicketAct act,
                                const std::optional<TextChange>& change)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<Ticket> OfFiler(const TicketId& ticket,
                                 std::string_view secret) const;
  // The version that a ticket would be about.
  absl::StatusOr<Version> Checked(const NewTicket& ticket,
                                  absl::Time now) const;
  // The ticket that takes a remark.
  absl::StatusOr<Ticket> TakesRemark(const TicketId& ticket,
                                     std::string_view secret) const;
  // kPermissionDenied unless the caller publishes what `ticket` is about, or is
  // an administrator.
  absl::StatusOr<TicketAuthor> RoleOf(const DeskCaller& caller,
                                      const Ticket& ticket) const;
  absl::Status CheckRoom(const RegistrationId& registration) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Parts parts_;
  // Held from a count or a read to the write that rests on it.
  base::Mutex mutex_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_FEEDBACK_DESK_H_
