#include "consent/notice/notice_hub.h"

#include <utility>

#include "consent/propagation/watch_hub.h"

namespace limpid::consent {
namespace {

// How often heartbeats, and stores that failed, are looked at.
constexpr absl::Duration kLookInterval = absl::Seconds(1);

}  // namespace

NoticeHub::NoticeHub(const base::Clock& clock, Unread unread)
    : clock_(clock), unread_(std::move(unread)) {
  thread_ = std::thread([this] { Run(); });
}

NoticeHub::~NoticeHub() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

absl::Status NoticeHub::Subscribe(const PersonId& person, NoticeSink sink) {
  Subscription subscription;
  subscription.person = person;
  subscription.sink = std::move(sink);
  const base::MutexLock lock(mutex_);
  std::size_t& streams = streams_[person];
  if (streams >= kMaxNoticeStreams) {
    return absl::ResourceExhaustedError(
        "too many streams of yours are open; close one");
  }
  ++streams;
  arrived_.push_back(std::move(subscription));
  changed_.NotifyAll();
  return absl::OkStatus();
}

void NoticeHub::Notify(const PersonId& person) {
  const base::MutexLock lock(mutex_);
  if (!streams_.contains(person)) return;
  noticed_.insert(person);
  changed_.NotifyAll();
}

std::size_t NoticeHub::subscription_count() const {
  const base::MutexLock lock(mutex_);
  std::size_t out = 0;
  for (const auto& [person, count] : streams_) out += count;
  return out;
}

bool NoticeHub::SendUnread(Subscription& subscription) const {
  const auto unread = unread_(subscription.person);
  // A store that cannot be read is tried again: it stays behind. A person who
  // was erased has nothing more to hear.
  if (!unread.ok()) return !absl::IsNotFound(unread.status());
  subscription.behind = false;
  for (const NoticeView& view : *unread) {
    if (!subscription.sent.insert(view.notice.id).second) continue;
    if (!subscription.sink({clock_.Now(), view})) return false;
    subscription.last_sent = clock_.Monotonic();
  }
  return true;
}

bool NoticeHub::Serve(Subscription& subscription) const {
  if (subscription.behind && !SendUnread(subscription)) return false;
  const absl::Duration now = clock_.Monotonic();
  if (now - subscription.last_sent < kHeartbeat) return true;
  subscription.last_sent = now;
  return subscription.sink({clock_.Now(), std::nullopt});
}

void NoticeHub::Run() {
  std::list<Subscription> subscriptions;
  for (;;) {
    std::set<PersonId> noticed;
    {
      const base::MutexLock lock(mutex_);
      if (arrived_.empty() && noticed_.empty() && !stopping_) {
        (void)changed_.WaitFor(mutex_, kLookInterval);
      }
      if (stopping_) return;
      noticed.swap(noticed_);
      subscriptions.splice(subscriptions.end(), arrived_);
    }
    // Outside the lock: a sink may end the stream and call back here.
    for (auto at = subscriptions.begin(); at != subscriptions.end();) {
      at->behind |= noticed.contains(at->person);
      if (Serve(*at)) {
        ++at;
        continue;
      }
      const base::MutexLock lock(mutex_);
      const auto streams = streams_.find(at->person);
      if (--streams->second == 0) streams_.erase(streams);
      at = subscriptions.erase(at);
    }
  }
}

}  // namespace limpid::consent
