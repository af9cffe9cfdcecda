#include "consent/notice/notice_hub.h"

#include <utility>

#include "consent/propagation/watch_hub.h"

namespace limpid::consent {
namespace {

// How often heartbeats, and stores that failed, are looked at.
constexpr absl::Duration kLookInterval = absl::Seconds(1);

// Whether trying again would not help.
bool IsForGood(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsDataLoss(status);
}

}  // namespace

NoticeHub::NoticeHub(const base::Clock& clock, Unread unread, One one)
    : clock_(clock), unread_(std::move(unread)), one_(std::move(one)) {
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

absl::Status NoticeHub::Subscribe(const PersonId& person, NoticeSink sink,
                                  NoticeEnd ended) {
  Subscription subscription;
  subscription.person = person;
  subscription.sink = std::move(sink);
  subscription.ended = std::move(ended);
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

void NoticeHub::Notify(const PersonId& person, const BasisNoticeId& notice) {
  const base::MutexLock lock(mutex_);
  if (!streams_.contains(person)) return;
  noticed_[person].insert(notice);
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
  if (!unread.ok()) {
    // A store that cannot be read is tried again: she stays behind.
    if (!IsForGood(unread.status())) return true;
    if (subscription.ended) subscription.ended(unread.status());
    return false;
  }
  subscription.behind = false;
  for (const NoticeView& view : unread->notices) {
    if (!subscription.sent.insert(view.notice.id).second) continue;
    if (!Send(subscription, {clock_.Now(), view})) return false;
  }
  if (std::exchange(subscription.unreadable, unread->unreadable) ==
      unread->unreadable) {
    return true;
  }
  return Send(subscription, {clock_.Now(), std::nullopt, unread->unreadable});
}

bool NoticeHub::SendFresh(Subscription& subscription,
                          const NoticeIds& fresh) const {
  for (const BasisNoticeId& id : fresh) {
    if (subscription.sent.contains(id)) continue;
    const auto view = one_(subscription.person, id);
    if (!view.ok()) {
      // A look at all of them says what it means.
      subscription.behind = true;
      return true;
    }
    subscription.sent.insert(id);
    if (!view->notice.unread()) continue;
    if (!Send(subscription, {clock_.Now(), *view})) return false;
  }
  return true;
}

bool NoticeHub::Send(Subscription& subscription, const NoticeItem& item) const {
  subscription.last_sent = clock_.Monotonic();
  return subscription.sink(item);
}

bool NoticeHub::Serve(Subscription& subscription,
                      const NoticeIds& fresh) const {
  if (!subscription.behind && !SendFresh(subscription, fresh)) return false;
  if (subscription.behind && !SendUnread(subscription)) return false;
  const bool silent = clock_.Monotonic() - subscription.last_sent >= kHeartbeat;
  if (!silent || subscription.behind) return true;
  return Send(subscription, {clock_.Now(), std::nullopt});
}

void NoticeHub::Run() {
  const NoticeIds none;
  std::list<Subscription> subscriptions;
  for (;;) {
    std::map<PersonId, NoticeIds> noticed;
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
      const auto fresh = noticed.find(at->person);
      if (Serve(*at, fresh == noticed.end() ? none : fresh->second)) {
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
