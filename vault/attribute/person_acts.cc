#include "vault/attribute/person_acts.h"

#include <utility>

#include "common/base/status_macros.h"
#include "vault/core.h"

namespace limpid::vault {
namespace {

// Nothing is written under a key that a rotation has left, or that was
// destroyed with its person: the rotation's first transaction, and the
// erasure's, have said so here.
enum class KeyStands { kNewest, kRotated, kErased };

absl::StatusOr<KeyStands> StandsOf(const VaultReads& reads, const Owner& owner,
                                   const PersonKey& key) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto erased,
      reads.FindAct({owner, NameKey(), 0, ActKind::kDestroy}));
  if (erased) return KeyStands::kErased;
  LIMPID_ASSIGN_OR_RETURN(
      const auto next,
      reads.FindAct({owner, NameKey(), key.generation + 1, ActKind::kKey}));
  return next ? KeyStands::kRotated : KeyStands::kNewest;
}

// `newer` says that it was rotated.
absl::Status CheckKey(const VaultReads& reads, const Owner& owner,
                      const PersonKey& key, bool& newer) {
  LIMPID_ASSIGN_OR_RETURN(const KeyStands stands, StandsOf(reads, owner, key));
  newer = stands == KeyStands::kRotated;
  if (newer) return absl::AbortedError("a newer key");
  if (stands == KeyStands::kNewest) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "everything of yours was erased here; nothing more is stored");
}

// Whether the vault's log knows a key of hers, and there is none: not of a
// person whose keys an erasure took.
absl::StatusOr<bool> KeyIsLost(VaultCore& core, const Owner& owner) {
  // Whatever was written under any key of hers began with that of the first.
  LIMPID_ASSIGN_OR_RETURN(
      const auto logged,
      core.store().FindAct({owner, NameKey(), 1, ActKind::kKey}));
  if (!logged) return false;
  LIMPID_ASSIGN_OR_RETURN(const bool erased,
                          core.key_store().IsBuried(owner, crypto::KeyId{}));
  if (erased) return false;
  // It may have come since the caller looked: it is there before its act is.
  LIMPID_ASSIGN_OR_RETURN(const auto slot,
                          core.key_store().FindServerSlot(owner, 0));
  return !slot;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const PersonKey>> NewestKey(VaultCore& core,
                                                           const Owner& owner,
                                                           absl::Time now) {
  auto found = core.keys().Find(owner, 0);
  if (!absl::IsNotFound(found.status())) return found;
  LIMPID_ASSIGN_OR_RETURN(const bool lost, KeyIsLost(core, owner));
  if (!lost) return core.keys().FindOrCreate(owner, now);
  return absl::DataLossError(
      "the key of a person is not there, and none is made in its place: "
      "keys.db is an older copy (docs/restore-vault.md)");
}

absl::Status NoSuchVersion() {
  return absl::NotFoundError("no such version of this attribute");
}

DoneAct Done(const ActRow& row) {
  const absl::Time time = absl::FromUnixMillis(row.time_ms);
  return {row.version, time, row.commitment, time + kLogPromise};
}

absl::StatusOr<DoneAct> ActOf(const VaultReads& reads, const AttributeRow& row,
                              ActKind kind) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto act,
      reads.FindAct({row.owner, row.name_key, row.version, kind}));
  if (!act) return absl::DataLossError("a row has no act in the vault's log");
  return Done(*act);
}

absl::Status WriteUnderKey(
    VaultCore& core, const Owner& owner, absl::Time now,
    absl::FunctionRef<absl::Status(VaultTransaction&, const PersonKey&)> work) {
  for (int tries = 0; tries < kMostRotations; ++tries) {
    LIMPID_ASSIGN_OR_RETURN(const auto key, NewestKey(core, owner, now));
    bool newer = false;
    absl::Status written =
        core.store().Write([&](VaultTransaction& transaction) -> absl::Status {
          LIMPID_RETURN_IF_ERROR(CheckKey(transaction, owner, *key, newer));
          return work(transaction, *key);
        });
    if (!newer) return written;
    core.keys().Forget(owner.id);
  }
  return absl::UnavailableError("your key is being rotated; try again");
}

absl::StatusOr<bool> KeysAreBehind(VaultCore& core, const Owner& owner,
                                   absl::Time now) {
  LIMPID_ASSIGN_OR_RETURN(const bool lost, KeyIsLost(core, owner));
  if (lost) return true;
  const auto key = core.keys().FindOrCreate(owner, now);
  // Her keys say so themselves.
  if (absl::IsFailedPrecondition(key.status())) return false;
  LIMPID_RETURN_IF_ERROR(key.status());
  KeyStands stands = KeyStands::kNewest;
  LIMPID_RETURN_IF_ERROR(
      core.store().Snapshot([&](const VaultReads& reads) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(stands, StandsOf(reads, owner, **key));
        return absl::OkStatus();
      }));
  return stands != KeyStands::kNewest;
}

absl::StatusOr<std::uint64_t> LastMove(const VaultReads& reads,
                                       const Owner& owner) {
  for (std::uint64_t last = 0;; ++last) {
    LIMPID_ASSIGN_OR_RETURN(
        const auto next,
        reads.FindAct({owner, NameKey(), last + 1, ActKind::kMove}));
    if (!next) return last;
  }
}

absl::StatusOr<std::uint64_t> MoveInForce(const VaultReads& reads,
                                          const Owner& owner) {
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t last, LastMove(reads, owner));
  if (last == 0) return 0;
  LIMPID_ASSIGN_OR_RETURN(
      const auto back,
      reads.FindAct({owner, NameKey(), last, ActKind::kMoveBack}));
  return back ? 0 : last;
}

absl::Status CheckNotMoved(const VaultReads& reads, const Owner& owner) {
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t move, MoveInForce(reads, owner));
  if (move == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "you moved to another operator: store it there, or take the move back");
}

absl::Status LogPersonKey(VaultTransaction& transaction, const ActWriter& acts,
                          const Owner& owner, const PersonKey& key,
                          absl::Time now) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto recorded,
      transaction.FindAct({owner, NameKey(), key.generation, ActKind::kKey}));
  if (recorded) return absl::OkStatus();
  Act act;
  act.kind = ActKind::kKey;
  act.value_version = key.generation;
  act.key_id = key.id;
  act.time = now;
  return acts.Append(transaction, std::move(act), owner, NameKey(), &key)
      .status();
}

}  // namespace limpid::vault
