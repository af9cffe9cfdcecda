// Erasing a person's account: one commit that takes her out for good, and pages
// after it that turn her entries into stubs, destroy her keys and delete the
// rest, each again after a crash. What of hers is damaged goes all the same and
// is counted. docs/formats/account-erasure.md

#ifndef LIMPID_CONSENT_LEDGER_ACCOUNT_ERASING_H_
#define LIMPID_CONSENT_LEDGER_ACCOUNT_ERASING_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/secret.h"
#include "consent/ids.h"
#include "consent/ledger/batch.h"
#include "consent/ledger/catalogue.h"
#include "consent/ledger/sealing.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// State of an account's row. Stored: append, never renumber.
enum class AccountRowState : std::uint8_t {
  kOpen = 0,
  // Being erased; the payload is empty.
  kClosing = 1,
};

// What comes next. Stored: append, never renumber.
enum class ErasingStage : std::uint8_t {
  kEntries = 1,
  kEmbargoed = 2,
  // Her keys, and every other row.
  kRest = 3,
  kFinished = 4,
  // Before kRest: rows that name her in the indexes of others.
  kIndexes = 5,
};

// The marker of somebody who is being erased or was.
struct ErasedAccount {
  static constexpr std::uint64_t kNoneDone =
      std::numeric_limits<std::int64_t>::max();
  // Of kRest, which has no numbers: her keys are destroyed.
  static constexpr std::uint64_t kKeysDestroyed = 0;

  PersonId person;
  // When it began.
  absl::Time time = absl::UnixEpoch();
  ErasingStage stage = ErasingStage::kEntries;
  // Numbers of the stage's rows from here on are done.
  std::uint64_t below = kNoneDone;

  friend bool operator==(const ErasedAccount&, const ErasedAccount&) = default;
};

PublicRow RowOf(const ErasedAccount& erased, const base::SecretBytes& row_key);
// Errors:
//   kDataLoss  the row is damaged.
absl::StatusOr<ErasedAccount> ParseErasedAccount(
    const PublicRow& row, const base::SecretBytes& row_key);
// Whether the erasing of this person began: nothing of hers is used any more.
absl::StatusOr<bool> IsErased(const LedgerStore& store, const PersonId& person);

// All must outlive the calls.
struct ErasingParts {
  const LedgerStore& store;
  PersonKeys& keys;
  const Blinder& blinder;
  // Of the operator.
  const base::SecretBytes& row_key;
  // Tells the streams of services, which stay, from everything else that names
  // her.
  const Catalogue& catalogue;
};

// Rows of one page.
inline constexpr std::size_t kErasedRows = 256;

// Takes her out, with or without her key, and again where the marker is
// damaged; the stop is the caller's to add. The batch must be hers alone, and
// what is in memory of her is forgotten after its commit. Returns of how many
// records nothing says any more whose they are with, so that no service is told
// of them.
//
// Errors: those of the stores.
absl::StatusOr<std::size_t> BeginErasing(const ErasingParts& parts,
                                         const PersonId& person, Batch& batch);

struct ErasedPage {
  // There is no further one.
  bool last = false;
  // Entries that did not open although her key is there or should be: their
  // stubs say no position.
  std::size_t unreadable = 0;
};

// The next page; the last one also for somebody who is finished. May wait for
// the key store's disk.
//
// Errors: those of the stores, and
//   kNotFound  it was not begun.
//   kDataLoss  the marker is damaged, which the next start puts right where the
//              stop ledger has her; or keys of hers cannot be destroyed.
absl::StatusOr<ErasedPage> EraseNextPage(const ErasingParts& parts,
                                         const PersonId& person, Batch& batch);

// What an operator is told of such rows, without whose they are; OK for none.
absl::Status AboutUntold(std::size_t record_count);
absl::Status AboutUnreadable(std::size_t row_count);

// Destroys keys of somebody who is finished, which an older copy of the key
// store brought back. OK says that the key store has nothing of hers.
//
// Errors: those of the key store, and
//   kDataLoss  it says that they are destroyed, and has them still.
absl::Status DestroyLeftKeys(PersonKeys& keys, const PersonId& person);

// Whether `row` is what was left of an entry.
[[nodiscard]] bool IsStub(const PersonalRow& row);
// The entry's position in commit order over all persons; 0 when nobody knows
// it.
//
// Errors:
//   kDataLoss  the row is damaged.
absl::StatusOr<std::uint64_t> StubPosition(const base::SecretBytes& row_key,
                                           const PersonalRow& row);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_ACCOUNT_ERASING_H_
