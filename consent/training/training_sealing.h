// Makes and publishes the commitment to a sealed snapshot, step by step; each
// step begins again where it stopped, and a tree that was built is never built
// again. docs/formats/training-commitment.md

#ifndef LIMPID_CONSENT_TRAINING_TRAINING_SEALING_H_
#define LIMPID_CONSENT_TRAINING_TRAINING_SEALING_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "consent/consent.h"
#include "consent/ids.h"

namespace limpid::consent {

// How long a sealed snapshot waits for accounts that do not open: its tree is
// built once. A device misses a proof after a day.
inline constexpr absl::Duration kUnreadableGrace = absl::Hours(12);
// Between two looks at them.
inline constexpr absl::Duration kUnreadableRest = absl::Minutes(10);

// Asks the register about each snapshot that something was released for, and
// does what is due. What fails is tried again with the next call; a fault of
// one snapshot keeps no other waiting, and is an alarm once. One thread at a
// time; not the sequencer's. Nothing where there is no register.
void RunTraining(Consent::State& state);

// One snapshot as far as it goes now.
//
// Errors: those of the ports, and
//   kDataLoss           accounts do not open, and the snapshot waits for them;
//                       names them, blinded.
//   kAlreadyExists      the register has another commitment of this operator:
//                       the store is an older copy.
//   kResourceExhausted  too many releases for one tree.
absl::Status RunSnapshot(Consent::State& state, const SnapshotId& snapshot);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_TRAINING_TRAINING_SEALING_H_
