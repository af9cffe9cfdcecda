#include "consent/push/push_hub.h"

#include <algorithm>
#include <utility>

namespace limpid::consent {
namespace {

// How often the clock is looked at, should nobody notify.
constexpr absl::Duration kLookInterval = absl::Seconds(1);
// Before a store that failed is asked again, or events whose turn could not be
// committed are sent again.
constexpr absl::Duration kAfterStoreFailure = absl::Seconds(1);

}  // namespace

PushHub::PushHub(const PushParts& parts, CommitTurn commit)
    : parts_(parts), commit_(std::move(commit)) {}

void PushHub::Start(std::size_t worker_count) {
  {
    const base::MutexLock lock(mutex_);
    most_slow_ = std::max<std::size_t>(worker_count / 2, 1);
  }
  workers_.reserve(worker_count);
  for (std::size_t i = 0; i < worker_count; ++i) {
    workers_.emplace_back([this] { Work(); });
  }
}

PushHub::~PushHub() { Stop(); }

void PushHub::Notify() {
  const base::MutexLock lock(mutex_);
  ++notification_;
  changed_.NotifyAll();
}

void PushHub::Stop() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    for (auto& [service, lane] : lanes_) {
      if (lane.channel != nullptr) lane.channel->Cancel();
    }
    changed_.NotifyAll();
  }
  for (std::thread& worker : workers_) {
    if (worker.joinable()) worker.join();
  }
}

std::optional<absl::Duration> PushHub::DueIn(const Lane& lane,
                                             const PushEntry& entry) const {
  const absl::Duration blocked = lane.not_before - parts_.clock.Monotonic();
  if (blocked > absl::ZeroDuration()) return blocked;
  if (entry.has_requeued) return absl::ZeroDuration();
  if (entry.progress.trouble) {
    const absl::Duration left =
        entry.progress.trouble->next - parts_.clock.Now();
    // A clock that was set back must not stop anybody for ever.
    return left > kLongestPushWait ? absl::ZeroDuration() : left;
  }
  if (lane.seen == notification_) return std::nullopt;
  return absl::ZeroDuration();
}

std::optional<PushHub::Picked> PushHub::Pick(absl::Duration& wait) {
  std::optional<PushEntry> best;
  Lane* best_lane = nullptr;
  for (const ServiceId& service : parts_.book.Active()) {
    Lane& lane = lanes_[service];
    if (lane.running) continue;
    auto entry = parts_.book.Find(service);
    if (!entry || !entry->endpoint.active()) continue;
    const auto due = DueIn(lane, *entry);
    if (!due) continue;
    if (*due > absl::ZeroDuration()) {
      wait = std::min(wait, *due);
      continue;
    }
    if (lane.slow && slow_count_ >= most_slow_) continue;
    if (best_lane != nullptr && best_lane->order <= lane.order) continue;
    best = std::move(entry);
    best_lane = &lane;
  }
  if (!best) return std::nullopt;
  best_lane->running = true;
  best_lane->order = ++turn_;
  if (best_lane->slow) ++slow_count_;
  return Picked{*std::move(best), best_lane->slow, notification_};
}

void PushHub::Watch(const ServiceId& service, PushChannel* channel) {
  const base::MutexLock lock(mutex_);
  lanes_[service].channel = channel;
  // Stop may have looked right before.
  if (channel != nullptr && stopping_) channel->Cancel();
}

void PushHub::Serve(const Picked& picked) {
  const ServiceId& service = picked.entry.endpoint.service;
  const PushTurn turn =
      RunPushTurn(parts_, picked.entry,
                  [&](PushChannel* channel) { Watch(service, channel); });
  const absl::Status committed =
      turn.changed ? commit_(turn) : absl::OkStatus();
  const base::MutexLock lock(mutex_);
  Lane& lane = lanes_[service];
  lane.running = false;
  if (picked.slow) --slow_count_;
  if (turn.changed) lane.slow = turn.slowest > kSlowAnswer;
  if (!committed.ok() || turn.interrupted) {
    lane.not_before = parts_.clock.Monotonic() + kAfterStoreFailure;
  } else if (!turn.more) {
    lane.seen = picked.notification;
  }
  changed_.NotifyAll();
}

void PushHub::RunDue() {
  // A commit is answered right before its notification comes.
  Notify();
  for (;;) {
    std::optional<Picked> picked;
    {
      const base::MutexLock lock(mutex_);
      absl::Duration wait = kLookInterval;
      if (!stopping_) picked = Pick(wait);
    }
    if (!picked) return;
    Serve(*picked);
  }
}

void PushHub::Work() {
  for (;;) {
    std::optional<Picked> picked;
    {
      const base::MutexLock lock(mutex_);
      for (;;) {
        if (stopping_) return;
        absl::Duration wait = kLookInterval;
        picked = Pick(wait);
        if (picked) break;
        (void)changed_.WaitFor(mutex_, wait);
      }
    }
    Serve(*picked);
  }
}

}  // namespace limpid::consent
