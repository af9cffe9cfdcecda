// One act on a record as a task of the sequencer, for this folder's own .cc
// files: checked, written as a revision and an entry, and answered when both
// are durable and no permit that it ended hands out another byte.

#ifndef LIMPID_CONSENT_RECORD_ACTS_H_
#define LIMPID_CONSENT_RECORD_ACTS_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/receipt/access_entry.h"
#include "common/receipt/statement.h"
#include "consent/agreement/agreement.h"
#include "consent/consent.h"
#include "consent/ledger/batch.h"
#include "consent/ledger/person_state.h"
#include "consent/record/revision.h"
#include "consent/record/state.h"

namespace limpid::consent {

// How one act differs from another.
struct Act {
  RecordEvent event = RecordEvent::kPause;
  receipt::Actor actor = receipt::Actor::kPerson;
  // Kept in the revision, for the person.
  std::string reason;
  absl::Time ask_not_before = absl::UnixEpoch();
  // Set for a grant.
  const receipt::SignedStatement* statement = nullptr;
  // The pause that an objection brings, under a basis that has no other.
  bool objection = false;
  // Who acts for the person, under a delegation that is looked for; none when
  // the person acts herself.
  PersonId representative;
  // Makes the next revision where the table of states alone does not say it;
  // nothing when the record is that already.
  std::function<absl::StatusOr<std::optional<Revision>>(
      const LiveRecord&, const Agreement&, absl::Time)>
      make;
  // What else must hold of the person, and what else is written with it.
  std::function<absl::Status(const PersonState&, const LiveRecord&,
                             const Agreement&, absl::Time)>
      check;
  std::function<void(const PersonState&, Batch&)> with;
};

// Errors:
//   kNotFound            the person has no such record.
//   kFailedPrecondition  its state or its legal basis does not allow it.
//   and those of the sequencer and of Act::make.
absl::StatusOr<ChangedRecord> RunAct(Consent::State& s, const PersonId& person,
                                     const RecordId& record, const Act& act);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RECORD_ACTS_H_
