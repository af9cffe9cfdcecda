// Which delegations name somebody as representative: an index of its own,
// because a delegation is kept with the person whom it represents.
// docs/formats/delegation.md

#ifndef LIMPID_CONSENT_DELEGATION_MANDATES_H_
#define LIMPID_CONSENT_DELEGATION_MANDATES_H_

#include "consent/delegation/delegation.h"
#include "consent/ledger/batch.h"
#include "consent/ledger/person_state.h"

namespace limpid::consent {

// Blinded name of the index of the delegations that name a representative.
RowId MandateIndexOf(const Blinder& blinder, const PersonId& representative);

// Puts a new delegation of `person` at the end of the index of each of its
// representatives, accounts or not.
void AddToIndexes(Batch& batch, const PersonState& person,
                  const HeldDelegation& held);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_DELEGATION_MANDATES_H_
