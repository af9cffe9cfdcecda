#include "consent/training/training_book.h"

#include <utility>

#include "common/base/status_macros.h"

namespace limpid::consent {

absl::Status TrainingBook::Load(const LedgerStore& store,
                                const base::SecretBytes& row_key) {
  LIMPID_ASSIGN_OR_RETURN(const auto rows,
                          store.ListPublic(PublicKind::kTrainingSnapshot));
  for (const PublicRow& row : rows) {
    LIMPID_ASSIGN_OR_RETURN(TrainingSnapshot one, OpenSnapshot(row_key, row));
    Put(std::move(one));
  }
  return absl::OkStatus();
}

void TrainingBook::Put(TrainingSnapshot snapshot) {
  const SnapshotId id = snapshot.id;
  auto stored = std::make_shared<const TrainingSnapshot>(std::move(snapshot));
  const base::MutexLock lock(mutex_);
  all_[id] = std::move(stored);
}

TrainingSnapshotPointer TrainingBook::Find(const SnapshotId& snapshot) const {
  const base::MutexLock lock(mutex_);
  const auto found = all_.find(snapshot);
  return found == all_.end() ? nullptr : found->second;
}

std::vector<TrainingSnapshotPointer> TrainingBook::All() const {
  const base::MutexLock lock(mutex_);
  std::vector<TrainingSnapshotPointer> out;
  out.reserve(all_.size());
  for (const auto& [id, snapshot] : all_) out.push_back(snapshot);
  return out;
}

bool TrainingBook::TakesReads(const SnapshotId& snapshot) const {
  const TrainingSnapshotPointer known = Find(snapshot);
  return known == nullptr || known->stage == SnapshotStage::kOpen;
}

void TrainingBook::Rest(const SnapshotId& snapshot, absl::Duration until) {
  const base::MutexLock lock(mutex_);
  resting_[snapshot] = until;
}

bool TrainingBook::MayTry(const SnapshotId& snapshot,
                          absl::Duration now) const {
  const base::MutexLock lock(mutex_);
  const auto found = resting_.find(snapshot);
  return found == resting_.end() || now >= found->second;
}

bool TrainingBook::IsNewTrouble(const SnapshotId& snapshot) {
  const base::MutexLock lock(mutex_);
  return troubled_.insert(snapshot).second;
}

}  // namespace limpid::consent
