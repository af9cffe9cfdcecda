// What the clock ends by itself, one task per row that is due: records expire
// and lapse, deletion duties open and become overdue: only writes down and
// reports what every reader computes from the time anyway. And tells persons of
// accesses whose embargo is over, which nobody sees before it is written; and
// goes on erasing accounts, a page at a time.

#ifndef LIMPID_CONSENT_LEDGER_DUE_H_
#define LIMPID_CONSENT_LEDGER_DUE_H_

#include <memory>

#include "consent/ledger/account_erasing.h"
#include "consent/ledger/catalogue.h"
#include "consent/ledger/failed_rows.h"
#include "consent/ledger/sequencer.h"
#include "consent/ledger/store.h"
#include "consent/notice/basis_notice.h"

namespace limpid::consent {

// Adds the row to `failed` when it cannot be done. What `erasing` names, and
// all but the row, must outlive the task.
std::unique_ptr<Task> MakeDueTask(const RowKey& row,
                                  const ErasingParts& erasing,
                                  const Catalogue& catalogue,
                                  FailedRows& failed, const Noticed& noticed);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_DUE_H_
