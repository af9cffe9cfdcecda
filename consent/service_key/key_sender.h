// The worker that brings signed entries of services' keys to the register, in
// order and until each is logged. Compares each chain with the register's once
// after a start, so that an older copy of the store is noticed. A register that
// is away delays new keys; nothing else waits for it.

#ifndef LIMPID_CONSENT_SERVICE_KEY_KEY_SENDER_H_
#define LIMPID_CONSENT_SERVICE_KEY_KEY_SENDER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "consent/ids.h"
#include "consent/service_key/key_book.h"
#include "consent/service_key/key_directory.h"

namespace limpid::consent {

// Between two attempts of one service: doubled from a second to this.
inline constexpr absl::Duration kLongestKeyWait = absl::Minutes(5);

// Why a service's entries are not logged yet.
struct KeyTrouble {
  // Failures in a row.
  std::uint32_t count = 0;
  // Of the last attempt.
  absl::StatusCode code = absl::StatusCode::kOk;
  // On the monotonic clock: not tried before.
  absl::Duration next = -absl::InfiniteDuration();
};

// Makes what an attempt found out durable; called on the worker. What fails is
// tried again.
struct KeyCommits {
  // The register has the first `count` entries of the service's chain.
  std::function<absl::Status(const ServiceId& service, std::uint32_t count)>
      logged;
  // The register has this chain, which is not what we hold for logged, or it
  // would not take what we sent. Fails when nothing can be done about it.
  std::function<absl::Status(const ServiceId& service,
                             const std::vector<base::Bytes>& chain)>
      differs;
};

// Thread-safe.
class ServiceKeySender {
 public:
  // All must outlive it.
  struct Parts {
    KeyDirectory& directory;
    const ServiceKeyBook& book;
    const base::Clock& clock;
  };

  ServiceKeySender(const Parts& parts, KeyCommits commits);
  // Stops.
  ~ServiceKeySender();
  ServiceKeySender(const ServiceKeySender&) = delete;
  ServiceKeySender& operator=(const ServiceKeySender&) = delete;

  // Once: starts the thread. Without it, RunDue does the work.
  void Start();
  // New entries were committed.
  void Notify();
  // Waits for an attempt that runs. Notify may still be called.
  void Stop();
  // Sends on the caller's thread until nothing is due.
  void RunDue();

  [[nodiscard]] std::optional<KeyTrouble> TroubleOf(
      const ServiceId& service) const;

 private:
  // The next service to serve; `wait` is shortened to when one is due.
  std::optional<ServiceId> Pick(absl::Duration& wait)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Work();
  void Serve(const ServiceId& service);
  absl::Status Attempt(const ServiceId& service);
  absl::Status Compare(const ServiceKeyChain& chain);
  [[nodiscard]] bool IsCompared(const ServiceId& service) const;

  const Parts parts_;
  const KeyCommits commits_;
  mutable base::Mutex mutex_;
  base::ConditionVariable changed_;
  std::map<ServiceId, KeyTrouble> troubles_ ABSL_GUARDED_BY(mutex_);
  // With the register's, since this started.
  std::set<ServiceId> compared_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread worker_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_SERVICE_KEY_KEY_SENDER_H_
