// When a deletion duty begins: at an end or a narrowing of a consent, and, per
// day of releases, when the agreed retention is over. Called by the sequencer's
// batch; decides nothing about the record itself.

#ifndef LIMPID_CONSENT_DUTY_OPENING_H_
#define LIMPID_CONSENT_DUTY_OPENING_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "consent/agreement/agreement.h"
#include "consent/ledger/batch.h"
#include "consent/ledger/person_state.h"
#include "consent/ledger/store.h"
#include "consent/record/revision.h"

namespace limpid::consent {

// Opens the duty that the move from `before` to the record's present revision
// makes, if it makes one: a consent in force that was withdrawn, revoked, ended
// by the clock, invalidated or terminated, or that lost lines.
void OpenDutyFor(Batch& batch, PersonState& person, const Revision& before,
                 const LiveRecord& record, const Agreement& agreement);

// What another record gives.
struct GivenLines {
  // Positions in the agreement.
  const std::vector<std::uint16_t>& lines;
  const Agreement& agreement;
};
// The same for a record that was superseded just now: opens the duty for what
// it gave and `successor` does not give in the same form, nor whole.
void OpenDutyForDropped(Batch& batch, PersonState& person,
                        const LiveRecord& record, const Agreement& agreement,
                        const GivenLines& successor);

// Notes that something was released under the record today, so that a duty
// opens when the agreed retention of today's releases is over. Writes at most
// once per record and day while the person is in memory.
void NoteRelease(Batch& batch, PersonState& person, const LiveRecord& record,
                 const Agreement& agreement);

// The same for a release at `released`, earlier, of which the person is told
// now: the duty opens now where the agreed retention is over. Not where
// DutyStands: it would begin the duty of that day again.
void NoteEarlierRelease(Batch& batch, PersonState& person,
                        const LiveRecord& record, const Agreement& agreement,
                        absl::Time released);
// Beginning of the day that the duty of a release at `released` is about.
absl::Time DutyDayOf(absl::Time released);
// Whether the store has that duty and it covers the release.
enum class DayDuty : std::uint8_t {
  kNone,
  // It runs, or it was answered after the release.
  kStands,
  // It does not open, and stands for nothing: the service is asked once more
  // rather than never.
  kDamaged,
};
// Errors: of the store.
absl::StatusOr<DayDuty> DutyStands(const LedgerStore& store,
                                   const PersonState& person,
                                   const RecordId& record, absl::Time released);

// Writes what the clock has made of the duty at `key`: opened, overdue. Does
// nothing when it is not time.
//
// Errors: of the store, and kDataLoss.
absl::Status RunDueDuty(const LedgerStore& store, PersonState& person,
                        const RowKey& key, Batch& batch);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_DUTY_OPENING_H_
