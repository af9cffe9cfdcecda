// A ledger store that promises a commit once it is in the redo tail, and fills
// the tables behind it from a thread of its own. Reads see what is on its way.
// The tables are another LedgerStore. docs/formats/redo-tail.md

#ifndef LIMPID_CONSENT_LEDGER_TAILED_STORE_H_
#define LIMPID_CONSENT_LEDGER_TAILED_STORE_H_

#include <cstdint>
#include <filesystem>
#include <memory>

#include "absl/status/statusor.h"
#include "common/base/secret.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Beyond LedgerStore: an inserted entry (RowKind::kEntry) whose key is taken is
// found only when the tables take it over; the store then closes. Commit also
// returns kResourceExhausted while the tables have no space to take over what
// was promised.
class TailedStore : public LedgerStore {
 public:
  // Commits that the tables have taken over, and promised ones, from 1.
  [[nodiscard]] virtual std::uint64_t applied() const = 0;
  [[nodiscard]] virtual std::uint64_t appended() const = 0;
  // Returns when the tables hold everything that was promised before.
  //
  // Errors: why they cannot.
  virtual absl::Status WaitApplied() const = 0;
  // The tables were older than the tail, which has been set aside: whatever was
  // granted may have been ended since.
  [[nodiscard]] virtual bool tables_are_older() const = 0;
  // Everything granted has been paused; until then each start says it again.
  virtual absl::Status SettleOlder() = 0;
};

// Opens the tail in `directory` under `key` (32 bytes) and brings the tables up
// to it. `tables` must outlive the store, and nobody else may commit to it.
//
// Errors: those of RedoTail::Open and of `tables`.
absl::StatusOr<std::unique_ptr<TailedStore>> OpenTailedStore(
    LedgerStore& tables, const std::filesystem::path& directory,
    base::SecretBytes key);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_TAILED_STORE_H_
