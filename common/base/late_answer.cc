#include "common/base/late_answer.h"

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "common/base/detached.h"

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

void LateAnswer::Release(const absl::Status& status) {
  Answer answer;
  absl::Status failure;
  {
    const MutexLock lock(mutex_);
    if (failure_.ok() && !status.ok()) failure_ = Detached(status);
    if (--held_ != 0) return;
    answer = std::move(answer_);
    failure = std::move(failure_);
  }
  // Outside the lock: it may be long, and end this object.
  answer(failure);
}

void LateAnswer::Give(Answer answer) {
  {
    const MutexLock lock(mutex_);
    answer_ = std::move(answer);
  }
  Release(absl::OkStatus());
}

LateAnswer::Scope::Scope(std::shared_ptr<LateAnswer> answer)
    : before_(std::exchange(of_this_thread, std::move(answer))) {}

LateAnswer::Scope::~Scope() { of_this_thread = std::move(before_); }

}  // namespace limpid::base
