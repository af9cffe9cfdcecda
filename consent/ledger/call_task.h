// A task that somebody waits for: what Sequencer::Call queues.

#ifndef LIMPID_CONSENT_LEDGER_CALL_TASK_H_
#define LIMPID_CONSENT_LEDGER_CALL_TASK_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/detached.h"
#include "common/base/late_answer.h"
#include "common/base/mutex.h"
#include "consent/ledger/batch.h"
#include "consent/ledger/persons.h"
#include "consent/ledger/task.h"

namespace limpid::consent {

namespace internal {

// A result handed from the sequencer's thread to the one that waits.
template <typename T>
class Waiting {
 public:
  void Set(absl::StatusOr<T> result) {
    const base::MutexLock lock(mutex_);
    result_ = std::move(result);
    done_ = true;
    changed_.NotifyAll();
  }
  absl::StatusOr<T> Get() {
    const base::MutexLock lock(mutex_);
    while (!done_) changed_.Wait(mutex_);
    return std::move(result_);
  }

 private:
  base::Mutex mutex_;
  base::ConditionVariable changed_;
  absl::StatusOr<T> result_ ABSL_GUARDED_BY(mutex_) =
      absl::UnknownError("not done");
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
};

template <typename T>
class CallTask final : public Task {
 public:
  CallTask(std::function<absl::StatusOr<T>(Persons&, Batch&)> prepare,
           std::function<void(T&, const BatchProofs&)> complete,
           std::shared_ptr<Waiting<T>> waiting, bool alone)
      : prepare_(std::move(prepare)),
        complete_(std::move(complete)),
        waiting_(std::move(waiting)),
        late_(base::LateAnswer::OfThisThread()),
        alone_(alone) {
    if (late_ != nullptr) late_->Hold();
  }

  [[nodiscard]] bool alone() const override { return alone_; }

  absl::Status Prepare(Persons& persons, Batch& batch) override {
    result_ = prepare_(persons, batch);
    return result_.status();
  }
  void Settled(const absl::Status& status, const BatchProofs& proofs) override {
    if (late_ == nullptr) return;
    settled_ = status.ok();
    Deliver(status, proofs);
  }
  void Finish(const absl::Status& status, const BatchProofs& proofs) override {
    // First, so that the caller's thread gives its answer itself. A failure
    // that it was not told is the answer's.
    if (late_ != nullptr) {
      late_->Release(settled_ ? status : absl::OkStatus());
    }
    if (!delivered_) Deliver(status, proofs);
  }

 private:
  void Deliver(const absl::Status& status, const BatchProofs& proofs) {
    delivered_ = true;
    if (status.ok() && complete_) complete_(*result_, proofs);
    if (!status.ok()) result_ = base::Detached(status);
    waiting_->Set(std::move(result_));
  }

  std::function<absl::StatusOr<T>(Persons&, Batch&)> prepare_;
  std::function<void(T&, const BatchProofs&)> complete_;
  // Shared with the waiting caller.
  std::shared_ptr<Waiting<T>> waiting_;
  // Null when it waits for the fences. Shared as LateAnswer is.
  const std::shared_ptr<base::LateAnswer> late_;
  const bool alone_;
  bool delivered_ = false;
  // The caller was told that all went well, before the fences.
  bool settled_ = false;
  absl::StatusOr<T> result_ = absl::UnknownError("not prepared");
};

}  // namespace internal

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_CALL_TASK_H_
