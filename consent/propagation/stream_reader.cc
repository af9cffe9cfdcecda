#include "consent/propagation/stream_reader.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "consent/ledger/account_erasing.h"

namespace limpid::consent {
namespace {

StreamEvent Erased(const EventRow& row) {
  StreamEvent out;
  out.record = row.record;
  out.state = RecordState::kTerminated;
  out.time = absl::FromUnixMillis(row.created_ms);
  return out;
}

absl::StatusOr<StreamEvent> Open(PersonKeys& keys, const EventRow& row) {
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, keys.Get(row.person));
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenStreamEvent(*key, row));
  return StreamEvent::Decode(opened);
}

}  // namespace

absl::StatusOr<std::optional<StreamEvent>> ReadStreamRow(
    const LedgerStore& store, PersonKeys& keys, const EventRow& row) {
  if (row.payload.empty()) return std::optional<StreamEvent>(Erased(row));
  auto event = Open(keys, row);
  if (event.ok()) return std::optional<StreamEvent>(*std::move(event));
  if (absl::IsNotFound(event.status())) {
    LIMPID_ASSIGN_OR_RETURN(const bool erased, IsErased(store, row.person));
    if (erased) return std::optional<StreamEvent>(Erased(row));
    return std::optional<StreamEvent>();
  }
  if (absl::IsDataLoss(event.status())) return std::optional<StreamEvent>();
  return event.status();
}

}  // namespace limpid::consent
