// Tickets whose times a test can hold up, so that calls which read them stay
// open as long as it likes.

#ifndef LIMPID_TESTS_INTEGRATION_ALGOREGISTER_GATED_TICKETS_H_
#define LIMPID_TESTS_INTEGRATION_ALGOREGISTER_GATED_TICKETS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/feedback/ticket_store.h"
#include "tests/integration/algoregister/gated_store.h"

namespace limpid::algoregister {

// Thread-safe, if the other store is.
class GatedTickets final : public TicketStore {
 public:
  // `tickets` must outlive it.
  explicit GatedTickets(TicketStore& tickets) : tickets_(tickets) {}

  absl::Status Add(const Ticket& ticket) override {
    return tickets_.Add(ticket);
  }
  absl::Status Append(const TicketId& ticket, const TicketAct& act,
                      const TicketStanding& standing,
                      const std::optional<TextChange>& change) override {
    return tickets_.Append(ticket, act, standing, change);
  }
  absl::Status Scrub() override { return tickets_.Scrub(); }
  absl::StatusOr<Ticket> Get(const TicketId& ticket) const override {
    return tickets_.Get(ticket);
  }
  absl::StatusOr<std::vector<Ticket>> List(
      const TicketFilter& filter, const std::optional<TicketCursor>& after,
      std::size_t limit) const override {
    return tickets_.List(filter, after, limit);
  }
  absl::StatusOr<std::uint64_t> CountSince(
      const std::optional<RegistrationId>& registration,
      absl::Time since) const override {
    return tickets_.CountSince(registration, since);
  }
  absl::StatusOr<std::vector<TicketTimes>> Times(
      const RegistrationId& organisation, std::size_t limit) const override {
    gate.Pass();
    return tickets_.Times(organisation, limit);
  }

  mutable Gate gate;

 private:
  TicketStore& tickets_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_TESTS_INTEGRATION_ALGOREGISTER_GATED_TICKETS_H_
