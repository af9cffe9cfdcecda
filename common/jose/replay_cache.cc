#include "common/jose/replay_cache.h"

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/crypto/hash.h"

namespace limpid::jose {

absl::Status ReplayCache::Use(std::string_view key_id, const TokenId& id,
                              absl::Time expires_at, absl::Time now) {
  // The id has a fixed length, so the joined bytes are unambiguous.
  const base::Digest32 name = crypto::Sha256({id, base::AsBytes(key_id)});
  const base::MutexLock lock(mutex_);
  while (!by_end_.empty() && by_end_.top().first < now) {
    used_.erase(by_end_.top().second);
    by_end_.pop();
  }
  if (used_.contains(name)) {
    return absl::UnauthenticatedError("the token was used before");
  }
  if (used_.size() >= capacity_) {
    return absl::ResourceExhaustedError("too many calls; try again later");
  }
  used_.insert(name);
  by_end_.emplace(expires_at + kMaxClockSkew, name);
  return absl::OkStatus();
}

std::size_t ReplayCache::size() const {
  const base::MutexLock lock(mutex_);
  return used_.size();
}

}  // namespace limpid::jose
