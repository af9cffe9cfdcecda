// What the clock ends by itself, one task per row that is due: records expire
// and lapse, deletion duties open and become overdue. Only writes down and
// reports what every reader computes from the time anyway.

#ifndef LIMPID_CONSENT_LEDGER_DUE_H_
#define LIMPID_CONSENT_LEDGER_DUE_H_

#include <memory>

#include "consent/ledger/catalogue.h"
#include "consent/ledger/sequencer.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// `store` and `catalogue` must outlive the task.
std::unique_ptr<Task> MakeDueTask(const RowKey& row, const LedgerStore& store,
                                  const Catalogue& catalogue);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_DUE_H_
