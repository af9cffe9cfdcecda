#include "common/storage/group_commit.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "common/base/detached.h"
#include "common/base/mutex.h"
#include "common/storage/database.h"

namespace limpid::storage {

absl::Status GroupCommit::Run(Work work, RunBatch run) {
  Pending own(work);
  std::vector<Pending*> batch;
  {
    const base::MutexLock lock(mutex_);
    queue_.push_back(&own);
    while (!own.done && (led_ || queue_.front() != &own)) {
      own.wake.Wait(mutex_);
    }
    if (own.done) return own.status;
    // Invariant: the leader is the first of the queue, so its own work is in
    // the batch.
    led_ = true;
    const auto count =
        static_cast<std::ptrdiff_t>(std::min(queue_.size(), kMaxBatch));
    batch.assign(queue_.begin(), queue_.begin() + count);
    queue_.erase(queue_.begin(), queue_.begin() + count);
  }
  run(batch);
  const base::MutexLock lock(mutex_);
  led_ = false;
  for (Pending* pending : batch) {
    // Several may share one, and the connection may keep it.
    if (!pending->status.ok())
      pending->status = base::Detached(pending->status);
    pending->done = true;
    pending->wake.NotifyOne();
  }
  if (!queue_.empty()) queue_.front()->wake.NotifyOne();
  return own.status;
}

}  // namespace limpid::storage
