#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "vault/statistics/statistics_store.h"
#include "vault/store/memory_store.h"

namespace limpid::vault {
namespace {

class MemoryStatisticsStore final : public StatisticsStore {
 public:
  explicit MemoryStatisticsStore(const VaultReads& values) : values_(values) {}

  absl::StatusOr<std::vector<std::optional<base::Bytes>>> Budgets(
      std::span<const BudgetKey> keys) const override {
    const base::MutexLock lock(mutex_);
    std::vector<std::optional<base::Bytes>> out;
    for (const BudgetKey& key : keys) {
      const auto at = budgets_.find(key);
      out.push_back(at == budgets_.end() ? std::nullopt
                                         : std::optional(at->second));
    }
    return out;
  }

  absl::Status PutBudgets(std::span<const BudgetRow> rows) override {
    const base::MutexLock lock(mutex_);
    std::map<BudgetKey, base::Bytes> next = budgets_;
    for (const BudgetRow& row : rows) {
      LIMPID_ASSIGN_OR_RETURN(
          const std::uint64_t highest,
          values_.HighestVersion(row.key.owner, row.key.name_key));
      if (highest > 0) next[row.key] = row.sealed;
    }
    budgets_ = std::move(next);
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<base::Bytes>> FindAnswer(
      const base::Digest32& question) const override {
    const base::MutexLock lock(mutex_);
    const auto at = answers_.find(question);
    return at == answers_.end() ? std::nullopt : std::optional(at->second);
  }

  absl::Status InsertAnswer(const base::Digest32& question,
                            std::uint64_t /*epoch*/,
                            const base::Bytes& sealed) override {
    const base::MutexLock lock(mutex_);
    if (!answers_.emplace(question, sealed).second) {
      return absl::AlreadyExistsError("the question has an answer");
    }
    return absl::OkStatus();
  }

 private:
  const VaultReads& values_;
  mutable base::Mutex mutex_;
  std::map<BudgetKey, base::Bytes> budgets_ ABSL_GUARDED_BY(mutex_);
  std::map<base::Digest32, base::Bytes> answers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<StatisticsStore> NewMemoryStatisticsStore(
    const VaultReads& values) {
  return std::make_unique<MemoryStatisticsStore>(values);
}

}  // namespace limpid::vault
