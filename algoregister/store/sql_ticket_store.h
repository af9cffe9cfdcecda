// The register's store of tickets on common/storage: one SQL text for both
// engines.

#ifndef LIMPID_ALGOREGISTER_STORE_SQL_TICKET_STORE_H_
#define LIMPID_ALGOREGISTER_STORE_SQL_TICKET_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/feedback/ticket.h"
#include "algoregister/feedback/ticket_store.h"
#include "common/storage/database.h"

namespace limpid::algoregister {

// Part of RegisterMigrations.
storage::Migration TicketMigration();

// Thread-safe. `database` must outlive it.
class SqlTicketStore final : public TicketStore {
 public:
  explicit SqlTicketStore(storage::Database& database) : database_(database) {}

  absl::Status Add(const Ticket& ticket) override;
  absl::Status Append(const TicketId& ticket, const TicketAct& act,
                      const TicketStanding& standing,
                      const std::optional<TextChange>& change) override;
  absl::Status Scrub() override;
  absl::StatusOr<Ticket> Get(const TicketId& ticket) const override;
  absl::StatusOr<std::vector<Ticket>> List(
      const TicketFilter& filter, const std::optional<TicketCursor>& after,
      std::size_t limit) const override;
  absl::StatusOr<std::uint64_t> CountSince(
      const std::optional<RegistrationId>& registration,
      absl::Time since) const override;
  absl::StatusOr<std::vector<TicketTimes>> Times(
      const RegistrationId& organisation, std::size_t limit) const override;

 private:
  storage::Database& database_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_STORE_SQL_TICKET_STORE_H_
