// An access entry under embargo as its row holds it, and what is known of a
// person's embargoed entries while she is in memory. Values.
// docs/formats/embargo.md

#ifndef LIMPID_CONSENT_EMBARGO_EMBARGOED_H_
#define LIMPID_CONSENT_EMBARGO_EMBARGOED_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/receipt/embargo.h"
#include "consent/ids.h"
#include "consent/ledger/sealing.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Entries under embargo between two visible ones: as many hashes delay the next
// visible one, a millisecond, and are kept in memory, 40 bytes each. Two a day
// for the longest embargo, and a third more. A read beyond it is refused.
inline constexpr std::size_t kMaxOpenEmbargo = 1'024;
// Beyond it, what became of reads is still entered: each read within the bound
// has its place, and those before the last visible entry, half a minute ago at
// most, as many again.
inline constexpr std::size_t kMaxOpenWithCompletions = 3 * kMaxOpenEmbargo;

// State of a row. Stored: append, never renumber.
enum class EmbargoRowState : std::uint8_t {
  // Nobody but the operator knows of it.
  kWaiting = 1,
  // Its date has passed and the person was told.
  kTold = 2,
  // The person was erased. consent/ledger/account_erasing.h
  kErased = 3,
};

// The end of the chain of entries that are under embargo for so many days.
struct EmbargoEnd {
  std::uint64_t sequence = 0;
  base::Digest32 commitment{};

  friend bool operator==(const EmbargoEnd&, const EmbargoEnd&) = default;
};
// By days.
using EmbargoEnds = std::map<std::uint16_t, EmbargoEnd>;

struct EmbargoedEntry {
  // In commit order over all persons.
  std::uint64_t position = 0;
  base::ByteArray<32> opening{};
  std::uint16_t days = 0;
  absl::Time until;
  // Of all her chains, with this entry.
  EmbargoEnds ends;
  // Encoded access entry.
  base::Bytes entry;

  [[nodiscard]] receipt::EmbargoItem Item() const;
  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one entry.
  static absl::StatusOr<EmbargoedEntry> Decode(base::ByteView bytes);

  friend bool operator==(const EmbargoedEntry&,
                         const EmbargoedEntry&) = default;
};

// What the sequencer knows of one person.
struct PersonEmbargo {
  // Number of the newest row, 0 for none.
  std::uint64_t row = 0;
  EmbargoEnds ends;
  // Since the newest visible entry, in commit order.
  std::vector<receipt::EmbargoItem> open;
  // When it was last said that accesses under a record are told, and for which
  // day's the deletion duty was seen to last. Not stored: once more after a
  // start.
  std::map<RecordId, absl::Time> said;
  std::map<RecordId, absl::Time> duties;
};

// The rows of a person are numbered from 1, over all her chains; nobody but the
// operator sees these numbers.
RowKey EmbargoRowKey(std::uint16_t shard, const PersonId& person,
                     std::uint64_t number);
PersonalRow RowOf(const EmbargoedEntry& entry, const RowKey& key,
                  const base::SecretBytes& person_key, absl::Time time);
// Errors:
//   kDataLoss  not sealed for this row, or no entry.
absl::StatusOr<EmbargoedEntry> OpenEmbargoed(
    const base::SecretBytes& person_key, const PersonalRow& row);
// Whether the person may see it: she was told, and the sealed date agrees.
[[nodiscard]] bool IsTold(const PersonalRow& row, const EmbargoedEntry& entry,
                          absl::Time now);
[[nodiscard]] bool IsTold(const PersonalRow& row);

// Name of the person's chain of so many days.
RowId EmbargoLogOf(const Blinder& blinder, const PersonId& person,
                   std::uint16_t days);
// What layer `layer` of the commitment in the visible entry `access` opens
// with: random to everybody but the operator, who can make it again.
base::ByteArray<32> EmbargoOpeningOf(const Blinder& blinder,
                                     const PersonId& person,
                                     const AccessId& access,
                                     std::uint32_t layer);
// Whether a visible entry commits to `left` before `right`; those of one date
// stay in commit order.
[[nodiscard]] inline bool IsDatedEarlier(const receipt::EmbargoItem& left,
                                         const receipt::EmbargoItem& right) {
  return left.until < right.until;
}
// In the order in which a visible entry commits to them; `items` are in commit
// order.
void SortByDate(std::vector<receipt::EmbargoItem>& items);

// What `store` holds of the person, whose newest visible entry was committed at
// `position`; 0 for none.
//
// Errors: those of the store and of OpenEmbargoed.
absl::StatusOr<PersonEmbargo> ReadPersonEmbargo(
    const LedgerStore& store, std::uint16_t shard, const PersonId& person,
    const base::SecretBytes& person_key, std::uint64_t position);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_EMBARGO_EMBARGOED_H_
