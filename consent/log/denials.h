// Refused reads in a person's log: the first of a minute is an entry, the
// others are counted in one more.

#ifndef LIMPID_CONSENT_LOG_DENIALS_H_
#define LIMPID_CONSENT_LOG_DENIALS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "consent/ids.h"
#include "consent/ledger/batch.h"
#include "consent/ledger/persons.h"
#include "consent/ledger/sealing.h"
#include "consent/log/denial_tally.h"

namespace limpid::consent {

// The same for records that exist and others, so that it tells nothing.
RowId TallyIdOf(const Blinder& blinder, const ServiceId& service,
                const RecordId& record);

// Begins to count after the refusal that became `first`, an entry of now.
void BeginTally(Batch& batch, const PersonState& person, DenialTally& tally,
                const AppendedEntry& first);
// One more.
void CountDenial(Batch& batch, const PersonState& person, DenialTally& tally,
                 const receipt::AccessEntry& refused);
// Ends the counting: an entry of kind kDenialsCounted, when there is something
// to say.
void CloseTally(Batch& batch, PersonState& person, DenialTally& tally);

// What a due tally row asks for.
//
// Errors: those of Persons::LoadTally.
absl::Status RunDueTally(Persons& persons, PersonState& person,
                         const RowId& tally, Batch& batch);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LOG_DENIALS_H_
