// A version on its way into the vault, made ready before the transaction that
// stores it: checked, compared with what is there, sealed. What opens, hashes
// and verifies is done here, while others store; the transaction looks whether
// all is as it was seen, and stores. docs/formats/export-bundle.md

#ifndef LIMPID_VAULT_PORTABILITY_IMPORT_DRAFT_H_
#define LIMPID_VAULT_PORTABILITY_IMPORT_DRAFT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "vault/attribute/catalogue.h"
#include "vault/attribute/person_vault.h"
#include "vault/attribute/record.h"
#include "vault/core.h"
#include "vault/keys/key_tree.h"
#include "vault/portability/bundle_line.h"
#include "vault/portability/importer.h"

namespace limpid::vault {

// A row that was opened, and SHA-256 of its line.
struct KnownRow {
  crypto::KeyId id{};
  RowState state = RowState::kKept;
  std::uint32_t generation = 0;
  base::Digest32 line{};
  // Of a sealed one as earlier versions wrote it, without its key's id; else
  // the same.
  base::Digest32 older_line{};

  [[nodiscard]] bool HasLine(const base::Digest32& digest) const {
    return line == digest || older_line == digest;
  }

  // Whether `row` has the same line: ids are of one row for ever, and what it
  // says changes with its state alone. What a device sealed is carried under
  // the key that it is under.
  [[nodiscard]] bool Is(const AttributeRow& row) const {
    return row.id == id && row.state == state &&
           (row.custody == Custody::kAssisted || row.generation == generation);
  }
};

// Move-only; its value is wiped when it goes.
struct ImportDraft {
  // Where its result goes.
  std::size_t place = 0;
  Owner owner;
  NameKey name_key{};
  RequestKey request_key{};
  CatalogueEntryPtr entry;
  CarriedVersion version;
  base::Digest32 line{};
  base::Digest32 previous{};
  absl::Time now;
  // Hers, for what is there; a view of the caller.
  DekAuthority authority;

  // By MakeReady.
  // What was at its version; then it is not sealed.
  std::optional<KnownRow> there;
  // What was at the one before, unless that comes along.
  std::optional<KnownRow> before;
  // Of a sealed one whose key is not the one that has slots here.
  std::optional<ImportResult> key_fault;
  AttributeRow row;
  // SHA-256 of the row's payload; zero without one.
  base::Digest32 payload{};
};

inline ImportResult Fine() {
  return {ImportOutcome::kCreated, ImportRefusal::kNone, ""};
}
ImportResult Refused(ImportRefusal why, std::string detail);
ImportResult Refused(ImportRefusal why, const absl::Status& status);

// Every check that needs no state of the person; finds the catalogue's entry.
// Fine when there is nothing against it.
ImportResult CheckDraft(const VaultCore& core, const PersonCaller& caller,
                        ImportDraft& draft);

// Looks at what is there, and seals what is not under `key`. `drafts` are all
// of `caller`, in order.
//
// Errors:
//   kNotFound  her key, or a row of hers, went meanwhile.
//   kDataLoss  something of hers here does not open.
absl::Status MakeReady(VaultCore& core, SlotDesk& desk,
                       const PersonCaller& caller, const PersonKey& key,
                       std::span<ImportDraft> drafts);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_PORTABILITY_IMPORT_DRAFT_H_
