#include "algoregister/feedback/ticket.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "absl/time/time.h"
#include "common/base/check.h"

namespace limpid::algoregister {

absl::Duration ClockOf(TicketKind kind) {
  constexpr int kHoursOfADay = 24;
  constexpr int kWeeks2 = 14;
  constexpr int kWeeks6 = 42;
  switch (kind) {
    case TicketKind::kQuestion:
    case TicketKind::kError:
      return absl::Hours(kWeeks2 * kHoursOfADay);
    case TicketKind::kObjection:
      return absl::Hours(kWeeks6 * kHoursOfADay);
  }
  LIMPID_CHECK(false);
}

TicketStanding StandingOf(TicketKind kind, std::span<const TicketAct> acts) {
  LIMPID_CHECK(!acts.empty());
  TicketStanding out;
  out.act_count = static_cast<std::uint32_t>(acts.size());
  out.due = acts.front().time + ClockOf(kind);
  bool closed = false;
  bool set_aside = false;
  for (const TicketAct& act : acts) {
    switch (act.kind) {
      case TicketActKind::kRemark:
        if (out.state != TicketState::kAnswered) break;
        out.state = TicketState::kOpen;
        out.due = act.time + ClockOf(kind);
        break;
      case TicketActKind::kAnswer:
        // What nobody can read answers nobody.
        if (act.text_state != TextState::kShown) break;
        out.state = TicketState::kAnswered;
        if (!out.first_answer) out.first_answer = act.time;
        break;
      case TicketActKind::kClose:
        closed = true;
        break;
      case TicketActKind::kModeration:
        // Whoever has to answer does not end the clock by hiding what was
        // asked.
        if (act.about == acts.front().number &&
            act.author == TicketAuthor::kAdministrator) {
          set_aside = true;
        }
        break;
      case TicketActKind::kRelease:
        if (act.about == acts.front().number) set_aside = false;
        break;
      case TicketActKind::kOpened:
        break;
    }
  }
  if (closed) out.state = TicketState::kClosed;
  if (set_aside && acts.front().text_state != TextState::kShown) {
    out.state = TicketState::kModerated;
  }
  return out;
}

TicketState StateAt(const TicketStanding& standing, absl::Time now) {
  if (standing.state == TicketState::kOpen && now > standing.due) {
    return TicketState::kOverdue;
  }
  return standing.state;
}

FeedbackFigures FiguresOf(std::span<const TicketTimes> tickets,
                          absl::Time now) {
  FeedbackFigures out;
  std::vector<absl::Duration> waits;
  for (const TicketTimes& ticket : tickets) {
    ++out.tickets;
    if (ticket.state == TicketState::kModerated) ++out.moderated;
    if (ticket.state == TicketState::kOpen) {
      ++out.open;
      if (now > ticket.due) ++out.overdue;
    }
    if (!ticket.first_answer) continue;
    const absl::Duration wait = *ticket.first_answer - ticket.opened;
    waits.push_back(wait);
    if (wait <= ClockOf(ticket.kind)) ++out.answered_in_time;
  }
  out.answered = waits.size();
  if (waits.empty()) return out;
  const std::size_t middle = (waits.size() - 1) / 2;
  std::nth_element(waits.begin(),
                   waits.begin() + static_cast<std::ptrdiff_t>(middle),
                   waits.end());
  out.median_answer = waits[middle];
  return out;
}

}  // namespace limpid::algoregister
