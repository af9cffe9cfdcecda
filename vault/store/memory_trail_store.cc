#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "vault/store/trail_stores.h"

namespace limpid::vault {
namespace {

class MemoryTrailStore final : public TrailStore {
 public:
  absl::Status Insert(const TrailRow& row) override {
    const base::MutexLock lock(mutex_);
    if (!rows_.emplace(row.number, row).second) {
      return absl::AlreadyExistsError("there is a batch of this number");
    }
    return absl::OkStatus();
  }
  absl::StatusOr<std::optional<TrailRow>> Newest() const override {
    const base::MutexLock lock(mutex_);
    if (rows_.empty()) return std::optional<TrailRow>();
    return std::optional<TrailRow>(rows_.rbegin()->second);
  }
  absl::StatusOr<std::vector<TrailRow>> From(std::uint64_t first,
                                             std::size_t limit) const override {
    const base::MutexLock lock(mutex_);
    std::vector<TrailRow> out;
    for (auto at = rows_.lower_bound(first);
         at != rows_.end() && out.size() < limit; ++at) {
      out.push_back(at->second);
    }
    return out;
  }
  absl::StatusOr<std::uint64_t> FirstSince(
      std::int64_t time_ms) const override {
    const base::MutexLock lock(mutex_);
    for (const auto& [number, row] : rows_) {
      if (row.last_ms >= time_ms) return number;
    }
    return std::uint64_t{0};
  }

 private:
  mutable base::Mutex mutex_;
  std::map<std::uint64_t, TrailRow> rows_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<TrailStore> NewMemoryTrailStore() {
  return std::make_unique<MemoryTrailStore>();
}

}  // namespace limpid::vault
