// Reads a row of a service's stream for whoever tells it: Watch and push.

#ifndef LIMPID_CONSENT_PROPAGATION_STREAM_READER_H_
#define LIMPID_CONSENT_PROPAGATION_STREAM_READER_H_

#include <optional>

#include "absl/status/statusor.h"
#include "consent/ledger/sealing.h"
#include "consent/ledger/store.h"
#include "consent/propagation/stream_event.h"

namespace limpid::consent {

// The event. Where its person was erased: the record as TERMINATED by revision
// 0, at the row's time. None when nobody can read it and nothing says why.
//
// Errors: those of the stores; another try may read it.
absl::StatusOr<std::optional<StreamEvent>> ReadStreamRow(
    const LedgerStore& store, PersonKeys& keys, const EventRow& row);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_PROPAGATION_STREAM_READER_H_
