// Where tickets are kept. The port of the register's domain: what it promises
// is in tests/conformance/algoregister/ticket_store_conformance.h.

#ifndef LIMPID_ALGOREGISTER_FEEDBACK_TICKET_STORE_H_
#define LIMPID_ALGOREGISTER_FEEDBACK_TICKET_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/feedback/ticket.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister {

struct TicketFilter {
  std::optional<RegistrationId> registration;
  std::optional<RegistrationId> organisation;
  // A stored state: never kOverdue.
  std::optional<TicketState> state;
  // Due before this time.
  std::optional<absl::Time> due_before;
};

// The ticket a page ended with.
struct TicketCursor {
  absl::Time opened;
  TicketId id;
};

// What becomes of the text of an earlier act.
struct TextChange {
  std::uint32_t number = 0;
  // kDestroyed takes the text out of the store and of the files behind it, as
  // far as the engine says.
  TextState state = TextState::kShown;
};

// Writes are durable on return and seen by every later read. Times are kept to
// the millisecond. Acts are only added; of what is there, nothing changes but
// what a TextChange says. Thread-safe.
class TicketStore {
 public:
  virtual ~TicketStore() = default;

  // Adds a ticket with its first act.
  //
  // Errors:
  //   kAlreadyExists  the id is taken.
  virtual absl::Status Add(const Ticket& ticket) = 0;
  // Adds an act, with where the ticket then stands, and changes a text.
  //
  // Errors:
  //   kNotFound  no such ticket, or no act with the number of `change`.
  //   kAborted   `act` is not the successor of the newest one.
  //   others     those of Scrub, after a text was destroyed: act and change are
  //              stored, and Scrub is to be called again.
  virtual absl::Status Append(const TicketId& ticket, const TicketAct& act,
                              const TicketStanding& standing,
                              const std::optional<TextChange>& change) = 0;
  // Takes out of the files what an Append that failed at it left there of a
  // destroyed text.
  virtual absl::Status Scrub() = 0;

  // Errors:
  //   kNotFound  no such ticket.
  virtual absl::StatusOr<Ticket> Get(const TicketId& ticket) const = 0;
  // At most `limit` tickets after `after`, the newest first and of equal times
  // the larger id first, each with its first act alone.
  virtual absl::StatusOr<std::vector<Ticket>> List(
      const TicketFilter& filter, const std::optional<TicketCursor>& after,
      std::size_t limit) const = 0;
  // How many were opened at `since` or later, about a registration or about
  // any.
  virtual absl::StatusOr<std::uint64_t> CountSince(
      const std::optional<RegistrationId>& registration,
      absl::Time since) const = 0;
  // The newest `limit` tickets of an organisation, in any order.
  virtual absl::StatusOr<std::vector<TicketTimes>> Times(
      const RegistrationId& organisation, std::size_t limit) const = 0;

 protected:
  TicketStore() = default;
  TicketStore(const TicketStore&) = default;
  TicketStore& operator=(const TicketStore&) = default;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_FEEDBACK_TICKET_STORE_H_
