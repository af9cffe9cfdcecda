#include "server/adapters/system_directory.h"

#include "algoregister/registration/ids.h"
#include "algoregister/registration/register.h"
#include "common/base/mutex.h"
#include "consent/ids.h"

namespace limpid::server {

bool RegisterSystemDirectory::Exists(const consent::SystemId& system) const {
  const absl::Duration now = clock_.Monotonic();
  {
    const base::MutexLock lock(mutex_);
    const auto found = known_.find(system);
    if (found != known_.end() && now < found->second) {
      return true;
    }
  }
  const algoregister::RegistrationId id{algoregister::RegistrationKind::kSystem,
                                        system.bytes()};
  if (!registrations_.SystemExists(id).value_or(false)) return false;
  const base::MutexLock lock(mutex_);
  if (known_.size() >= kCapacity) known_.clear();
  known_[system] = now + kRemember;
  return true;
}

}  // namespace limpid::server
