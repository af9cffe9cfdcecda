// What is known of each snapshot that something was released for, in memory:
// every training read looks here, and the person's answers are made from it.

#ifndef LIMPID_CONSENT_TRAINING_TRAINING_BOOK_H_
#define LIMPID_CONSENT_TRAINING_TRAINING_BOOK_H_

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "consent/ids.h"
#include "consent/ledger/store.h"
#include "consent/training/training_rows.h"

namespace limpid::consent {

using TrainingSnapshotPointer = std::shared_ptr<const TrainingSnapshot>;

// Thread-safe. Changes follow the commits that store them.
class TrainingBook {
 public:
  // Errors: those of the store, and kDataLoss for a row that does not open.
  absl::Status Load(const LedgerStore& store, const base::SecretBytes& row_key);
  void Put(TrainingSnapshot snapshot);
  // Null for one that nothing was released for.
  [[nodiscard]] TrainingSnapshotPointer Find(const SnapshotId& snapshot) const;
  [[nodiscard]] std::vector<TrainingSnapshotPointer> All() const;

  // False once its sealing began here, whatever the register was last heard to
  // say: a tree that is being made gets no more leaves.
  [[nodiscard]] bool TakesReads(const SnapshotId& snapshot) const;

  // A sealing that waits is not tried again before `until`, on the monotonic
  // clock.
  void Rest(const SnapshotId& snapshot, absl::Duration until);
  [[nodiscard]] bool MayTry(const SnapshotId& snapshot,
                            absl::Duration now) const;

  // True the first time in this process: so that a fault that stays is told
  // once.
  bool IsNewTrouble(const SnapshotId& snapshot);

 private:
  mutable base::Mutex mutex_;
  std::map<SnapshotId, TrainingSnapshotPointer> all_ ABSL_GUARDED_BY(mutex_);
  std::map<SnapshotId, absl::Duration> resting_ ABSL_GUARDED_BY(mutex_);
  std::set<SnapshotId> troubled_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_TRAINING_TRAINING_BOOK_H_
