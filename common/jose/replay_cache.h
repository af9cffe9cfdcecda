// Remembers which tokens were used until they cannot be used any more. Bounded:
// a full cache refuses rather than forgets. Lost with the process, so tokens
// issued before it started are refused elsewhere (Expected::not_issued_before).

#ifndef LIMPID_COMMON_JOSE_REPLAY_CACHE_H_
#define LIMPID_COMMON_JOSE_REPLAY_CACHE_H_

#include <cstddef>
#include <functional>
#include <queue>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/jose/tokens.h"

namespace limpid::jose {

// Thread-safe.
class ReplayCache {
 public:
  // 90 seconds of 10,000 calls a second; some 130 MB when full.
  static constexpr std::size_t kDefaultCapacity = 900'000;

  explicit ReplayCache(std::size_t capacity = kDefaultCapacity)
      : capacity_(capacity) {}

  // Takes the use of token `id` by key `key_id`. Remembered until `expires_at`
  // plus kMaxClockSkew, as long as verification lets it pass.
  //
  // Errors:
  //   kUnauthenticated    the token was used before.
  //   kResourceExhausted  the cache is full.
  absl::Status Use(std::string_view key_id, const TokenId& id,
                   absl::Time expires_at, absl::Time now);

  [[nodiscard]] std::size_t size() const;

 private:
  using Entry = std::pair<absl::Time, base::Digest32>;

  const std::size_t capacity_;
  mutable base::Mutex mutex_;
  std::set<base::Digest32> used_ ABSL_GUARDED_BY(mutex_);
  // The same entries, the first to be dropped on top.
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> by_end_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::jose

#endif  // LIMPID_COMMON_JOSE_REPLAY_CACHE_H_
