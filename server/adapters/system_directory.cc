#include "server/adapters/system_directory.h"

#include "algoregister/registration/ids.h"
#include "algoregister/registration/register.h"
#include "common/base/mutex.h"
#include "consent/ids.h"

namespace limpid::server {
namespace {

algoregister::RegistrationId SystemOf(const consent::SystemId& system) {
  return {algoregister::RegistrationKind::kSystem, system.bytes()};
}

}  // namespace

bool RegisterSystemDirectory::Remembered(const Known& known) const {
  const base::MutexLock lock(mutex_);
  const auto found = known_.find(known);
  return found != known_.end() && clock_.Monotonic() < found->second;
}

void RegisterSystemDirectory::Remember(const Known& known) const {
  const base::MutexLock lock(mutex_);
  if (known_.size() >= kCapacity) known_.clear();
  known_[known] = clock_.Monotonic() + kRemember;
}

bool RegisterSystemDirectory::Exists(const consent::SystemId& system) const {
  const Known known{system, {}};
  if (Remembered(known)) return true;
  if (!registrations_.SystemExists(SystemOf(system)).value_or(false)) {
    return false;
  }
  Remember(known);
  return true;
}

bool RegisterSystemDirectory::MayTrain(
    const consent::SystemId& system,
    const consent::SnapshotId& snapshot) const {
  // Without one it would be the other question.
  if (snapshot.none()) return false;
  const Known known{system, snapshot};
  if (Remembered(known)) return true;
  const algoregister::SnapshotId id(snapshot.bytes());
  if (!registrations_.MayTrain(SystemOf(system), id).value_or(false)) {
    return false;
  }
  Remember(known);
  return true;
}

}  // namespace limpid::server
