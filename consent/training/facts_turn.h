// The turn of the month: counts, stores the facts in one commit, and publishes
// them in the register's log. docs/formats/consent-facts.md

#ifndef LIMPID_CONSENT_TRAINING_FACTS_TURN_H_
#define LIMPID_CONSENT_TRAINING_FACTS_TURN_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "consent/consent.h"

namespace limpid::consent {

// Between two attempts of a turn that failed. One that holds too much waits for
// the next month.
inline constexpr absl::Duration kFactsRest = absl::Minutes(1);

// Does what is due. One thread at a time; not the sequencer's. Nothing where
// there is no register.
//
// Errors: those of the ports, and
//   kAlreadyExists       the register has other facts of a month by this
//                        operator, or later ones and none of it: the store is
//                        an older copy. They stay.
//   kFailedPrecondition  more snapshots than one entry holds.
absl::Status RunFactsTurn(Consent::State& state);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_TRAINING_FACTS_TURN_H_
