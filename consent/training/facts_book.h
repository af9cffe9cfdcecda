// The published facts of the newest month, as they are stored: once stored, a
// month's stay byte for byte. docs/formats/consent-facts.md

#ifndef LIMPID_CONSENT_TRAINING_FACTS_BOOK_H_
#define LIMPID_CONSENT_TRAINING_FACTS_BOOK_H_

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "common/receipt/consent_facts.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Facts of one month with the entry that says them in the register's log.
struct StoredFacts {
  receipt::ConsentFacts facts;
  base::Bytes entry;
};

// One row for each month, never replaced.
PublicRow RowOf(const base::SecretBytes& row_key, const StoredFacts& stored);
// Errors:
//   kDataLoss  not sealed for this row, or not the facts of its month.
absl::StatusOr<StoredFacts> OpenFacts(const base::SecretBytes& row_key,
                                      const PublicRow& row);

using FactsPointer = std::shared_ptr<const StoredFacts>;

// Thread-safe. Changes follow the commits that store them.
class FactsBook {
 public:
  // Errors: those of the store, and of OpenFacts for the newest row.
  absl::Status Load(const LedgerStore& store, const base::SecretBytes& row_key);
  void Put(StoredFacts stored);
  // Null before the first turn.
  [[nodiscard]] FactsPointer Newest() const;

  // Whether all that is stored was offered to the register in this process: it
  // has it, or refuses it for good.
  [[nodiscard]] bool IsInLog() const;
  void SetInLog();

  // Nothing is tried again before. On the monotonic clock.
  [[nodiscard]] bool MayTry(absl::Duration now) const;
  void Rest(absl::Duration until);
  // The same of turns alone: each reads every person with a release.
  [[nodiscard]] bool MayTurn(absl::Duration now) const;
  void RestTurns(absl::Duration until);
  // True the first time in this process, and since all was well.
  bool IsNewTrouble();
  void SetWell();

 private:
  mutable base::Mutex mutex_;
  FactsPointer newest_ ABSL_GUARDED_BY(mutex_);
  bool in_log_ ABSL_GUARDED_BY(mutex_) = false;
  bool troubled_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration not_before_ ABSL_GUARDED_BY(mutex_) =
      -absl::InfiniteDuration();
  absl::Duration no_turn_before_ ABSL_GUARDED_BY(mutex_) =
      -absl::InfiniteDuration();
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_TRAINING_FACTS_BOOK_H_
