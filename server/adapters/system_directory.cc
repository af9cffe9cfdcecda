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

bool RegisterSystemDirectory::Holds(const Memory& memory,
                                    const Known& known) const {
  const auto found = memory.find(known);
  return found != memory.end() && clock_.Monotonic() < found->second;
}

void RegisterSystemDirectory::Add(Memory& memory, const Known& known,
                                  absl::Duration time) const {
  if (memory.size() >= kCapacity) memory.clear();
  memory[known] = clock_.Monotonic() + time;
}

bool RegisterSystemDirectory::Exists(const consent::SystemId& system) const {
  const Known known{system, {}};
  {
    const base::MutexLock lock(mutex_);
    if (Holds(known_, known)) return true;
  }
  if (!registrations_.SystemExists(SystemOf(system)).value_or(false)) {
    return false;
  }
  const base::MutexLock lock(mutex_);
  Add(known_, known, kRemember);
  return true;
}

bool RegisterSystemDirectory::MayTrain(
    const consent::SystemId& system,
    const consent::SnapshotId& snapshot) const {
  // Without one it would be the other question.
  if (snapshot.none()) return false;
  const Known known{system, snapshot};
  {
    const base::MutexLock lock(mutex_);
    if (Holds(known_, known)) return true;
    if (Holds(refused_, known)) return false;
  }
  const algoregister::SnapshotId id(snapshot.bytes());
  const bool may =
      registrations_.MayTrain(SystemOf(system), id).value_or(false);
  const base::MutexLock lock(mutex_);
  if (may) {
    Add(known_, known, kRemember);
  } else {
    Add(refused_, known, kRememberNo);
  }
  return may;
}

}  // namespace limpid::server
