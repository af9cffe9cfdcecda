#include "vault/erasure/person_rotation.h"

#include <algorithm>
#include <set>
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

absl::Status PersonRotation::Announce(VaultTransaction& transaction,
                                      FirstWork first) {
  // Also those that an earlier try made: a put asks for the one after its own.
  for (const SlotRow& slot : old_slots_) {
    LIMPID_RETURN_IF_ERROR(
        LogKey(transaction, ActKind::kKey, slot.generation, slot.key_id));
  }
  LIMPID_RETURN_IF_ERROR(
      LogKey(transaction, ActKind::kKey, next_->generation, next_->id));
  LIMPID_RETURN_IF_ERROR(first(transaction, *next_));
  LIMPID_ASSIGN_OR_RETURN(before_, transaction.erasure().Count(owner_));
  return absl::OkStatus();
}

absl::StatusOr<bool> PersonRotation::Look() {
  LIMPID_ASSIGN_OR_RETURN(old_slots_,
                          core_.key_store().List(owner_, Custody::kAssisted));
  const bool has_key = std::any_of(
      old_slots_.begin(), old_slots_.end(),
      [](const SlotRow& slot) { return slot.slot_kind == SlotKind::kServer; });
  if (!has_key) old_slots_.clear();
  return has_key;
}

absl::Status PersonRotation::Begin(std::span<const AttributeRow> leaving,
                                   FirstWork first) {
  LIMPID_ASSIGN_OR_RETURN(next_, core_.keys().AddGeneration(owner_, now_));
  absl::Status done = Prepare(leaving);
  // What cannot be read here would spoil a transaction, and others' with it:
  // then only what was asked for is done.
  bool announced = !done.ok();
  bool whole = false;
  if (done.ok()) {
    done =
        core_.store().Write([&](VaultTransaction& transaction) -> absl::Status {
          announced = false;
          LIMPID_RETURN_IF_ERROR(Announce(transaction, first));
          announced = true;
          LIMPID_ASSIGN_OR_RETURN(const std::size_t rows,
                                  MoveRows(transaction));
          LIMPID_ASSIGN_OR_RETURN(const std::size_t acts,
                                  MoveActs(transaction));
          if (rows == kBatch || acts == kBatch) return absl::OkStatus();
          LIMPID_RETURN_IF_ERROR(MoveLinks(transaction));
          whole = true;
          return Close(transaction);
        });
  }
  moved_ = done.ok() && whole;
  if (!done.ok()) rows_moved_to_ = {};
  rows_.clear();
  acts_.clear();
  if (done.ok() || !announced || absl::IsUnavailable(done)) return done;
  // Something else of hers does not open, or there is no space to move it. It
  // must not keep what was asked for from going; Move will meet it again.
  return core_.store().Write([&](VaultTransaction& transaction) {
    return Announce(transaction, first);
  });
}

