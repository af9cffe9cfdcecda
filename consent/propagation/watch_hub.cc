#include "consent/propagation/watch_hub.h"

#include <cstddef>
#include <cstdint>
#include <list>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/aead.h"
#include "consent/ledger/batch.h"
#include "consent/propagation/stream_reader.h"

namespace limpid::consent {
namespace {

// Events sent to one subscription before others have their turn.
constexpr std::size_t kPage = 256;
// Between two pages, so that a reader who catches up is not overrun.
constexpr absl::Duration kPageInterval = absl::Milliseconds(20);
// How often heartbeats are looked at.
constexpr absl::Duration kLookInterval = absl::Seconds(1);

base::Bytes CursorAad() {
  return base::ByteWriter("limpid/consent-cursor/1").Take();
}

}  // namespace

WatchHub::WatchHub(const WatchParts& parts) : parts_(parts) {
  thread_ = std::thread([this] { Run(); });
}

WatchHub::~WatchHub() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

base::Bytes WatchHub::CursorOf(const ServiceId& service,
                               std::uint64_t position) const {
  base::ByteWriter plain;
  plain.U64(position);
  return crypto::Seal(crypto::Suite::kXChaCha20Poly1305, parts_.cursor_key,
                      service.bytes(), CursorAad(), plain.bytes());
}

absl::StatusOr<std::uint64_t> WatchHub::PositionOf(
    const ServiceId& service, base::ByteView cursor) const {
  if (cursor.empty()) return 0;
  const auto plain =
      crypto::Open(parts_.cursor_key, service.bytes(), CursorAad(), cursor);
  if (!plain.ok()) {
    return absl::InvalidArgumentError("cursor: was not issued to this service");
  }
  base::ByteReader reader(*plain);
  const std::uint64_t position = reader.U64();
  LIMPID_RETURN_IF_ERROR(reader.Finish());
  return position;
}

absl::Status WatchHub::Subscribe(const ServiceId& service,
                                 base::ByteView cursor, WatchSink sink) {
  Subscription subscription;
  subscription.service = service;
  LIMPID_ASSIGN_OR_RETURN(subscription.position, PositionOf(service, cursor));
  subscription.sink = std::move(sink);
  const base::MutexLock lock(mutex_);
  arrived_.push_back(std::move(subscription));
  ++count_;
  notified_ = true;
  changed_.NotifyAll();
  return absl::OkStatus();
}

void WatchHub::Notify() {
  const base::MutexLock lock(mutex_);
  notified_ = true;
  changed_.NotifyAll();
}

std::size_t WatchHub::subscription_count() const {
  const base::MutexLock lock(mutex_);
  return count_;
}

bool WatchHub::Serve(Subscription& subscription, bool& more) const {
  const auto rows =
      parts_.store.Events(StreamOf(parts_.blinder, subscription.service),
                          subscription.position, kPage);
  // A store that cannot be read is tried again: the position stands.
  if (!rows.ok()) return true;
  more |= rows->size() == kPage;
  for (const EventRow& row : *rows) {
    auto event = ReadStreamRow(parts_.store, parts_.keys, row);
    // A key store that cannot be read is tried again: the position stands.
    if (!event.ok()) break;
    subscription.position = row.position;
    // Its key is gone, or it is damaged: nothing to tell.
    if (!event->has_value()) continue;
    WatchItem item;
    item.cursor = CursorOf(subscription.service, row.position);
    item.sent = parts_.clock.Now();
    item.event = *std::move(*event);
    if (!subscription.sink(item)) return false;
    subscription.last_sent = parts_.clock.Monotonic();
  }
  const absl::Duration now = parts_.clock.Monotonic();
  if (now - subscription.last_sent < kHeartbeat) return true;
  WatchItem heartbeat;
  heartbeat.cursor = CursorOf(subscription.service, subscription.position);
  heartbeat.sent = parts_.clock.Now();
  subscription.last_sent = now;
  return subscription.sink(heartbeat);
}

void WatchHub::Run() {
  std::list<Subscription> subscriptions;
  bool more = false;
  for (;;) {
    {
      const base::MutexLock lock(mutex_);
      if (!notified_ && !stopping_) {
        (void)changed_.WaitFor(mutex_, more ? kPageInterval : kLookInterval);
      }
      if (stopping_) return;
      notified_ = false;
      count_ = subscriptions.size() + arrived_.size();
      subscriptions.splice(subscriptions.end(), arrived_);
    }
    // Outside the lock: a sink may end the stream and call back here.
    more = false;
    subscriptions.remove_if(
        [&](Subscription& subscription) { return !Serve(subscription, more); });
  }
}

}  // namespace limpid::consent
