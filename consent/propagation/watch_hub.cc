#include "consent/propagation/watch_hub.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/aead.h"
#include "common/crypto/hash.h"
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

constexpr std::string_view kEventLabel = "limpid/consent-cursor-event/1";

absl::Status PutBack() {
  return absl::FailedPreconditionError(
      "cursor: an older copy of the store was put back, and what you were told "
      "behind its day counts no more; watch again without a cursor, and take "
      "what you hear in place of what you have");
}

absl::Status KeyLost() {
  return absl::PermissionDeniedError(
      "the key of this certificate is no longer your service's; connect with "
      "one that is, and resume from the last cursor");
}

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

base::ByteArray<16> EventHash(const EventRow& row) {
  base::ByteWriter all(kEventLabel);
  all.Raw(row.service)
      .U64(row.position)
      .Raw(row.person.bytes())
      .Raw(row.record.bytes())
      .U64(static_cast<std::uint64_t>(row.created_ms))
      .Lp(row.payload);
  const base::Digest32 hash = crypto::Sha256(all.bytes());
  base::ByteArray<16> out{};
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

base::Bytes WatchHub::CursorOf(const ServiceId& service,
                               const Place& place) const {
  base::ByteWriter plain;
  plain.U64(place.position).Raw(place.event);
  return crypto::Seal(crypto::Suite::kXChaCha20Poly1305, parts_.cursor_key,
                      service.bytes(), CursorAad(), plain.bytes());
}

absl::StatusOr<WatchHub::Place> WatchHub::Find(const ServiceId& service,
                                               base::ByteView cursor) const {
  if (cursor.empty()) return Place();
  const auto plain =
      crypto::Open(parts_.cursor_key, service.bytes(), CursorAad(), cursor);
  if (!plain.ok()) {
    return absl::InvalidArgumentError("cursor: was not issued to this service");
  }
  base::ByteReader reader(*plain);
  Place told;
  told.position = reader.U64();
  // Earlier versions said no more.
  const bool names_event = !reader.failed() && !reader.rest().empty();
  if (names_event) told.event = reader.Array<16>();
  LIMPID_RETURN_IF_ERROR(reader.Finish());
  if (told.position == 0) return Place();
  LIMPID_ASSIGN_OR_RETURN(const auto rows,
                          parts_.store.Events(StreamOf(parts_.blinder, service),
                                              told.position - 1, /*limit=*/1));
  if (rows.empty() || rows.front().position != told.position) return PutBack();
  const Place found{told.position, EventHash(rows.front())};
  if (names_event && found.event != told.event) return PutBack();
  return found;
}

absl::Status WatchHub::Subscribe(const ServiceId& service,
                                 base::ByteView cursor, WatchSink sink,
                                 WatchListener listener) {
  Subscription subscription;
  subscription.service = service;
  LIMPID_ASSIGN_OR_RETURN(subscription.place, Find(service, cursor));
  subscription.sink = std::move(sink);
  subscription.listener =
      std::make_shared<const WatchListener>(std::move(listener));
  const base::MutexLock lock(mutex_);
  auto& listeners = listeners_[service];
  const auto open = std::count_if(
      listeners.begin(), listeners.end(),
      [](const auto& other) { return !other->open || other->open(); });
  if (static_cast<std::size_t>(open) >= kMaxWatchStreams) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "your service listens on ", kMaxWatchStreams,
        " streams already; close one, and listen in one place for all"));
  }
  listeners.push_back(subscription.listener);
  arrived_.push_back(std::move(subscription));
  notified_ = true;
  changed_.NotifyAll();
  return absl::OkStatus();
}

void WatchHub::Notify() {
  const base::MutexLock lock(mutex_);
  notified_ = true;
  changed_.NotifyAll();
}

bool WatchHub::GoesOn(const Subscription& subscription) const {
  const WatchListener& listener = *subscription.listener;
  if (listener.open && !listener.open()) return false;
  if (!listener.key || !parts_.has_key ||
      parts_.has_key(subscription.service, *listener.key)) {
    return true;
  }
  if (listener.ended) listener.ended(KeyLost());
  return false;
}

void WatchHub::Forget(const Subscription& subscription) {
  const base::MutexLock lock(mutex_);
  const auto at = listeners_.find(subscription.service);
  std::erase(at->second, subscription.listener);
  if (at->second.empty()) listeners_.erase(at);
}

bool WatchHub::Serve(Subscription& subscription, bool& more) const {
  if (!GoesOn(subscription)) return false;
  const auto rows =
      parts_.store.Events(StreamOf(parts_.blinder, subscription.service),
                          subscription.place.position, kPage);
  // A store that cannot be read is tried again: the position stands.
  if (!rows.ok()) return true;
  more |= rows->size() == kPage;
  for (const EventRow& row : *rows) {
    auto event = ReadStreamRow(parts_.store, parts_.keys, row);
    // A key store that cannot be read is tried again: the position stands.
    if (!event.ok()) break;
    subscription.place = {row.position, EventHash(row)};
    // Its key is gone, or it is damaged: nothing to tell.
    if (!event->has_value()) continue;
    WatchItem item;
    item.cursor = CursorOf(subscription.service, subscription.place);
    item.sent = parts_.clock.Now();
    item.event = *std::move(*event);
    if (!subscription.sink(item)) return false;
    subscription.last_sent = parts_.clock.Monotonic();
  }
  const absl::Duration now = parts_.clock.Monotonic();
  if (now - subscription.last_sent < kHeartbeat) return true;
  WatchItem heartbeat;
  heartbeat.cursor = CursorOf(subscription.service, subscription.place);
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
      subscriptions.splice(subscriptions.end(), arrived_);
    }
    // Outside the lock: a sink may end the stream and call back here.
    more = false;
    subscriptions.remove_if([&](Subscription& subscription) {
      if (Serve(subscription, more)) return false;
      Forget(subscription);
      return true;
    });
  }
}

}  // namespace limpid::consent
