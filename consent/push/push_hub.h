// The workers that push: they take services in turn, so that each has its
// events in order and none waits for another. Bounded: half of them at most are
// busy with services that are slow, or have not shown yet that they are not.

#ifndef LIMPID_CONSENT_PUSH_PUSH_HUB_H_
#define LIMPID_CONSENT_PUSH_PUSH_HUB_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "consent/ids.h"
#include "consent/push/push_turn.h"

namespace limpid::consent {

// Who answers slower than this is slow.
inline constexpr absl::Duration kSlowAnswer = absl::Seconds(1);

// Makes what a turn found out durable; called on a worker. Fails when it is not
// known to be: then the turn's events are sent again.
using CommitTurn = std::function<absl::Status(const PushTurn& turn)>;

// Thread-safe.
class PushHub {
 public:
  // Everything in `parts` must outlive it.
  PushHub(const PushParts& parts, CommitTurn commit);
  // Stops.
  ~PushHub();
  PushHub(const PushHub&) = delete;
  PushHub& operator=(const PushHub&) = delete;

  // Once: starts `worker_count` threads. With none, RunDue does the work.
  void Start(std::size_t worker_count);
  // New events, endpoints or orders were committed.
  void Notify();
  // Cancels what is being sent and ends the threads. Notify may still be
  // called.
  void Stop();
  // Takes turns on the caller's thread until none is due.
  void RunDue();

 private:
  struct Lane {
    // A worker has it.
    bool running = false;
    bool slow = true;
    // Has been looked at since this notification.
    std::uint64_t seen = 0;
    // The store failed in its last turn: not before this.
    absl::Duration not_before = -absl::InfiniteDuration();
    // Of the last turn, for fairness.
    std::uint64_t order = 0;
    PushChannel* channel = nullptr;
  };
  struct Picked {
    PushEntry entry;
    bool slow = false;
    std::uint64_t notification = 0;
  };

  // The next service to serve; `wait` is shortened to when one is due.
  std::optional<Picked> Pick(absl::Duration& wait)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Zero or less when the service has something to do now; none for nothing.
  [[nodiscard]] std::optional<absl::Duration> DueIn(
      const Lane& lane, const PushEntry& entry) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Work();
  void Serve(const Picked& picked);
  void Watch(const ServiceId& service, PushChannel* channel);

  const PushParts parts_;
  const CommitTurn commit_;
  base::Mutex mutex_;
  base::ConditionVariable changed_;
  std::map<ServiceId, Lane> lanes_ ABSL_GUARDED_BY(mutex_);
  // Workers that may be busy with slow services, and those that are.
  std::size_t most_slow_ ABSL_GUARDED_BY(mutex_) = 1;
  std::size_t slow_count_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint64_t notification_ ABSL_GUARDED_BY(mutex_) = 1;
  std::uint64_t turn_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> workers_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_PUSH_PUSH_HUB_H_
