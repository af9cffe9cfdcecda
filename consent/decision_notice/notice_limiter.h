// How many decision notices one service may send: so that a stolen certificate
// does not fill the store. In memory; a restart begins anew.

#ifndef LIMPID_CONSENT_DECISION_NOTICE_NOTICE_LIMITER_H_
#define LIMPID_CONSENT_DECISION_NOTICE_NOTICE_LIMITER_H_

#include <cstddef>
#include <deque>
#include <map>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "consent/ids.h"

namespace limpid::consent {

// Of one service within an hour: a body that decides more than ten a minute
// sends them over the day.
inline constexpr std::size_t kMaxDecisionNoticesAnHour = 600;

// Thread-safe.
class NoticeLimiter {
 public:
  // Whether the service may send one now, which is counted then. `now` is on
  // the monotonic clock.
  [[nodiscard]] bool Take(const ServiceId& service, absl::Duration now) {
    const base::MutexLock lock(mutex_);
    std::deque<absl::Duration>& sent = sent_[service];
    while (!sent.empty() && now - sent.front() >= absl::Hours(1)) {
      sent.pop_front();
    }
    if (sent.size() >= kMaxDecisionNoticesAnHour) return false;
    sent.push_back(now);
    return true;
  }

 private:
  base::Mutex mutex_;
  // Registered services only, so it is bounded.
  std::map<ServiceId, std::deque<absl::Duration>> sent_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_DECISION_NOTICE_NOTICE_LIMITER_H_
