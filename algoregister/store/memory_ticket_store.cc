#include "algoregister/store/memory_ticket_store.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"

namespace limpid::algoregister {
namespace {

bool Matches(const Ticket& ticket, const TicketFilter& filter) {
  return (!filter.registration ||
          ticket.registration == *filter.registration) &&
         (!filter.organisation || ticket.organisation == filter.organisation) &&
         (!filter.state || ticket.standing.state == *filter.state) &&
         (!filter.due_before || ticket.standing.due < *filter.due_before);
}

// The order of lists.
bool Newer(const Ticket& left, const Ticket& right) {
  return std::pair(left.opened, left.id) > std::pair(right.opened, right.id);
}

}  // namespace

absl::Status MemoryTicketStore::Add(const Ticket& ticket) {
  const base::MutexLock lock(mutex_);
  if (tickets_.try_emplace(ticket.id, ticket).second) return absl::OkStatus();
  return absl::AlreadyExistsError("the id of the ticket is taken");
}

absl::Status MemoryTicketStore::Append(
    const TicketId& ticket, const TicketAct& act,
    const TicketStanding& standing, const std::optional<TextChange>& change) {
  const base::MutexLock lock(mutex_);
  const auto at = tickets_.find(ticket);
  if (at == tickets_.end()) return absl::NotFoundError("no such ticket");
  std::vector<TicketAct>& acts = at->second.acts;
  if (act.number != acts.size() + 1) {
    return absl::AbortedError("another act of the ticket came first");
  }
  if (change) {
    if (change->number == 0 || change->number > acts.size()) {
      return absl::NotFoundError("the ticket has no such act");
    }
    TicketAct& changed = acts[change->number - 1];
    changed.text_state = change->state;
    if (change->state == TextState::kDestroyed) changed.text.clear();
  }
  acts.push_back(act);
  at->second.standing = standing;
  return absl::OkStatus();
}

absl::Status MemoryTicketStore::Scrub() { return absl::OkStatus(); }

absl::StatusOr<Ticket> MemoryTicketStore::Get(const TicketId& ticket) const {
  const base::MutexLock lock(mutex_);
  const auto at = tickets_.find(ticket);
  if (at == tickets_.end()) return absl::NotFoundError("no such ticket");
  return at->second;
}

absl::StatusOr<std::vector<Ticket>> MemoryTicketStore::List(
    const TicketFilter& filter, const std::optional<TicketCursor>& after,
    std::size_t limit) const {
  const base::MutexLock lock(mutex_);
  std::vector<Ticket> out;
  for (const auto& [id, ticket] : tickets_) {
    const bool behind = !after || std::pair(ticket.opened, id) <
                                      std::pair(after->opened, after->id);
    if (!behind || !Matches(ticket, filter)) continue;
    out.push_back(ticket);
    out.back().acts.resize(1);
  }
  std::sort(out.begin(), out.end(), Newer);
  if (out.size() > limit) out.resize(limit);
  return out;
}

absl::StatusOr<std::uint64_t> MemoryTicketStore::CountSince(
    const std::optional<RegistrationId>& registration, absl::Time since) const {
  const base::MutexLock lock(mutex_);
  return static_cast<std::uint64_t>(
      std::count_if(tickets_.begin(), tickets_.end(), [&](const auto& entry) {
        return entry.second.opened >= since &&
               (!registration || entry.second.registration == *registration);
      }));
}

absl::StatusOr<std::vector<TicketTimes>> MemoryTicketStore::Times(
    const RegistrationId& organisation, std::size_t limit) const {
  TicketFilter filter;
  filter.organisation = organisation;
  LIMPID_ASSIGN_OR_RETURN(const std::vector<Ticket> tickets,
                          List(filter, std::nullopt, limit));
  std::vector<TicketTimes> out;
  out.reserve(tickets.size());
  for (const Ticket& ticket : tickets) {
    out.push_back({.state = ticket.standing.state,
                   .opened = ticket.opened,
                   .due = ticket.standing.due,
                   .first_answer = ticket.standing.first_answer,
                   .kind = ticket.kind});
  }
  return out;
}

}  // namespace limpid::algoregister
