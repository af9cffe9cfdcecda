// Notices that a tick of the access log is late: promises allow a minute for
// what ticks take (docs/formats/access-promise.md), and nothing else would say
// that it is used up before a service shows a broken promise.

#ifndef LIMPID_CONSENT_LEDGER_TICK_WATCH_H_
#define LIMPID_CONSENT_LEDGER_TICK_WATCH_H_

#include <functional>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace limpid::consent {

// Thread-safe.
class TickWatch {
 public:
  // `clock` must outlive it. `allowed` is how long a tick may take, retries
  // included. `alarm` is ConsentOptions::alarm, and may be empty: it is told
  // kInternal once for each tick that is late, also when a later one then ends
  // well.
  TickWatch(const base::Clock& clock, absl::Duration allowed,
            std::function<void(const absl::Status&)> alarm)
      : clock_(clock), allowed_(allowed), alarm_(std::move(alarm)) {}

  // A tick is to be made now. It counts from the first one that has not ended
  // well yet.
  void Begin();
  void End(const absl::Status& how);
  // For a thread that no tick stops: one that hangs says nothing by itself.
  void Look();

 private:
  const base::Clock& clock_;
  const absl::Duration allowed_;
  const std::function<void(const absl::Status&)> alarm_;

  base::Mutex mutex_;
  // On the monotonic clock; none while none is under way.
  std::optional<absl::Duration> since_ ABSL_GUARDED_BY(mutex_);
  // Of the last one that failed since then.
  absl::Status failed_ ABSL_GUARDED_BY(mutex_);
  bool told_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_TICK_WATCH_H_
