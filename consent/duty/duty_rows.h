// Where deletion duties are kept: one row per duty under the person's key, and
// two indexes of each service's duties in the order in which they opened.
// docs/formats/deletion-duty.md

#ifndef LIMPID_CONSENT_DUTY_DUTY_ROWS_H_
#define LIMPID_CONSENT_DUTY_DUTY_ROWS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/secret.h"
#include "consent/duty/duty.h"
#include "consent/ledger/batch.h"
#include "consent/ledger/person_state.h"
#include "consent/ledger/sealing.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Sequences from here on are days whose releases reach the end of their agreed
// retention together; below are the revisions that caused a duty.
inline constexpr std::uint64_t kFirstLifeSequence = std::uint64_t{1} << 40U;

RowKey DutyRowKey(std::uint16_t shard, const PersonId& person,
                  const RecordId& record, std::uint64_t sequence);

// The same for the same key, and says nothing to anybody else.
DutyId DutyIdOf(const Blinder& blinder, const RowKey& key);

PersonalRow RowOf(const Duty& duty, const RowKey& key,
                  const base::SecretBytes& person_key);

// Errors:
//   kDataLoss  not sealed for this row, or no duty.
absl::StatusOr<Duty> OpenDuty(const base::SecretBytes& person_key,
                              const PersonalRow& row);

// All of a record's duties, newest first.
absl::StatusOr<std::vector<PersonalRow>> DutyRowsOf(const LedgerStore& store,
                                                    std::uint16_t shard,
                                                    const PersonId& person,
                                                    const RecordId& record);

// Blinded name of the index of a service's duties: of those that it has not
// answered, and of answered ones that no listing has met since (SetAside).
RowId DutyIndexOf(const Blinder& blinder, const ServiceId& service);
// The same of the answered ones, at the positions that they had.
RowId AnsweredIndexOf(const Blinder& blinder, const ServiceId& service);
// Puts an opened duty at the end of its service's index.
void AddToIndex(Batch& batch, const PersonState& person, const Duty& duty);

// The duty that an index row points to, and where its row is.
struct IndexedDuty {
  RowKey key;
  Duty duty;
};
// Errors: those of the stores, and
//   kNotFound  the duty or the person's key is gone, or her erasing began: it
//              is nobody's to see or to answer any more.
//   kDataLoss  a row on the way is damaged.
absl::StatusOr<IndexedDuty> Follow(const LedgerStore& store, PersonKeys& keys,
                                   const EventRow& row);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_DUTY_DUTY_ROWS_H_
