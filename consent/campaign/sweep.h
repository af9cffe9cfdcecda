// Walks over every record in force, a page per commit, so that it can be
// resumed where it stopped: the place is stored with the page's own changes.

#ifndef LIMPID_CONSENT_CAMPAIGN_SWEEP_H_
#define LIMPID_CONSENT_CAMPAIGN_SWEEP_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/base/wire.h"
#include "consent/ledger/persons.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Where a sweep stands.
struct SweepCursor {
  // Index in the order of states: granted, paused, granted again for what was
  // resumed meanwhile.
  std::uint8_t phase = 0;
  RowKey after;
  bool done = false;

  void Write(base::ByteWriter& out) const;
  static SweepCursor Read(base::ByteReader& reader);

  friend bool operator==(const SweepCursor&, const SweepCursor&) = default;
};

// Changes one record, or leaves it. Checks everything before it changes
// anything.
using SweepVisitor =
    absl::FunctionRef<absl::Status(PersonState& person, LiveRecord& record)>;

// Visits the next page, at most one record of each person, and moves `cursor`.
// Runs inside a task that is alone in its batch. Records that cannot be opened
// (erased, damaged) are passed over; what else fails ends the page early. OK
// only where the cursor has moved.
// Errors: those of the store and of `visit`, before the cursor has moved.
absl::Status SweepPage(const LedgerStore& store, Persons& persons,
                       SweepCursor& cursor, SweepVisitor visit);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_CAMPAIGN_SWEEP_H_
