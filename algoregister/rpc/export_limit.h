// How many exports are made at once, over all readers and for one: who
// reads slowly must not keep others from reading.

#ifndef LIMPID_ALGOREGISTER_RPC_EXPORT_LIMIT_H_
#define LIMPID_ALGOREGISTER_RPC_EXPORT_LIMIT_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "common/base/mutex.h"

namespace limpid::algoregister {

// Thread-safe.
class ExportLimit {
 public:
  // Each reads the store page by page while its client reads.
  static constexpr int kMost = 8;
  static constexpr int kMostPerClient = 2;

  // Errors:
  //   kResourceExhausted  so many are open; the message says whose.
  absl::Status Take(const std::string& client);
  // Once for each Take that returned OK.
  void Release(const std::string& client);

 private:
  base::Mutex mutex_;
  int open_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, int> by_client_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RPC_EXPORT_LIMIT_H_
