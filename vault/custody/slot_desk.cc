#include "vault/custody/slot_desk.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "vault/attribute/act_rate.h"
#include "vault/custody/slot_body.h"
#include "vault/log/act.h"

namespace limpid::vault {
namespace {

absl::Status CheckNames(const Slot& slot) {
  const auto named = [](const base::ByteArray<16>& id) {
    return id != base::ByteArray<16>{};
  };
  if (slot.name.kind < SlotKind::kDevice ||
      slot.name.kind > SlotKind::kPassphrase) {
    return absl::InvalidArgumentError("kind: is not a slot of a person's");
  }
  if (!named(slot.name.id)) {
    return absl::InvalidArgumentError("slot_id: must not be zero");
  }
  if (!named(slot.key_id)) {
    return absl::InvalidArgumentError("key_id: must not be zero");
  }
  if (slot.name.generation == 0) {
    return absl::InvalidArgumentError("generation: must be 1 or more");
  }
  return absl::OkStatus();
}

absl::Status UsedBefore() {
  return absl::AlreadyExistsError(
      "slot_id: was used before; choose another at random");
}

bool Is(const SlotRow& row, const SlotName& name) {
  return row.slot_kind == name.kind && row.slot_id == name.id &&
         row.generation == name.generation;
}

const SlotRow* Find(const std::vector<SlotRow>& rows, const SlotName& name) {
  const auto found =
      std::find_if(rows.begin(), rows.end(),
                   [&](const SlotRow& row) { return Is(row, name); });
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace

SlotKey SlotDesk::PlaceOf(const PersonCaller& caller,
                          const SlotName& name) const {
  return {core_.blinder().OwnerOf(caller.holder), Custody::kSealed,
          name.generation, name.kind, name.id};
}

absl::StatusOr<std::vector<Slot>> SlotDesk::List(const PersonCaller& caller) {
  LIMPID_ASSIGN_OR_RETURN(
      const std::vector<SlotRow> rows,
      core_.key_store().List(core_.blinder().OwnerOf(caller.holder),
                             Custody::kSealed));
  std::vector<Slot> out;
  for (const SlotRow& row : rows) {
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes stored,
                            core_.keys().UnwrapBody(row));
    LIMPID_ASSIGN_OR_RETURN(SlotBody parts, ReadStoredSlotBody(stored));
    if (row.slot_kind == SlotKind::kRecovery) parts.body.clear();
    out.push_back({{row.slot_kind, row.slot_id, row.generation},
                   row.key_id,
                   std::move(parts.body),
                   absl::FromUnixMillis(row.created_ms),
                   std::move(parts.origin)});
  }
  return out;
}

absl::StatusOr<DoneAct> SlotDesk::Add(const PersonCaller& caller,
                                      const Slot& slot) {
  LIMPID_RETURN_IF_ERROR(CheckNames(slot));
  const SlotKey place = PlaceOf(caller, slot.name);
  SlotKey made_for = place;
  if (slot.origin) made_for.owner.id = slot.origin->holder;
  const absl::Status fits = CheckSlotBody(
      slot.origin ? slot.origin->vault.source : core_.identity().source,
      made_for, slot.key_id, slot.body, caller.key);
  if (!fits.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("body: ", fits.message()));
  }
  LIMPID_ASSIGN_OR_RETURN(
      const std::vector<SlotRow> rows,
      core_.key_store().List(place.owner, Custody::kSealed));
  if (const SlotRow* stored = Find(rows, slot.name)) {
    return Repeat(*stored, slot);
  }
  SlotRow row;
  row.owner = place.owner;
  row.custody = place.custody;
  row.generation = place.generation;
  row.slot_kind = place.slot_kind;
  row.slot_id = place.slot_id;
  row.key_id = slot.key_id;
  row.created_ms =
      absl::ToUnixMillis(slot.origin ? slot.created : core_.clock().Now());
  LIMPID_RETURN_IF_ERROR(CheckBeside(row, rows, kMaxSlots));
  LIMPID_ASSIGN_OR_RETURN(
      const auto removed,
      core_.store().FindAct({place.owner, place.slot_id, place.generation,
                             ActKind::kSlotRemove}));
  // A new act for it could not be told from the old one.
  if (removed) return UsedBefore();
  const base::Bytes body = StoredSlotBody(slot.origin, slot.body);
  LIMPID_ASSIGN_OR_RETURN(
      const DoneAct done,
      Log(ActKind::kSlotAdd, place, slot.key_id, crypto::Sha256(body)));
  LIMPID_RETURN_IF_ERROR(core_.keys().AddSlot(row, body, kMaxSlots));
  return done;
}

absl::StatusOr<DoneAct> SlotDesk::Repeat(const SlotRow& stored,
                                         const Slot& slot) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes body,
                          core_.keys().UnwrapBody(stored));
  if (stored.key_id != slot.key_id ||
      body != StoredSlotBody(slot.origin, slot.body)) {
    return absl::AlreadyExistsError("slot_id: is taken by another slot");
  }
  LIMPID_ASSIGN_OR_RETURN(
      const auto act,
      core_.store().FindAct({stored.owner, stored.slot_id, stored.generation,
                             ActKind::kSlotAdd}));
  if (act) return Done(*act);
  // The values' store was put back and has lost it: it is logged like a value
  // that is stored again. Under the same id, so not twice.
  return Log(ActKind::kSlotAdd,
             {stored.owner, stored.custody, stored.generation, stored.slot_kind,
              stored.slot_id},
             stored.key_id, crypto::Sha256(body));
}

