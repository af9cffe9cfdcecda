// What a restoring start leaves undone: persons whose key was not there, so
// that their records could not be paused nor their stops replayed. A later
// start that finds the key does it before anything is decided.
// docs/formats/absent-key.md

#ifndef LIMPID_CONSENT_LEDGER_ABSENT_KEY_H_
#define LIMPID_CONSENT_LEDGER_ABSENT_KEY_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "consent/ids.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

struct AbsentKey {
  PersonId person;
  // Newest stop that the restored store held; those behind it are hers to
  // replay.
  std::uint64_t stop = 0;
  // Done: her key came back.
  bool settled = false;

  friend bool operator==(const AbsentKey&, const AbsentKey&) = default;
};

PublicRow RowOf(const AbsentKey& absent, std::int64_t created_ms);
// Errors:
//   kDataLoss  the row is damaged.
absl::StatusOr<AbsentKey> ParseAbsentKey(const PublicRow& row);

// Those that wait, by person.
absl::StatusOr<std::vector<AbsentKey>> AbsentKeys(const LedgerStore& store);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_ABSENT_KEY_H_
