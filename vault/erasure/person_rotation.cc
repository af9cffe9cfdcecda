#include "vault/erasure/person_rotation.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"

namespace limpid::vault {
namespace {

absl::Status Miscounted() {
  return absl::DataLossError(
      "a rotation did not find everything again; the old key stays");
}

}  // namespace

std::uint32_t PersonRotation::destroyed_generation() const {
  return old_slots_.empty() ? 0 : old_slots_.back().generation;
}

std::uint32_t PersonRotation::destroyed_epoch() const {
  std::uint32_t out = 0;
  for (const SlotRow& slot : old_slots_) out = std::max(out, slot.epoch);
  return out;
}

absl::Status PersonRotation::Begin(FirstWork first) {
  LIMPID_ASSIGN_OR_RETURN(old_slots_,
                          core_.key_store().List(owner_, Custody::kAssisted));
  LIMPID_ASSIGN_OR_RETURN(next_, core_.keys().AddGeneration(owner_, now_));
  return core_.store().Write(
      [&](VaultTransaction& transaction) -> absl::Status {
        // Also those that an earlier try made: a put asks for the one after its
        // own.
        for (const SlotRow& slot : old_slots_) {
          LIMPID_RETURN_IF_ERROR(
              LogKey(transaction, ActKind::kKey, slot.generation, slot.key_id));
        }
        LIMPID_RETURN_IF_ERROR(
            LogKey(transaction, ActKind::kKey, next_->generation, next_->id));
        LIMPID_RETURN_IF_ERROR(first(transaction, *next_));
        LIMPID_ASSIGN_OR_RETURN(before_, transaction.erasure().Count(owner_));
        return absl::OkStatus();
      });
}

absl::StatusOr<std::shared_ptr<const PersonKey>> PersonRotation::KeyOf(
    std::uint32_t generation) {
  auto key = core_.keys().Find(owner_, generation);
  if (!absl::IsNotFound(key.status())) return key;
  return absl::DataLossError("a row is under a key that is not there");
}

absl::StatusOr<std::size_t> PersonRotation::MoveRows() {
  std::size_t moved = 0;
  const absl::Status written =
      core_.store().Write([&](VaultTransaction& transaction) -> absl::Status {
        ErasureTransaction& store = transaction.erasure();
        LIMPID_ASSIGN_OR_RETURN(
            const auto rows,
            store.RowsBelow(owner_, next_->generation, kBatch));
        for (const AttributeRow& row : rows) {
          LIMPID_ASSIGN_OR_RETURN(const auto from, KeyOf(row.generation));
          LIMPID_ASSIGN_OR_RETURN(const AttributeRow anew,
                                  core_.codec().Rewrap(*from, *next_, row));
          LIMPID_RETURN_IF_ERROR(store.Rewrap(anew));
          LIMPID_ASSIGN_OR_RETURN(const auto stored,
                                  store.FindById(owner_, row.id));
          if (!stored || *stored != anew) return Miscounted();
        }
        moved = rows.size();
        return absl::OkStatus();
      });
  if (!written.ok()) return written;
  return moved;
}

absl::StatusOr<std::size_t> PersonRotation::MoveActs() {
  std::size_t moved = 0;
  const absl::Status written =
      core_.store().Write([&](VaultTransaction& transaction) -> absl::Status {
        ErasureTransaction& store = transaction.erasure();
        LIMPID_ASSIGN_OR_RETURN(
            const auto acts,
            store.ActsBelow(owner_, next_->generation, kBatch));
        for (const SealedAct& act : acts) {
          LIMPID_ASSIGN_OR_RETURN(const auto from, KeyOf(act.generation));
          LIMPID_ASSIGN_OR_RETURN(
              const SealedAct anew,
              core_.acts().Reseal(*from, *next_, owner_, act));
          LIMPID_RETURN_IF_ERROR(store.Reseal(anew));
        }
        moved = acts.size();
        return absl::OkStatus();
      });
  if (!written.ok()) return written;
  return moved;
}

absl::Status PersonRotation::MoveLinks() {
  return core_.store().Write(
      [&](VaultTransaction& transaction) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const auto links,
                                transaction.SourceLinks(owner_));
        for (const SourceLinkRow& row : links) {
          if (row.generation >= next_->generation) continue;
          LIMPID_ASSIGN_OR_RETURN(const auto from, KeyOf(row.generation));
          LIMPID_ASSIGN_OR_RETURN(const SourceLinkRow anew,
                                  core_.links().Rewrap(*from, *next_, row));
          LIMPID_RETURN_IF_ERROR(transaction.PutSourceLink(anew));
        }
        return absl::OkStatus();
      });
}

absl::Status PersonRotation::Move() {
  for (std::size_t moved = kBatch; moved == kBatch;) {
    LIMPID_ASSIGN_OR_RETURN(moved, MoveRows());
  }
  for (std::size_t moved = kBatch; moved == kBatch;) {
    LIMPID_ASSIGN_OR_RETURN(moved, MoveActs());
  }
  return MoveLinks();
}

absl::Status PersonRotation::LogKey(VaultTransaction& transaction, ActKind kind,
                                    std::uint32_t generation,
                                    const crypto::KeyId& id) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto logged,
      transaction.FindAct({owner_, NameKey(), generation, kind}));
  if (logged) return absl::OkStatus();
  Act act;
  act.kind = kind;
  act.value_version = generation;
  act.key_id = id;
  act.time = now_;
  return core_.acts()
      .Append(transaction, std::move(act), owner_, NameKey(), next_.get())
      .status();
}

absl::Status PersonRotation::End() {
  const absl::Status counted =
      core_.store().Write([&](VaultTransaction& transaction) -> absl::Status {
        ErasureTransaction& store = transaction.erasure();
        LIMPID_ASSIGN_OR_RETURN(const PersonCount now, store.Count(owner_));
        // Puts may have come meanwhile; nothing may have gone.
        const bool all = now.rows >= before_.rows && now.kept >= before_.kept &&
                         now.acts >= before_.acts;
        // Of rows and acts: the act of the new key is there at least.
        const bool moved = now.lowest >= next_->generation;
        if (!all || !moved) return Miscounted();
        // Links may be taken back meanwhile; none may be left behind.
        LIMPID_ASSIGN_OR_RETURN(const auto links,
                                transaction.SourceLinks(owner_));
        for (const SourceLinkRow& row : links) {
          if (row.generation < next_->generation) return Miscounted();
        }
        for (const SlotRow& slot : old_slots_) {
          LIMPID_RETURN_IF_ERROR(LogKey(transaction, ActKind::kDestroy,
                                        slot.generation, slot.key_id));
        }
        return absl::OkStatus();
      });
  if (!counted.ok()) return counted;
  return core_.keys().DestroyBelow(owner_, next_->generation);
}

}  // namespace limpid::vault
