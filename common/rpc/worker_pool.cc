#include "common/rpc/worker_pool.h"

#include <utility>

namespace limpid::rpc {

WorkerPool::WorkerPool(int thread_count, std::size_t queue_limit)
    : queue_limit_(queue_limit) {
  for (int i = 0; i < thread_count; ++i) {
    threads_.emplace_back([this] { Loop(); });
  }
}

WorkerPool::~WorkerPool() { Stop(); }

void WorkerPool::Stop() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  ready_.NotifyAll();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

bool WorkerPool::Run(std::function<void()> work) {
  bool wake = false;
  {
    const base::MutexLock lock(mutex_);
    if (stopping_ || queue_.size() >= queue_limit_) return false;
    queue_.push_back(std::move(work));
    wake = ShouldWake();
  }
  if (wake) ready_.NotifyOne();
  return true;
}

bool WorkerPool::ShouldWake() {
  if (queue_.empty() || idle_ == 0 || waking_) return false;
  waking_ = true;
  return true;
}

void WorkerPool::Loop() {
  while (true) {
    std::function<void()> work;
    bool wake = false;
    {
      const base::MutexLock lock(mutex_);
      while (queue_.empty() && !stopping_) {
        waking_ = false;
        ++idle_;
        ready_.Wait(mutex_);
        --idle_;
      }
      waking_ = false;
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
      wake = ShouldWake();
    }
    if (wake) ready_.NotifyOne();
    work();
  }
}

}  // namespace limpid::rpc
