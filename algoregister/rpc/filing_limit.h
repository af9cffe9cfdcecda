// How much one client may file, and all clients of one network together:
// buckets in memory alone. Nothing of an address is kept once its buckets are
// full again, and none is logged.

#ifndef LIMPID_ALGOREGISTER_RPC_FILING_LIMIT_H_
#define LIMPID_ALGOREGISTER_RPC_FILING_LIMIT_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace limpid::algoregister {

// Thread-safe.
class FilingLimit {
 public:
  // A person with several questions at once.
  static constexpr int kBurst = 5;
  // One more each: at most 149 a day of one address.
  static constexpr absl::Duration kRefill = absl::Minutes(10);
  // A household or an office; a network that has addresses without end files
  // 740 a day, which leaves most of the register's day to others.
  static constexpr int kNetworkBurst = 20;
  static constexpr absl::Duration kNetworkRefill = absl::Minutes(2);
  // Addresses with a bucket that is not full; as many networks.
  static constexpr std::size_t kMaxClients = 4'096;

  // `clock` must outlive the limit.
  explicit FilingLimit(const base::Clock& clock) : clock_(clock) {}

  // Takes one from the buckets of `client` (base::ClientOf) and of its network;
  // from neither when one of them is empty. To be asked when what is filed is
  // known to be right: a refusal for another reason should cost nobody a
  // bucket.
  //
  // Errors:
  //   kResourceExhausted  a bucket is empty, or there are too many clients; the
  //                       message says when to try again.
  absl::Status Take(const std::string& client);

 private:
  // When the bucket of each will be full again; kMaxClients at most.
  using Buckets = std::map<std::string, absl::Duration>;
  struct Terms {
    int burst;
    absl::Duration refill;
  };

  // Whether `key` has a bucket or there is room for one, after full ones were
  // forgotten.
  static bool HasRoom(Buckets& buckets, const std::string& key,
                      absl::Duration now);
  // When the bucket would be full again after one more; none if it is empty.
  static std::optional<absl::Duration> Next(const Buckets& buckets,
                                            const std::string& key,
                                            const Terms& terms,
                                            absl::Duration now);

  const base::Clock& clock_;
  base::Mutex mutex_;
  Buckets clients_ ABSL_GUARDED_BY(mutex_);
  Buckets networks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RPC_FILING_LIMIT_H_
