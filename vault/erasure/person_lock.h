// The lock under which something is decided about a person's erasures, holds
// and keys. A call waits for it for a bounded time, because what it waits for
// may move all that somebody has, and threads that answer calls are few. Knows
// no person.

#ifndef LIMPID_VAULT_ERASURE_PERSON_LOCK_H_
#define LIMPID_VAULT_ERASURE_PERSON_LOCK_H_

#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace limpid::vault {

// Thread-safe. Not to be taken twice by one thread.
class PersonLock {
 public:
  // How long a call may wait: far more than an erasure of a person with few
  // values takes, and less than the shortest deadline of a client.
  static constexpr absl::Duration kMostOfACall = absl::Seconds(2);

  // Lets go of the lock, which must outlive it.
  class Held {
   public:
    Held(Held&& other) noexcept : lock_(std::exchange(other.lock_, nullptr)) {}
    Held& operator=(Held&&) = delete;
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held() {
      if (lock_ != nullptr) lock_->LetGo();
    }

   private:
    friend class PersonLock;
    explicit Held(PersonLock& lock) : lock_(&lock) {}

    PersonLock* lock_;
  };

  PersonLock() = default;
  PersonLock(const PersonLock&) = delete;
  PersonLock& operator=(const PersonLock&) = delete;

  // Waits as long as it takes: for work of the server's own.
  [[nodiscard]] Held Take();
  // Waits at most `most`: for calls.
  //
  // Errors:
  //   kUnavailable  it was not free within that time.
  absl::StatusOr<Held> TakeWithin(absl::Duration most = kMostOfACall);

 private:
  void LetGo();

  base::Mutex mutex_;
  base::ConditionVariable free_;
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_ERASURE_PERSON_LOCK_H_
