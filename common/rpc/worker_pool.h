// A fixed number of threads and a bounded queue. Not for work that computes
// long: for handlers that wait for a store.

#ifndef LIMPID_COMMON_RPC_WORKER_POOL_H_
#define LIMPID_COMMON_RPC_WORKER_POOL_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "common/base/mutex.h"

namespace limpid::rpc {

// Thread-safe.
class WorkerPool {
 public:
  WorkerPool(int thread_count, std::size_t queue_limit);
  // Runs what is queued, then joins.
  ~WorkerPool();
  // The same, before it goes. One caller at a time, none of its own threads.
  void Stop();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False when the queue is full, or after Stop.
  bool Run(std::function<void()> work);

 private:
  void Loop();
  // Whether a thread is to be woken for what is queued. One at a time: it wakes
  // the next when there is more, so that many short pieces at once do not wake
  // every thread to find nothing.
  bool ShouldWake() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::size_t queue_limit_;
  base::Mutex mutex_;
  base::ConditionVariable ready_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  int idle_ ABSL_GUARDED_BY(mutex_) = 0;
  // One was woken and has not come yet.
  bool waking_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_WORKER_POOL_H_
