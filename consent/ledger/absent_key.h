// What a restoring start leaves undone: persons of whom a key was not there or
// something did not open, so that records could not be paused nor stops
// replayed. A later start in which it opens does it before anything is decided.
// docs/formats/absent-key.md

#ifndef LIMPID_CONSENT_LEDGER_ABSENT_KEY_H_
#define LIMPID_CONSENT_LEDGER_ABSENT_KEY_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "consent/ids.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Numbers are stored.
enum class AbsentState : std::uint8_t {
  // Nothing of hers was paused.
  kWhole = 0,
  kDone = 1,
  // What opens was paused and its stops were replayed; the rest waits.
  kPart = 2,
};

struct AbsentKey {
  PersonId person;
  // Newest stop that the restored store held; those behind it are hers to
  // replay.
  std::uint64_t stop = 0;
  AbsentState state = AbsentState::kWhole;

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