absl::Status PersonRotation::Prepare(std::span<const AttributeRow> leaving) {
  std::vector<AttributeRow> rows;
  std::vector<SealedAct> acts;
  LIMPID_RETURN_IF_ERROR(
      core_.store().ReadErasure([&](const ErasureReads& reads) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            rows, reads.RowsBelow(owner_, next_->generation, {}, kBatch));
        LIMPID_ASSIGN_OR_RETURN(
            acts, reads.ActsBelow(owner_, next_->generation, kBatch));
        return absl::OkStatus();
      }));
  // A wrap of theirs under the key that stays would open an older copy.
  std::set<crypto::KeyId> left_out;
  for (const AttributeRow& row : leaving) left_out.insert(row.id);
  for (AttributeRow& row : rows) {
    if (left_out.contains(row.id)) continue;
    auto anew = Anew(row);
    if (!anew.ok()) continue;
    const crypto::KeyId id = row.id;
    rows_.emplace(id, std::pair(std::move(row), *std::move(anew)));
  }
  for (SealedAct& act : acts) {
    auto anew = Anew(act);
    if (!anew.ok()) continue;
    const std::uint64_t counter = act.counter;
    acts_.emplace(counter, std::pair(std::move(act), *std::move(anew)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const PersonKey>> PersonRotation::KeyOf(
    std::uint32_t generation) {
  const auto held = held_.find(generation);
  if (held != held_.end()) return held->second;
  auto key = core_.keys().Find(owner_, generation);
  if (absl::IsNotFound(key.status())) {
    return absl::DataLossError("a row is under a key that is not there");
  }
  if (key.ok()) held_.emplace(generation, *key);
  return key;
}

absl::StatusOr<AttributeRow> PersonRotation::Anew(const AttributeRow& row) {
  const auto found = rows_.find(row.id);
  if (found != rows_.end() && found->second.first == row) {
    return found->second.second;
  }
  LIMPID_ASSIGN_OR_RETURN(const auto from, KeyOf(row.generation));
  return core_.codec().Rewrap(*from, *next_, row);
}

absl::StatusOr<SealedAct> PersonRotation::Anew(const SealedAct& act) {
  const auto found = acts_.find(act.counter);
  if (found != acts_.end() && found->second.first == act) {
    return found->second.second;
  }
  LIMPID_ASSIGN_OR_RETURN(const auto from, KeyOf(act.generation));
  return core_.acts().Reseal(*from, *next_, owner_, act);
}

absl::StatusOr<std::size_t> PersonRotation::MoveRows(
    VaultTransaction& transaction) {
  ErasureTransaction& store = transaction.erasure();
  const RowPlace after = rows_moved_to_;
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows,
      store.RowsBelow(owner_, next_->generation, after, kBatch));
  std::map<crypto::KeyId, AttributeRow> moved;
  for (const AttributeRow& row : rows) {
    LIMPID_ASSIGN_OR_RETURN(AttributeRow anew, Anew(row));
    LIMPID_RETURN_IF_ERROR(store.Rewrap(anew));
    moved.emplace(row.id, std::move(anew));
    rows_moved_to_ = {row.name_key, row.version};
  }
  LIMPID_RETURN_IF_ERROR(ReadBack(store, after, moved));
  return rows.size();
}

absl::Status PersonRotation::ReadBack(
    const ErasureReads& store, const RowPlace& after,
    const std::map<crypto::KeyId, AttributeRow>& moved) const {
  // All in one look, unless there are many others between them.
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows,
      store.RowsBelow(owner_, next_->generation + 1, after, kBatch));
  const auto same =
      std::count_if(rows.begin(), rows.end(), [&](const AttributeRow& row) {
        const auto found = moved.find(row.id);
        return found != moved.end() && found->second == row;
      });
  if (std::cmp_equal(same, moved.size())) return absl::OkStatus();
  for (const auto& [id, anew] : moved) {
    LIMPID_ASSIGN_OR_RETURN(const auto stored, store.FindById(owner_, id));
    if (!stored || *stored != anew) return Miscounted();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::size_t> PersonRotation::MoveActs(
    VaultTransaction& transaction) {
  ErasureTransaction& store = transaction.erasure();
  LIMPID_ASSIGN_OR_RETURN(const auto acts,
                          store.ActsBelow(owner_, next_->generation, kBatch));
  for (const SealedAct& act : acts) {
    LIMPID_ASSIGN_OR_RETURN(const SealedAct anew, Anew(act));
    LIMPID_RETURN_IF_ERROR(store.Reseal(anew));
  }
  return acts.size();
}

absl::Status PersonRotation::MoveLinks(VaultTransaction& transaction) {
  LIMPID_ASSIGN_OR_RETURN(const auto links, transaction.SourceLinks(owner_));
  for (const SourceLinkRow& row : links) {
    if (row.generation >= next_->generation) continue;
    LIMPID_ASSIGN_OR_RETURN(const auto from, KeyOf(row.generation));
    LIMPID_ASSIGN_OR_RETURN(const SourceLinkRow anew,
                            core_.links().Rewrap(*from, *next_, row));
    LIMPID_RETURN_IF_ERROR(transaction.PutSourceLink(anew));
  }
  return absl::OkStatus();
}

absl::Status PersonRotation::Move() {
  if (moved_) return absl::OkStatus();
  for (const auto batch :
       {&PersonRotation::MoveRows, &PersonRotation::MoveActs}) {
    std::size_t moved = 0;
    do {
      LIMPID_RETURN_IF_ERROR(core_.store().Write(
          [&](VaultTransaction& transaction) -> absl::Status {
            LIMPID_ASSIGN_OR_RETURN(moved, (this->*batch)(transaction));
            return absl::OkStatus();
          }));
    } while (moved == kBatch);
  }
  return core_.store().Write(
      [&](VaultTransaction& transaction) -> absl::Status {
        LIMPID_RETURN_IF_ERROR(MoveLinks(transaction));
        return Close(transaction);
      });
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

absl::Status PersonRotation::Close(VaultTransaction& transaction) {
  ErasureTransaction& store = transaction.erasure();
  LIMPID_ASSIGN_OR_RETURN(const PersonCount now, store.Count(owner_));
  // Puts may have come meanwhile; nothing may have gone.
  const bool all = now.rows >= before_.rows && now.kept >= before_.kept &&
                   now.acts >= before_.acts;
  // Of rows and acts: the act of the new key is there at least.
  const bool moved = now.lowest >= next_->generation;
  if (!all || !moved) return Miscounted();
  // Links may be taken back meanwhile; none may be left behind.
  LIMPID_ASSIGN_OR_RETURN(const auto links, transaction.SourceLinks(owner_));
  for (const SourceLinkRow& row : links) {
    if (row.generation < next_->generation) return Miscounted();
  }
  for (const SlotRow& slot : old_slots_) {
    LIMPID_RETURN_IF_ERROR(
        LogKey(transaction, ActKind::kDestroy, slot.generation, slot.key_id));
  }
  return absl::OkStatus();
}

absl::Status PersonRotation::End() {
  return core_.keys().DestroyBelow(owner_, next_->generation);
}

}  // namespace limpid::vault
