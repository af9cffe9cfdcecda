// What a service hears of its records: stored events in order, resumable with
// an opaque cursor, and heartbeats in between. A stream that ends loses
// nothing: the next one goes on behind the last cursor, or is refused where the
// store never told what the cursor is behind. docs/formats/watch-cursor.md

#ifndef LIMPID_CONSENT_PROPAGATION_WATCH_HUB_H_
#define LIMPID_CONSENT_PROPAGATION_WATCH_HUB_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "consent/ids.h"
#include "consent/ledger/sealing.h"
#include "consent/ledger/store.h"
#include "consent/propagation/stream_event.h"

namespace limpid::consent {

// Longest silence on a stream.
inline constexpr absl::Duration kHeartbeat = absl::Seconds(15);

struct WatchItem {
  // Resume behind this. Sealed for one service: says nothing to anybody else.
  base::Bytes cursor;
  absl::Time sent;
  // Absent in a heartbeat.
  std::optional<StreamEvent> event;
};

// Takes one item; false ends the subscription. Called on the hub's thread, in
// order, one at a time.
using WatchSink = std::function<bool(const WatchItem&)>;

// Streams of one service at a time: its places and one that replaces another,
// not a way to have every event read and sealed without end.
inline constexpr std::size_t kMaxWatchStreams = 8;

// Who listens.
struct WatchListener {
  // Of the certificate that the stream was begun with. The subscription ends
  // when the service loses it; absent for none to lose.
  std::optional<base::Digest32> key = std::nullopt;
  // False once nobody hears any more, from then on: the subscription counts no
  // longer. On any thread, with the hub's lock held: must neither block nor
  // call back. May be empty.
  std::function<bool()> open = nullptr;
  // Told why when the hub ends the subscription by itself. On the hub's thread,
  // and nothing after it. May be empty.
  std::function<void(const absl::Status&)> ended = nullptr;
};

// What a cursor names an event by: no other has the same.
base::ByteArray<16> EventHash(const EventRow& row);

struct WatchParts {
  const LedgerStore& store;
  PersonKeys& keys;
  const Blinder& blinder;
  const base::Clock& clock;
  // 32 bytes.
  const base::SecretBytes& cursor_key;
  // Whether the key is one of the service's now. Empty: every key is.
  std::function<bool(const ServiceId&, const base::Digest32& key)> has_key = {};
};

// Thread-safe.
class WatchHub {
 public:
  // Everything in `parts` must outlive it. Starts a thread.
  explicit WatchHub(const WatchParts& parts);
  // Ends every subscription without a word.
  ~WatchHub();
  WatchHub(const WatchHub&) = delete;
  WatchHub& operator=(const WatchHub&) = delete;

  // Calls `sink` for every event of the service behind `cursor` (empty: from
  // the first kept), then for each new one, with heartbeats in between; the
  // first heartbeat comes at once when nothing waits.
  //
  // Errors: those of the store, and
  //   kInvalidArgument     the cursor was not issued to this service.
  //   kFailedPrecondition  an older store was put back, and the cursor is
  //                        behind an event that it does not have: what was told
  //                        since the older day counts no more.
  //   kResourceExhausted   kMaxWatchStreams of the service's are open.
  // Errors (to `listener.ended`):
  //   kPermissionDenied  the service has lost listener.key: within a second,
  //                      and before the next page of events.
  absl::Status Subscribe(const ServiceId& service, base::ByteView cursor,
                         WatchSink sink, WatchListener listener = {});

  // New events were committed.
  void Notify();

 private:
  // An event that was told, or was passed over; the zero one before the first.
  struct Place {
    std::uint64_t position = 0;
    // EventHash.
    base::ByteArray<16> event{};
  };
  struct Subscription {
    ServiceId service;
    Place place;
    absl::Duration last_sent = -absl::InfiniteDuration();
    WatchSink sink;
    std::shared_ptr<const WatchListener> listener;
  };

  [[nodiscard]] base::Bytes CursorOf(const ServiceId& service,
                                     const Place& place) const;
  // Where to go on; checked against the store.
  [[nodiscard]] absl::StatusOr<Place> Find(const ServiceId& service,
                                           base::ByteView cursor) const;
  void Run();
  // Whether somebody still hears it and may.
  [[nodiscard]] bool GoesOn(const Subscription& subscription) const;
  void Forget(const Subscription& subscription);
  // Returns false when the subscription is over; sets `more` when it stopped
  // at its page limit.
  bool Serve(Subscription& subscription, bool& more) const;

  const WatchParts parts_;
  mutable base::Mutex mutex_;
  base::ConditionVariable changed_;
  std::list<Subscription> arrived_ ABSL_GUARDED_BY(mutex_);
  // Shared with the subscriptions, of which the thread alone has the rest.
  std::map<ServiceId, std::vector<std::shared_ptr<const WatchListener>>>
      listeners_ ABSL_GUARDED_BY(mutex_);
  bool notified_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_PROPAGATION_WATCH_HUB_H_
