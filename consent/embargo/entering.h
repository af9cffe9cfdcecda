// Enters accesses under embargo beside a person's visible log, lets the next
// visible entry commit to them, and tells of them when their date has passed.
// On the sequencer's thread. docs/formats/embargo.md

#ifndef LIMPID_CONSENT_EMBARGO_ENTERING_H_
#define LIMPID_CONSENT_EMBARGO_ENTERING_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/receipt/access_entry.h"
#include "consent/ids.h"
#include "consent/ledger/batch.h"
#include "consent/ledger/catalogue.h"
#include "consent/ledger/persons.h"
#include "consent/ledger/sealing.h"
#include "consent/ledger/store.h"
#include "consent/notice/basis_notice.h"

namespace limpid::consent {

// Puts `draft` at the end of the person's chain of `days` (1 to 366), and its
// commitment into the access log like every other; her visible log does not
// move. Access id, time, number, predecessor and embargo field are filled in
// here.
//
// Errors:
//   kResourceExhausted  kMaxOpenEmbargo wait for a visible entry, or for a
//                       completion kMaxOpenWithCompletions. Nothing was
//                       changed.
absl::StatusOr<AppendedEntry> AppendUnderEmbargo(Batch& batch,
                                                 PersonState& person,
                                                 receipt::AccessEntry draft,
                                                 std::uint16_t days);

// The embargo field of the visible entry that gets the id `access`: commits to
// everything since the one before, and begins anew.
base::Digest32 CloseEmbargo(const Blinder& blinder, PersonState& person,
                            const AccessId& access);

// What telling stands on. All must outlive the call.
struct TellParts {
  const LedgerStore& store;
  const Catalogue& catalogue;
  // Called after the commit that began a basis notice of the person; may be
  // empty.
  const Noticed& noticed;
  // Called with what wants somebody and keeps nothing from being told.
  const std::function<void(const absl::Status&)>& alarm;
};

// Tells the person of the entry at `key`, whose date has passed: an entry of
// her visible log says so, a basis notice counts the access, and the duty to
// delete is hers to see. Nothing for one that was told. Never undone.
//
// Errors: those of the store and of Persons, and
//   kDataLoss  the row is damaged, or its sealed date has not passed.
absl::Status TellEmbargoed(const TellParts& parts, Persons& persons,
                           PersonState& person, const RowKey& key,
                           Batch& batch);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_EMBARGO_ENTERING_H_
