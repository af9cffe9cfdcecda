// Lets callers that arrive together share one commit. The first to come leads:
// it runs what has queued as one batch while later callers queue the next one,
// so the batch grows with the load and a lone caller never waits.

#ifndef LIMPID_COMMON_STORAGE_GROUP_COMMIT_H_
#define LIMPID_COMMON_STORAGE_GROUP_COMMIT_H_

#include <cstddef>
#include <deque>
#include <span>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "common/storage/database.h"

namespace limpid::storage {

// One caller's work and what became of it.
struct Pending {
  explicit Pending(Work call) : work(call) {}

  Work work;
  absl::Status status;
  bool done = false;
  base::ConditionVariable wake;
};

// Thread-safe.
class GroupCommit {
 public:
  // Sets the status of every element.
  using RunBatch = absl::FunctionRef<void(std::span<Pending* const>)>;

  // Works in one batch at most. Bounds what the first of a batch waits for.
  static constexpr std::size_t kMaxBatch = 128;

  // Queues `work` and returns its status after a batch with it has run, on
  // this thread or another's. Only one `run` runs at a time.
  absl::Status Run(Work work, RunBatch run);

 private:
  base::Mutex mutex_;
  std::deque<Pending*> queue_ ABSL_GUARDED_BY(mutex_);
  bool led_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace limpid::storage

#endif  // LIMPID_COMMON_STORAGE_GROUP_COMMIT_H_
