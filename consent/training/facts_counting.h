// Counts who is behind each snapshot, for the facts of a month. Reads the store
// page by page, on the caller's thread: no decision waits for it.

#ifndef LIMPID_CONSENT_TRAINING_FACTS_COUNTING_H_
#define LIMPID_CONSENT_TRAINING_FACTS_COUNTING_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "consent/consent.h"
#include "consent/training/consent_facts.h"

namespace limpid::consent {

struct Counting {
  // Of the snapshots whose dataset is known.
  std::vector<ExactCount> snapshots;
  // Persons of whom something does not open; what opens is counted. Alarm.
  std::size_t unreadable = 0;
};

// Errors: those of the store.
absl::StatusOr<Counting> CountPersons(Consent::State& state);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_TRAINING_FACTS_COUNTING_H_