absl::Status SlotDesk::CheckSame(const ActRow& row, const crypto::KeyId& key_id,
                                 const base::Digest32& body) const {
  // Of the caller's transaction: under whichever generation it has now.
  LIMPID_ASSIGN_OR_RETURN(const auto key,
                          core_.keys().Find(row.owner, row.generation));
  LIMPID_ASSIGN_OR_RETURN(const Act act, core_.acts().OpenAct(*key, row));
  if (act.key_id == key_id && act.body == body) return absl::OkStatus();
  return UsedBefore();
}

absl::StatusOr<DoneAct> SlotDesk::Remove(const PersonCaller& caller,
                                         const SlotName& name) {
  const SlotKey place = PlaceOf(caller, name);
  LIMPID_ASSIGN_OR_RETURN(
      const std::vector<SlotRow> rows,
      core_.key_store().List(place.owner, Custody::kSealed));
  const SlotRow* stored = Find(rows, name);
  if (stored == nullptr) return absl::NotFoundError("no such slot");
  if (rows.size() == 1) return LastSlot();
  LIMPID_ASSIGN_OR_RETURN(
      const DoneAct done,
      Log(ActKind::kSlotRemove, place, stored->key_id, base::Digest32()));
  LIMPID_RETURN_IF_ERROR(core_.key_store().Delete(place));
  return done;
}

absl::StatusOr<DoneAct> SlotDesk::Log(ActKind kind, const SlotKey& place,
                                      const crypto::KeyId& key_id,
                                      const base::Digest32& body) {
  const absl::Time now =
      absl::FromUnixMillis(absl::ToUnixMillis(core_.clock().Now()));
  // Disclosures of her acts are under her assisted key, whatever they are of.
  DoneAct done;
  const absl::Status written = WriteUnderKey(
      core_, place.owner, now,
      [&](VaultTransaction& transaction, const PersonKey& key) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const auto earlier,
                                transaction.FindAct({place.owner, place.slot_id,
                                                     place.generation, kind}));
        if (earlier) {
          LIMPID_RETURN_IF_ERROR(CheckSame(*earlier, key_id, body));
          done = Done(*earlier);
          return absl::OkStatus();
        }
        // Each that was added is removed once, whatever came between.
        if (kind == ActKind::kSlotAdd) {
          LIMPID_RETURN_IF_ERROR(
              CheckActRate(transaction, place.owner, kind, now));
        }
        LIMPID_RETURN_IF_ERROR(
            LogPersonKey(transaction, core_.acts(), place.owner, key, now));
        Act act;
        act.kind = kind;
        act.value_version = place.generation;
        act.key_id = key_id;
        act.body = body;
        act.time = now;
        LIMPID_ASSIGN_OR_RETURN(
            const ActRow row,
            core_.acts().Append(transaction, std::move(act), place.owner,
                                place.slot_id, &key));
        done = Done(row);
        return absl::OkStatus();
      });
  if (!written.ok()) return written;
  return done;
}

}  // namespace limpid::vault
