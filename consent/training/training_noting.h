// Notes a read for training in the commit that permits it, so that no release
// is without its leaf.

#ifndef LIMPID_CONSENT_TRAINING_TRAINING_NOTING_H_
#define LIMPID_CONSENT_TRAINING_TRAINING_NOTING_H_

#include <cstdint>

#include "common/base/secret.h"
#include "consent/ledger/batch.h"
#include "consent/ledger/person_state.h"
#include "consent/training/training_book.h"
#include "consent/training/training_rows.h"

namespace limpid::consent {

// `sequence` is that of the read's entry. The snapshot takes reads. `book` must
// outlive the batch.
void NoteTrainingRead(Batch& batch, const PersonState& person,
                      const TrainingRead& read, std::uint64_t sequence,
                      TrainingBook& book, const base::SecretBytes& row_key);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_TRAINING_TRAINING_NOTING_H_
