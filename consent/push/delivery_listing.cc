// What a person sees of the events about her: each revision's event is looked
// up in the service's stream and judged by how far the service is. Reads the
// store on the caller's thread and changes nothing.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "consent/consent_state.h"
#include "consent/ledger/batch.h"
#include "consent/propagation/stream_event.h"
#include "consent/push/push_desk.h"

namespace limpid::consent {
namespace {

// Rows of one look at the store.
constexpr std::size_t kScanPage = 64;

bool Covers(std::uint64_t since, std::uint64_t through,
            std::uint64_t position) {
  return position > since && position <= through;
}

// The events of one record, found by their times.
class EventFinder {
 public:
  EventFinder(const LedgerStore& store, const RowId& stream,
              const base::SecretBytes& person_key, std::uint64_t newest)
      : store_(store),
        stream_(stream),
        person_key_(person_key),
        newest_(newest) {}

  // The position of the revision's event; none when there is none. Revisions
  // come oldest first.
  absl::StatusOr<std::optional<std::uint64_t>> Find(const Revision& revision) {
    const std::int64_t time_ms = absl::ToUnixMillis(revision.time);
    LIMPID_RETURN_IF_ERROR(SkipTo(time_ms));
    std::uint64_t after = after_;
    for (;;) {
      LIMPID_ASSIGN_OR_RETURN(const auto rows,
                              store_.Events(stream_, after, kScanPage));
      for (const EventRow& row : rows) {
        if (row.created_ms > time_ms) return std::optional<std::uint64_t>();
        after = row.position;
        if (row.record != revision.record) continue;
        LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened,
                                OpenStreamEvent(person_key_, row));
        LIMPID_ASSIGN_OR_RETURN(const StreamEvent event,
                                StreamEvent::Decode(opened));
        if (event.revision == revision.number) return std::optional(after);
      }
      if (rows.size() < kScanPage) return std::optional<std::uint64_t>();
    }
  }

 private:
  // Moves `after_` to right before the first event of `time_ms` or later, by
  // halving. Invariant: every event up to `after_` is earlier.
  absl::Status SkipTo(std::int64_t time_ms) {
    std::uint64_t high = newest_;
    while (after_ < high) {
      const std::uint64_t middle = after_ + (high - after_) / 2;
      LIMPID_ASSIGN_OR_RETURN(const auto rows,
                              store_.Events(stream_, middle, /*limit=*/1));
      if (rows.empty() || rows.front().created_ms >= time_ms) {
        high = middle;
      } else {
        after_ = rows.front().position;
      }
    }
    return absl::OkStatus();
  }

  const LedgerStore& store_;
  const RowId& stream_;
  const base::SecretBytes& person_key_;
  const std::uint64_t newest_;
  std::uint64_t after_ = 0;
};

Delivery OfLetter(const PushLetter& letter) {
  Delivery out;
  out.attempts = letter.attempts;
  out.verdict = letter.verdict;
  switch (letter.state) {
    case LetterState::kRequeued:
      out.state = DeliveryState::kPending;
      break;
    case LetterState::kAcknowledged:
      out.state = DeliveryState::kDelivered;
      out.delivered = letter.last;
      out.verdict = {};
      break;
    case LetterState::kDead:
    case LetterState::kGone:
      out.state = DeliveryState::kDeadLetter;
      break;
  }
  return out;
}

Delivery Delivered(std::uint64_t position, const PushProgress& progress) {
  Delivery out;
  out.state = DeliveryState::kDelivered;
  for (const PushDelivered& one : progress.recent) {
    if (one.position == position) out.delivered = one.time;
  }
  return out;
}

// Where the event is that fails; none while none does.
absl::StatusOr<std::optional<std::uint64_t>> FailingAt(const LedgerStore& store,
                                                       const RowId& stream,
                                                       const PushEntry& entry) {
  const auto& trouble = entry.progress.trouble;
  if (!entry.endpoint.active() || !trouble || trouble->attempts == 0) {
    return std::optional<std::uint64_t>();
  }
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows,
      store.Events(stream, entry.progress.cursor, /*limit=*/1));
  if (rows.empty()) return std::optional<std::uint64_t>();
  return std::optional(rows.front().position);
}

Delivery OfTrouble(const PushTrouble& trouble) {
  Delivery out;
  out.state = DeliveryState::kFailing;
  out.attempts = trouble.attempts;
  out.next = trouble.next;
  out.verdict = trouble.verdict;
  return out;
}

}  // namespace

Delivery DeliveryAt(std::uint64_t position, const PushEntry& entry,
                    const std::optional<PushLetter>& letter) {
  if (letter) return OfLetter(*letter);
  const PushProgress& progress = entry.progress;
  const bool once = std::any_of(
      progress.past.begin(), progress.past.end(), [&](const PushSpan& span) {
        return Covers(span.since, span.through, position);
      });
  if (once || Covers(progress.since, progress.cursor, position)) {
    return Delivered(position, progress);
  }
  Delivery out;
  if (!entry.endpoint.active() || position <= progress.since) return out;
  out.state = DeliveryState::kPending;
  return out;
}

absl::StatusOr<std::vector<DeliveryView>> PushDesk::ListDeliveries(
    const PersonId& person, const RecordId& record) const {
  Consent::State& s = state_;
  LIMPID_ASSIGN_OR_RETURN(const std::vector<Revision> history,
                          consent_.GetHistory(person, record));
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, s.KeyOf(person));
  LIMPID_ASSIGN_OR_RETURN(const LedgerHead head, s.parts.store.Head());
  if (history.empty()) return std::vector<DeliveryView>();
  const ServiceId& service = history.front().service;
  const PushEntry entry = s.push.Find(service).value_or(PushEntry());
  const RowId stream = StreamOf(s.blinder, service);
  EventFinder finder(s.parts.store, stream, *key, head.event);
  LIMPID_ASSIGN_OR_RETURN(const auto failing,
                          FailingAt(s.parts.store, stream, entry));
  std::vector<DeliveryView> out;
  for (const Revision& revision : history) {
    LIMPID_ASSIGN_OR_RETURN(const auto position, finder.Find(revision));
    DeliveryView view{revision.number, revision.state, revision.time, {}};
    if (position && position == failing) {
      view.delivery = OfTrouble(*entry.progress.trouble);
    } else if (position) {
      view.delivery =
          DeliveryAt(*position, entry, s.push.FindLetter(service, *position));
    }
    out.push_back(view);
  }
  return out;
}

}  // namespace limpid::consent
