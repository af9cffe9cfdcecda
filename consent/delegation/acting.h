// Whether somebody may do one act for a person, and what it leaves in the
// record. For the tasks of the sequencer. Somebody without a mandate learns
// what she would learn about a record that does not exist.

#ifndef LIMPID_CONSENT_DELEGATION_ACTING_H_
#define LIMPID_CONSENT_DELEGATION_ACTING_H_

#include "absl/status/statusor.h"
#include "consent/consent.h"
#include "consent/delegation/delegation.h"
#include "consent/ledger/batch.h"
#include "consent/ledger/persons.h"
#include "consent/record/acts.h"
#include "consent/record/statement_check.h"

namespace limpid::consent {

// Both null when the person, staff or the system acts.
struct Mandate {
  const HeldDelegation* held = nullptr;
  // The representative's.
  const Account* signer = nullptr;
};

// Errors:
//   kNotFound  somebody acts who has no live delegation for it.
absl::StatusOr<Mandate> MandateFor(const Consent::State& s, const Act& act,
                                   const PersonState& person,
                                   const LiveRecord& record, Persons& persons,
                                   const Batch& batch);

// Whether the person's own act is hers while somebody holds a reserved power
// over her grants. What takes a permission away always is. A resume gives back
// what her representatives granted and could still grant.
//
// Errors:
//   kFailedPrecondition  her representatives must sign.
absl::Status CheckNotReserved(const Consent::State& s, const Act& act,
                              const PersonState& person,
                              const LiveRecord& record,
                              const Agreement& agreement, absl::Time now);

// What the representative's signature would be: one of several, or the last.
//
// Errors:
//   kFailedPrecondition  she has signed already.
absl::StatusOr<ActingFor> NextSignature(const HeldDelegation& held,
                                        const PersonId& representative,
                                        const LiveRecord& record);

// Keeps in `record` under whose power it now stands. `next` is the revision
// that is about to be applied.
void NoteMandate(const Act& act, const Mandate& mandate, const Revision& next,
                 const PersonState& person, LiveRecord& record, Batch& batch);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_DELEGATION_ACTING_H_
