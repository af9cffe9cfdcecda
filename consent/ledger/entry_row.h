// The row of one entry of a person's log: what links it to its neighbours,
// which stays for ever, and what it says, which can be erased.
// docs/formats/event-sealing.md

#ifndef LIMPID_CONSENT_LEDGER_ENTRY_ROW_H_
#define LIMPID_CONSENT_LEDGER_ENTRY_ROW_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/receipt/erasure.h"
#include "consent/ids.h"
#include "consent/ledger/log_key.h"
#include "consent/ledger/sealing.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// How an entry's row is made, in its state. Stored: append, never renumber.
enum class EntryForm : std::uint8_t {
  // Everything under a key of its own, which the person's key wraps.
  kWrapped = 0,
  // The content under a key of the log key, the link under the person's.
  kKeyed = 1,
  // The link and who asked for the erasure, under the person's key.
  kErased = 2,
  // The person was erased: its position, under the operator's key.
  // consent/ledger/account_erasing.h
  kAccountErased = 3,
};

// What stays of an entry.
struct EntryLink {
  // Position in commit order over all persons.
  std::uint64_t position = 0;
  base::Digest32 commitment{};
  // Commitment of the entry before.
  base::Digest32 previous{};

  friend bool operator==(const EntryLink&, const EntryLink&) = default;
};

struct EntryErasure {
  absl::Time time;
  // Number of the entry that tells of the erasure.
  std::uint64_t told_in = 0;
  // What the person signed; empty when it was done again after an older copy of
  // the store came back, which does not hold it.
  receipt::SignedErasure request;

  friend bool operator==(const EntryErasure&, const EntryErasure&) = default;
};

struct OpenedEntryRow {
  EntryLink link;
  // None when the key of the content is gone.
  std::optional<SealedEntry> content;
  // Of an entry that was erased.
  std::optional<EntryErasure> erasure;
};

// The row of a new entry. `key` is the person's, `entry_key` that of the number
// in her log. kKeyed, unless that is null: she has no log key, or an entry of
// this number was erased before an older copy of the store came back.
PersonalRow MakeEntryRow(const RowKey& row_key, absl::Time time,
                         const base::SecretBytes& key,
                         const base::SecretBytes* entry_key,
                         const EntryLink& link, const SealedEntry& content);
// `row` after its erasure.
PersonalRow MakeErasedRow(const PersonalRow& row, const base::SecretBytes& key,
                          const EntryLink& link, const EntryErasure& erasure);

// Errors:
//   kDataLoss  not sealed for this row by this key.
absl::StatusOr<EntryLink> OpenLink(const base::SecretBytes& key,
                                   const PersonalRow& row);
// `log_key` is null where the person has none.
//
// Errors: the same.
absl::StatusOr<OpenedEntryRow> OpenEntryRow(const base::SecretBytes& key,
                                            const LogKey* log_key,
                                            const PersonalRow& row);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_ENTRY_ROW_H_
