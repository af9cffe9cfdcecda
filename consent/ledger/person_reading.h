// Reads a person out of the stores: what the sequencer decides from. On the
// sequencer's thread when it needs her, or before that on the thread that
// brings a call, of which there are many.
// docs/adr/2026-12-01-read-before-the-sequencer.md

#ifndef LIMPID_CONSENT_LEDGER_PERSON_READING_H_
#define LIMPID_CONSENT_LEDGER_PERSON_READING_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "consent/ids.h"
#include "consent/ledger/person_state.h"
#include "consent/ledger/residence.h"
#include "consent/ledger/sealing.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Where persons are read from; all must outlive it.
struct PersonReading {
  const LedgerStore& store;
  PersonKeys& keys;
  const Blinder& blinder;
};

struct PersonReadOptions {
  // A log key that is lacking is made. Otherwise it is an error: only the
  // sequencer's thread makes one.
  bool make_log_key = false;
  // She is there, but nothing of hers is opened: kDataLoss.
  bool refused = false;
  // Whoever has more is not read.
  std::size_t most_delegation_bytes = SIZE_MAX;
};

// Her key, account, delegations, embargo and the end of her chain; no record.
// Thread-safe without `make_log_key`.
//
// Errors: those of the stores, and
//   kNotFound  no key: no such person, or erased; or her erasing began.
//   kDataLoss  something of hers does not open, or she is refused.
//   kResourceExhausted  she has more than options.most_delegation_bytes.
absl::StatusOr<std::unique_ptr<PersonState>> ReadPerson(
    const PersonReading& reading, const PersonId& person,
    PersonReadOptions options);

// Opens the row and puts it among her records, unless it is there.
//
// Errors:
//   kDataLoss  it does not open.
absl::StatusOr<LiveRecord*> AddRecord(PersonState& person,
                                      const PersonalRow& row);

// Of rows that were refused at a restoring start.
absl::Status WaitsForAStart();

// What was read ahead of the sequencer for a call about one record.
struct PersonAhead {
  RecordId record;
  // Whose it is, with the record among hers; null when nobody had it when the
  // call came.
  std::unique_ptr<PersonState> person;
  // Of her, from before she was read.
  Residence::Turn turn = 0;
};

// None where it would be of no use, she is larger than what may wait with a
// call, or something failed: the sequencer reads for itself then, and tells.
// Thread-safe.
std::optional<PersonAhead> ReadAhead(const PersonReading& reading,
                                     const Residence& residence,
                                     const RecordId& record);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_PERSON_READING_H_
