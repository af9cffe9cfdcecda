// Tells the person of processing under another basis than consent or contract,
// in the commit of the access itself: no such access without its notice.

#ifndef LIMPID_CONSENT_NOTICE_NOTING_H_
#define LIMPID_CONSENT_NOTICE_NOTING_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "common/base/secret.h"
#include "consent/agreement/agreement.h"
#include "consent/ids.h"
#include "consent/ledger/batch.h"
#include "consent/ledger/persons.h"
#include "consent/ledger/sealing.h"
#include "consent/notice/basis_notice.h"

namespace limpid::consent {

// The same for the same record and number, and says nothing to anybody else.
BasisNoticeId BasisNoticeIdOf(const Blinder& blinder, const RecordId& record,
                              std::uint64_t number);

// State of a notice's row, outside its seal: what is known to be read need not
// be opened when the unread are looked for. Stored: append, never renumber.
enum class NoticeRowState : std::uint8_t {
  // Every row of an earlier version too.
  kPerhapsUnread = 0,
  kRead = 1,
};

PersonalRow RowOf(const BasisNotice& notice, const PersonState& person);
// Errors:
//   kDataLoss  not sealed for this row, or no notice.
absl::StatusOr<BasisNotice> OpenNotice(const base::SecretBytes& person_key,
                                       const PersonalRow& row);

// Where an access under `record` would be counted; null when its basis asks for
// no notice. Reads, changes nothing: for before anything else is changed.
//
// Errors: those of Persons::LoadNotice.
absl::StatusOr<BasisNotice*> NoticeFor(Persons& persons, PersonState& person,
                                       const LiveRecord& record,
                                       const Agreement& agreement);

// Counts `access` in `notice`, which NoticeFor gave. When its day is over, or
// there was none, a new one begins in its place, with an entry of the person's
// chain that says so; true then.
bool NoteAccess(Batch& batch, PersonState& person, const LiveRecord& record,
                const Agreement& agreement, const NotedAccess& access,
                BasisNotice& notice);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_NOTICE_NOTING_H_
