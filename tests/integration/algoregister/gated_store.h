// A gate, and a store in memory whose look at the log it can hold up, so that
// calls that begin with it stay open as long as a test likes.

#ifndef LIMPID_TESTS_INTEGRATION_ALGOREGISTER_GATED_STORE_H_
#define LIMPID_TESTS_INTEGRATION_ALGOREGISTER_GATED_STORE_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "algoregister/store/memory_registration_store.h"
#include "common/base/mutex.h"

namespace limpid::algoregister {

// Holds up whoever comes while it is closed. Thread-safe.
class Gate {
 public:
  void Pass() {
    const base::MutexLock lock(mutex_);
    ++looks_;
    ++waiting_;
    changed_.NotifyAll();
    while (!open_) changed_.Wait(mutex_);
    --waiting_;
  }
  void Close() {
    const base::MutexLock lock(mutex_);
    open_ = false;
  }
  void Open() {
    const base::MutexLock lock(mutex_);
    open_ = true;
    changed_.NotifyAll();
  }
  // How often anybody came.
  [[nodiscard]] int looks() const {
    const base::MutexLock lock(mutex_);
    return looks_;
  }
  // Returns when so many calls stand before it.
  void AwaitWaiting(int count) const {
    const base::MutexLock lock(mutex_);
    while (waiting_ < count) changed_.Wait(mutex_);
  }

 private:
  mutable base::Mutex mutex_;
  mutable base::ConditionVariable changed_;
  bool open_ ABSL_GUARDED_BY(mutex_) = true;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  int looks_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Thread-safe.
class GatedStore final : public MemoryRegistrationStore {
 public:
  absl::StatusOr<std::uint64_t> LoggedSize() const override {
    gate_.Pass();
    return MemoryRegistrationStore::LoggedSize();
  }

  void Close() { gate_.Close(); }
  void Open() { gate_.Open(); }
  // How often anybody looked at the log.
  [[nodiscard]] int looks() const { return gate_.looks(); }
  // Returns when so many calls stand before the gate.
  void AwaitWaiting(int count) const { gate_.AwaitWaiting(count); }

 private:
  mutable Gate gate_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_TESTS_INTEGRATION_ALGOREGISTER_GATED_STORE_H_
