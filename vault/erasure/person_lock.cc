#include "vault/erasure/person_lock.h"

#include "absl/status/status.h"
#include "common/base/clock.h"

namespace limpid::vault {

PersonLock::Held PersonLock::Take() {
  const base::MutexLock lock(mutex_);
  while (held_) free_.Wait(mutex_);
  held_ = true;
  return Held(*this);
}

absl::StatusOr<PersonLock::Held> PersonLock::TakeWithin(absl::Duration most) {
  // Of the machine, not of the tests: it is about threads that wait.
  const base::SystemClock clock;
  const absl::Duration until = clock.Monotonic() + most;
  const base::MutexLock lock(mutex_);
  while (held_) {
    const absl::Duration left = until - clock.Monotonic();
    if (left <= absl::ZeroDuration()) {
      return absl::UnavailableError(
          "an erasure or a change of keys is under way that must end first; "
          "nothing was changed, try again in a minute");
    }
    (void)free_.WaitFor(mutex_, left);
  }
  held_ = true;
  return Held(*this);
}

void PersonLock::LetGo() {
  const base::MutexLock lock(mutex_);
  held_ = false;
  free_.NotifyOne();
}

}  // namespace limpid::vault
