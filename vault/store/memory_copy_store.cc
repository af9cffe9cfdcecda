#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "vault/custody/copy_store.h"
#include "vault/store/memory_store.h"

namespace limpid::vault {
namespace {

class MemoryCopyStore final : public CopyStore {
 public:
  absl::Status Put(const CopyRow& row, std::size_t max_copies) override {
    const base::MutexLock lock(mutex_);
    const Key key(row.owner, row.record_key, row.name_key);
    std::size_t count = rows_.contains(key) ? 0 : 1;
    for (const auto& [at, other] : rows_) {
      if (other.owner == row.owner) ++count;
    }
    if (count > max_copies) {
      return absl::ResourceExhaustedError("the owner has the most copies");
    }
    rows_[key] = row;
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<CopyRow>> Find(
      const Owner& owner, const RecordKey& record,
      const NameKey& name) const override {
    const base::MutexLock lock(mutex_);
    const auto found = rows_.find(Key(owner, record, name));
    return found == rows_.end() ? std::nullopt : std::optional(found->second);
  }

  absl::StatusOr<std::vector<RecordKey>> Records(
      const Owner& owner) const override {
    const base::MutexLock lock(mutex_);
    std::set<RecordKey> out;
    for (const auto& [key, row] : rows_) {
      if (row.owner == owner) out.insert(row.record_key);
    }
    return std::vector<RecordKey>(out.begin(), out.end());
  }

  absl::StatusOr<CopyUsage> UsageOf(const Owner& owner) const override {
    const base::MutexLock lock(mutex_);
    CopyUsage out;
    for (const auto& [key, row] : rows_) {
      if (row.owner != owner) continue;
      ++out.copies;
      out.bytes += row.outer.size();
    }
    return out;
  }

  absl::Status Delete(const CopyRow& row) override {
    const base::MutexLock lock(mutex_);
    const auto found = rows_.find(Key(row.owner, row.record_key, row.name_key));
    if (found != rows_.end() && found->second.copy_id == row.copy_id) {
      rows_.erase(found);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<Owner>> DeleteOver(std::int64_t now_ms) override {
    const base::MutexLock lock(mutex_);
    std::set<Owner> owners;
    std::erase_if(rows_, [&](const auto& item) {
      if (item.second.not_after_ms > now_ms) return false;
      owners.insert(item.second.owner);
      return true;
    });
    return std::vector<Owner>(owners.begin(), owners.end());
  }

  absl::StatusOr<std::int64_t> DeleteRecord(const Owner& owner,
                                            const RecordKey& record) override {
    const base::MutexLock lock(mutex_);
    return static_cast<std::int64_t>(
        std::erase_if(rows_, [&](const auto& item) {
          return item.second.owner == owner && item.second.record_key == record;
        }));
  }

  absl::StatusOr<std::int64_t> DeleteVersion(const Owner& owner,
                                             const NameKey& name,
                                             std::uint64_t version) override {
    const base::MutexLock lock(mutex_);
    return static_cast<std::int64_t>(
        std::erase_if(rows_, [&](const auto& item) {
          return item.second.owner == owner && item.second.name_key == name &&
                 item.second.version == version;
        }));
  }

  absl::StatusOr<std::int64_t> DeleteOwner(const Owner& owner) override {
    const base::MutexLock lock(mutex_);
    return static_cast<std::int64_t>(std::erase_if(
        rows_, [&](const auto& item) { return item.second.owner == owner; }));
  }

 private:
  using Key = std::tuple<Owner, RecordKey, NameKey>;
  mutable base::Mutex mutex_;
  std::map<Key, CopyRow> rows_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<CopyStore> NewMemoryCopyStore() {
  return std::make_unique<MemoryCopyStore>();
}

}  // namespace limpid::vault
