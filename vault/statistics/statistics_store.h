// What statistics leave behind: what each person's attribute has been spent on,
// and the one answer of each question. A port of its own, because it promises
// something else than the values' store. Rows are sealed before they come here.
// docs/formats/statistics.md

#ifndef LIMPID_VAULT_STATISTICS_STATISTICS_STORE_H_
#define LIMPID_VAULT_STATISTICS_STATISTICS_STORE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "vault/keys/blind.h"

namespace limpid::vault {

struct BudgetKey {
  Owner owner;
  NameKey name_key{};

  friend auto operator<=>(const BudgetKey&, const BudgetKey&) = default;
};

struct BudgetRow {
  BudgetKey key;
  base::Bytes sealed;
};

// Thread-safe. Reads see every write that has returned.
//
// Errors of every call:
//   kDataLoss     stored bytes are damaged.
//   kUnavailable  the store failed; for a write it is not known whether
//                 anything was stored.
class StatisticsStore {
 public:
  virtual ~StatisticsStore() = default;
  StatisticsStore(const StatisticsStore&) = delete;
  StatisticsStore& operator=(const StatisticsStore&) = delete;

  // One result for each key, in order.
  virtual absl::StatusOr<std::vector<std::optional<base::Bytes>>> Budgets(
      std::span<const BudgetKey> keys) const = 0;
  // Adds or replaces all of them, durable on return, or none. Leaves out those
  // of which the values' store has no row any more, not even an erased one:
  // their persons were erased since they were counted, and nothing of them
  // comes back.
  virtual absl::Status PutBudgets(std::span<const BudgetRow> rows) = 0;

  virtual absl::StatusOr<std::optional<base::Bytes>> FindAnswer(
      const base::Digest32& question) const = 0;
  // Durable on return.
  //
  // Errors:
  //   kAlreadyExists  the question has an answer, which stays.
  virtual absl::Status InsertAnswer(const base::Digest32& question,
                                    std::uint64_t epoch,
                                    const base::Bytes& sealed) = 0;

 protected:
  StatisticsStore() = default;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_STATISTICS_STATISTICS_STORE_H_
