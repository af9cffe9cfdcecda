// Permits that are out at sources in other processes. Whether their bytes left
// cannot be seen from here, so each counts as handed over from the moment it is
// sent until it is closed or its lease has run out. consent.md section 4

#ifndef LIMPID_CONSENT_SOURCE_REMOTE_PERMITS_H_
#define LIMPID_CONSENT_SOURCE_REMOTE_PERMITS_H_

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/receipt/access_entry.h"
#include "consent/ids.h"
#include "consent/ledger/permits.h"

namespace limpid::consent {

// How long a source may take to say what became of an access: its answer may
// take longer than the lease in which it was begun.
inline constexpr absl::Duration kRemotePatience = absl::Seconds(10);

// Thread-safe.
class RemotePermits {
 public:
  // `clock` must outlive it.
  explicit RemotePermits(const base::Clock& clock) : clock_(clock) {}

  // Sends a permit: runs `send`, which may only queue the answer, if no fence
  // has reached the permit, and keeps it open for `source`. False when one has;
  // then nothing was sent.
  bool Send(const SourceId& source, const AccessId& access,
            std::unique_ptr<OpenPermit> permit, absl::FunctionRef<void()> send);
  // The source is done with it, and says what became of it. Somebody else's, an
  // unknown, a closed or an old one changes nothing.
  void Close(const SourceId& source, const AccessId& access,
             receipt::AccessOutcome outcome);

  [[nodiscard]] std::size_t open_count() const;

 private:
  using Key = std::pair<SourceId, AccessId>;
  // Shared with Send while it runs.
  using Held = std::shared_ptr<OpenPermit>;

  // Takes out those of which nobody will say any more what became of them. They
  // are closed after the lock, because closing may fire what waits for a fence.
  std::vector<Held> TakeOld() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const base::Clock& clock_;
  mutable base::Mutex mutex_;
  std::map<Key, Held> open_ ABSL_GUARDED_BY(mutex_);
  // By the end of kRemotePatience.
  std::deque<std::pair<absl::Duration, Key>> ends_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_SOURCE_REMOTE_PERMITS_H_
