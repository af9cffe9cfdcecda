// The register's store of tickets in memory, for tests.

#ifndef LIMPID_ALGOREGISTER_STORE_MEMORY_TICKET_STORE_H_
#define LIMPID_ALGOREGISTER_STORE_MEMORY_TICKET_STORE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/feedback/ticket.h"
#include "algoregister/feedback/ticket_store.h"
#include "common/base/mutex.h"

namespace limpid::algoregister {

// Thread-safe.
class MemoryTicketStore final : public TicketStore {
 public:
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
  mutable base::Mutex mutex_;
  std::map<TicketId, Ticket> tickets_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_STORE_MEMORY_TICKET_STORE_H_
