// Due rows whose last try failed: they wait, so that they hold up no other.

#ifndef LIMPID_CONSENT_LEDGER_FAILED_ROWS_H_
#define LIMPID_CONSENT_LEDGER_FAILED_ROWS_H_

#include <cstddef>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Used by the sequencer's thread alone. Some 100 bytes for each row.
class FailedRows {
 public:
  // Until a row is tried again. At 256 due rows a second, 150,000 that fail
  // leave room for others.
  static constexpr absl::Duration kWait = absl::Minutes(10);

  // `clock` must outlive it.
  explicit FailedRows(const base::Clock& clock) : clock_(clock) {}

  void Add(const RowKey& row, const absl::Status& why) {
    rows_[row] = clock_.Monotonic() + kWait;
    Note(why);
  }
  // What a row that was done met on its way.
  void Note(const absl::Status& met) {
    if (absl::IsDataLoss(met)) damage_ = met;
  }
  // Why a row could not be read since the last call; OK when none was damaged.
  // That a person is gone is no damage.
  absl::Status TakeDamage() { return std::exchange(damage_, absl::OkStatus()); }
  [[nodiscard]] bool Waits(const RowKey& row) const {
    return rows_.contains(row);
  }
  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  // Lets those go that have waited.
  void Release() {
    const absl::Duration now = clock_.Monotonic();
    std::erase_if(rows_, [now](const auto& row) { return row.second <= now; });
  }

 private:
  const base::Clock& clock_;
  // With when each is tried again, monotonic.
  std::map<RowKey, absl::Duration> rows_;
  absl::Status damage_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_FAILED_ROWS_H_
