// The privacy budget of one person and attribute: how much of a calendar year's
// epsilon is spent, over all services and questions. Sealed, bound to its
// place. docs/formats/statistics.md

#ifndef LIMPID_VAULT_STATISTICS_BUDGET_H_
#define LIMPID_VAULT_STATISTICS_BUDGET_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "vault/statistics/statistics_store.h"

namespace limpid::vault {

struct Budget {
  // By UTC.
  std::uint32_t year = 0;
  std::uint32_t spent_milli = 0;
  // The question that was spent on last: asked again after a failure it costs
  // nothing more, because no answer of it has left.
  base::Digest32 question{};

  // Spends one answer's epsilon on `question` in the year of `now`. False, and
  // unchanged, when too little is left.
  bool Spend(const base::Digest32& asked, absl::Time now);

  friend bool operator==(const Budget&, const Budget&) = default;
};

// `key` has 32 bytes.
base::Bytes SealBudget(const base::SecretBytes& key, const BudgetKey& place,
                       const Budget& budget);
// Errors:
//   kDataLoss  not sealed for this place by this key.
absl::StatusOr<Budget> OpenBudget(const base::SecretBytes& key,
                                  const BudgetKey& place,
                                  base::ByteView sealed);

// An answer, bound to its question.
base::Bytes SealAnswer(const base::SecretBytes& key,
                       const base::Digest32& question, base::ByteView answer);
// Errors: the same.
absl::StatusOr<base::Bytes> OpenAnswer(const base::SecretBytes& key,
                                       const base::Digest32& question,
                                       base::ByteView sealed);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_STATISTICS_BUDGET_H_
