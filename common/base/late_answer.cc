#include "common/base/late_answer.h"

#include <memory>
#include <utility>

namespace limpid::base {
namespace {

// Shared with those that hold it, on other threads.
thread_local std::shared_ptr<LateAnswer> of_this_thread;

}  // namespace

std::shared_ptr<LateAnswer> LateAnswer::OfThisThread() {
  return of_this_thread;
}

void LateAnswer::Hold() {
  const MutexLock lock(mutex_);
  ++held_;
}

void LateAnswer::Release() {
  std::function<void()> answer;
  {
    const MutexLock lock(mutex_);
    if (--held_ != 0) return;
    answer = std::move(answer_);
  }
  // Outside the lock: it may be long, and end this object.
  answer();
}

void LateAnswer::Give(std::function<void()> answer) {
  {
    const MutexLock lock(mutex_);
    answer_ = std::move(answer);
  }
  Release();
}

LateAnswer::Scope::Scope(std::shared_ptr<LateAnswer> answer)
    : before_(std::exchange(of_this_thread, std::move(answer))) {}

LateAnswer::Scope::~Scope() { of_this_thread = std::move(before_); }

}  // namespace limpid::base
