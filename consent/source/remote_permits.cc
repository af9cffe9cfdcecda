#include "consent/source/remote_permits.h"

#include <vector>

namespace limpid::consent {

bool RemotePermits::Send(const SourceId& source, const AccessId& access,
                         std::unique_ptr<OpenPermit> permit,
                         absl::FunctionRef<void()> send) {
  const Held held = std::move(permit);
  std::vector<Held> old;
  {
    // Before it is sent: the source may close it at once.
    const base::MutexLock lock(mutex_);
    old = TakeOld();
    const Key key(source, access);
    open_[key] = held;
    ends_.emplace_back(clock_.Monotonic() + kRemotePatience, key);
  }
  if (held->HandOverIfLive(send)) return true;
  Close(source, access, receipt::AccessOutcome::kNothingSent);
  return false;
}

void RemotePermits::Close(const SourceId& source, const AccessId& access,
                          receipt::AccessOutcome outcome) {
  Held closed;
  {
    const base::MutexLock lock(mutex_);
    const auto at = open_.find({source, access});
    if (at == open_.end()) return;
    closed = std::move(at->second);
    open_.erase(at);
  }
  closed->CloseWith(outcome);
}

std::vector<RemotePermits::Held> RemotePermits::TakeOld() {
  std::vector<Held> out;
  const absl::Duration now = clock_.Monotonic();
  while (!ends_.empty() && ends_.front().first <= now) {
    const auto at = open_.find(ends_.front().second);
    if (at != open_.end()) {
      out.push_back(std::move(at->second));
      open_.erase(at);
    }
    ends_.pop_front();
  }
  return out;
}

std::size_t RemotePermits::open_count() const {
  const base::MutexLock lock(mutex_);
  return open_.size();
}

}  // namespace limpid::consent
