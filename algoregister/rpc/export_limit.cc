#include "algoregister/rpc/export_limit.h"

#include <string>

#include "absl/status/status.h"
#include "common/base/mutex.h"

namespace limpid::algoregister {

absl::Status ExportLimit::Take(const std::string& client) {
  const base::MutexLock lock(mutex_);
  if (open_ >= kMost) {
    return absl::ResourceExhaustedError("too many exports; try later");
  }
  const auto at = by_client_.find(client);
  if (at != by_client_.end() && at->second >= kMostPerClient) {
    return absl::ResourceExhaustedError(
        "two exports go to your address already; read or end one of them "
        "first");
  }
  ++open_;
  ++by_client_[client];
  return absl::OkStatus();
}

void ExportLimit::Release(const std::string& client) {
  const base::MutexLock lock(mutex_);
  --open_;
  const auto at = by_client_.find(client);
  if (--at->second == 0) by_client_.erase(at);
}

}  // namespace limpid::algoregister
