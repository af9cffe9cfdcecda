// A head in memory: what a shared store between machines would do.

#ifndef LIMPID_TESTS_UNIT_TLOG_MEMORY_HEAD_STORE_H_
#define LIMPID_TESTS_UNIT_TLOG_MEMORY_HEAD_STORE_H_

#include <optional>

#include "common/base/mutex.h"
#include "common/tlog/head_store.h"

namespace limpid::tlog {

class MemoryHeadStore final : public HeadStore {
 public:
  absl::StatusOr<std::optional<Head>> Read() override {
    const base::MutexLock lock(mutex_);
    return head_;
  }
  absl::Status Swap(const std::optional<Head>& expected,
                    const Head& next) override {
    const base::MutexLock lock(mutex_);
    if (head_ != expected) return absl::AbortedError("another head");
    head_ = next;
    return absl::OkStatus();
  }

 private:
  base::Mutex mutex_;
  std::optional<Head> head_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::tlog

#endif  // LIMPID_TESTS_UNIT_TLOG_MEMORY_HEAD_STORE_H_
