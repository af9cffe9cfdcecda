#include "common/rpc/lock_order.h"

#include "absl/synchronization/mutex.h"

namespace limpid::rpc {

void SkipLockOrderChecks() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

}  // namespace limpid::rpc
