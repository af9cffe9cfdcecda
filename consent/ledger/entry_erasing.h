// Erasing the content of one entry of a person's log: in the commit that says
// so, after it in the key store, and again when an older copy of the store
// comes back. docs/formats/entry-erasure.md

#ifndef LIMPID_CONSENT_LEDGER_ENTRY_ERASING_H_
#define LIMPID_CONSENT_LEDGER_ENTRY_ERASING_H_

#include <cstdint>

#include "absl/status/status.h"
#include "common/receipt/access_entry.h"
#include "common/receipt/erasure.h"
#include "consent/ledger/batch.h"
#include "consent/ledger/entry_row.h"
#include "consent/ledger/persons.h"
#include "consent/ledger/sealing.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Replaces the content of `row`, an entry of the person, by its erasure, which
// is entered in her log and in the stop ledger. The key of the content is not
// touched: DestroyEntryKey after the commit.
EntryErasure EraseEntry(Batch& batch, PersonState& person,
                        const PersonalRow& row, const EntryLink& link,
                        const receipt::SignedErasure& request,
                        receipt::Actor actor);

// Does `stop`, an erasure that the store does not hold, once more. Nothing when
// the store has no such person or entry, or it is erased.
//
// Errors: those of the store and of Persons::Load.
absl::Status ReplayErasure(Persons& persons, const LedgerStore& store,
                           Batch& batch, const StopEntry& stop);

// Destroys the key of what `stop` erased, if that was left undone. Nothing when
// the store holds another entry of that number, which came later.
//
// Errors: those of the store and of PersonKeys.
absl::Status FinishErasure(const LedgerStore& store, const Blinder& blinder,
                           PersonKeys& keys, const StopEntry& stop);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_ENTRY_ERASING_H_
