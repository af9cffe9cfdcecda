// Every access entry of a period, whoever's it is and in whatever form it lies:
// what an auditor's listing and the comparison with a vault begin with.

#ifndef LIMPID_CONSENT_LOG_PERIOD_ROWS_H_
#define LIMPID_CONSENT_LOG_PERIOD_ROWS_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Calls `take` for each row of an entry, kept, embargoed or erased, that was
// made from `from` on and before `until`. One that changes its form meanwhile
// is met at least once.
//
// Errors: the store's and those of `take`, which end it.
absl::Status ForEachEntryRow(
    const LedgerStore& store, absl::Time from, absl::Time until,
    absl::FunctionRef<absl::Status(const PersonalRow& row)> take);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LOG_PERIOD_ROWS_H_
