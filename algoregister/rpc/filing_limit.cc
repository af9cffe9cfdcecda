#include "algoregister/rpc/filing_limit.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace limpid::algoregister {

void FilingLimit::Prune(absl::Duration now) {
  for (auto at = full_at_.begin(); at != full_at_.end();) {
    at = at->second <= now ? full_at_.erase(at) : std::next(at);
  }
}

absl::Status FilingLimit::Take(const std::string& client) {
  const absl::Duration now = clock_.Monotonic();
  const base::MutexLock lock(mutex_);
  auto at = full_at_.find(client);
  if (at == full_at_.end()) {
    if (full_at_.size() >= kMaxClients) Prune(now);
    if (full_at_.size() >= kMaxClients) {
      return absl::ResourceExhaustedError(
          "too many people file now; try again in ten minutes");
    }
    at = full_at_.emplace(client, now).first;
  }
  const absl::Duration next = std::max(at->second, now) + kRefill;
  if (next > now + kBurst * kRefill) {
    return absl::ResourceExhaustedError(
        "as many were filed from your address as one may file at once; try "
        "again in ten minutes");
  }
  at->second = next;
  return absl::OkStatus();
}

}  // namespace limpid::algoregister
