#include "consent/training/training_noting.h"

namespace limpid::consent {

void NoteTrainingRead(Batch& batch, const PersonState& person,
                      const TrainingRead& read, std::uint64_t sequence,
                      TrainingBook& book, const base::SecretBytes& row_key) {
  batch.Insert(RowOf(read, sequence, person));
  if (book.Find(read.use.snapshot) != nullptr) return;
  // The first one; another of the same batch stores the same.
  TrainingSnapshot snapshot;
  snapshot.id = read.use.snapshot;
  batch.Replace(RowOf(row_key, snapshot));
  batch.AfterCommit([&book, snapshot] {
    if (book.Find(snapshot.id) == nullptr) book.Put(snapshot);
  });
}

}  // namespace limpid::consent
