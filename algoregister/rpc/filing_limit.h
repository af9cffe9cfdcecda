// How much one client may file: a bucket per address, in memory alone. Nothing
// of an address is kept once its bucket is full again, and none is logged.

#ifndef LIMPID_ALGOREGISTER_RPC_FILING_LIMIT_H_
#define LIMPID_ALGOREGISTER_RPC_FILING_LIMIT_H_

#include <cstddef>
#include <map>
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
  // Addresses with a bucket that is not full.
  static constexpr std::size_t kMaxClients = 4'096;

  // `clock` must outlive the limit.
  explicit FilingLimit(const base::Clock& clock) : clock_(clock) {}

  // Errors:
  //   kResourceExhausted  the client's bucket is empty, or there are too many
  //                       clients; the message says when to try again.
  absl::Status Take(const std::string& client);

 private:
  // Forgets full buckets.
  void Prune(absl::Duration now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const base::Clock& clock_;
  base::Mutex mutex_;
  // When the bucket of each client will be full again.
  std::map<std::string, absl::Duration> full_at_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RPC_FILING_LIMIT_H_
