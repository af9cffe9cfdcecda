// Codes of requests that nobody bound go a while after they lapsed: whoever
// makes them would fill the store otherwise. docs/formats/request-syntax.md

#ifndef LIMPID_CONSENT_REQUEST_LAPSED_REQUESTS_H_
#define LIMPID_CONSENT_REQUEST_LAPSED_REQUESTS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "consent/consent.h"

namespace limpid::consent {

// For so long after it lapsed a service is told that it did; then there is no
// such request, and its request id is free again.
inline constexpr absl::Duration kLapsedRequestKept = absl::Hours(24 * 30);

// Walks over all requests again and again, a page at a time. For one thread.
class LapsedRequests {
 public:
  // `s` must outlive it.
  explicit LapsedRequests(Consent::State& s) : s_(s) {}

  // One page; false when the walk has come to the end, or has rested for less
  // than an hour since. Bound ones stay, and so do those that do not open.
  //
  // Errors: of the store and the sequencer; the page comes again.
  absl::StatusOr<bool> Step();

 private:
  Consent::State& s_;
  // Row of the last one that was looked at; empty at the beginning.
  base::Bytes after_;
  // On the monotonic clock.
  absl::Duration rests_until_ = absl::ZeroDuration();
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_REQUEST_LAPSED_REQUESTS_H_
