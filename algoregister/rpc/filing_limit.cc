#include "algoregister/rpc/filing_limit.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/base/peer.h"

namespace limpid::algoregister {

bool FilingLimit::HasRoom(Buckets& buckets, const std::string& key,
                          absl::Duration now) {
  if (buckets.size() < kMaxClients || buckets.contains(key)) return true;
  for (auto at = buckets.begin(); at != buckets.end();) {
    at = at->second <= now ? buckets.erase(at) : std::next(at);
  }
  return buckets.size() < kMaxClients;
}

std::optional<absl::Duration> FilingLimit::Next(const Buckets& buckets,
                                                const std::string& key,
                                                const Terms& terms,
                                                absl::Duration now) {
  const auto at = buckets.find(key);
  const absl::Duration full = at == buckets.end() ? now : at->second;
  const absl::Duration next = std::max(full, now) + terms.refill;
  if (next > now + terms.burst * terms.refill) return std::nullopt;
  return next;
}

absl::Status FilingLimit::Take(const std::string& client) {
  const absl::Duration now = clock_.Monotonic();
  const std::string network = base::NetworkOf(client);
  const base::MutexLock lock(mutex_);
  if (!HasRoom(clients_, client, now) || !HasRoom(networks_, network, now)) {
    return absl::ResourceExhaustedError(
        "too many people file now; try again in ten minutes");
  }
  const auto of_client = Next(clients_, client, {kBurst, kRefill}, now);
  if (!of_client) {
    return absl::ResourceExhaustedError(
        "as many were filed from your address as one may file at once; try "
        "again in ten minutes");
  }
  const auto of_network =
      Next(networks_, network, {kNetworkBurst, kNetworkRefill}, now);
  if (!of_network) {
    return absl::ResourceExhaustedError(
        "as many were filed from addresses near yours as may be filed at once; "
        "try again in two minutes");
  }
  clients_[client] = *of_client;
  networks_[network] = *of_network;
  return absl::OkStatus();
}

}  // namespace limpid::algoregister
