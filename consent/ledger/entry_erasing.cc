#include "consent/ledger/entry_erasing.h"

#include <utility>

#include "common/base/status_macros.h"

namespace limpid::consent {

EntryErasure EraseEntry(Batch& batch, PersonState& person,
                        const PersonalRow& row, const EntryLink& link,
                        const receipt::SignedErasure& request,
                        receipt::Actor actor) {
  receipt::AccessEntry entry;
  entry.kind = receipt::AccessKind::kEntryErased;
  entry.actor = actor;
  entry.revision = row.key.sequence;
  EntryErasure erasure;
  erasure.time = batch.time();
  erasure.told_in = batch.Append(person, std::move(entry)).sequence;
  erasure.request = request;
  batch.Replace(MakeErasedRow(row, *person.key, link, erasure));
  batch.AddErasure(person.id, row.key.sequence);
  return erasure;
}

absl::Status ReplayErasure(Persons& persons, const LedgerStore& store,
                           Batch& batch, const StopEntry& stop) {
  const auto person = persons.Load(PersonId(stop.subject));
  if (absl::IsNotFound(person.status())) return absl::OkStatus();
  LIMPID_RETURN_IF_ERROR(person.status());
  PersonState& owner = **person;
  LIMPID_ASSIGN_OR_RETURN(
      const auto row,
      store.Get(EntryRowKey(owner.shard, owner.id, stop.revision)));
  if (!row || row->state == static_cast<std::uint8_t>(EntryForm::kErased)) {
    return absl::OkStatus();
  }
  LIMPID_ASSIGN_OR_RETURN(const EntryLink link, OpenLink(*owner.key, *row));
  (void)EraseEntry(batch, owner, *row, link, {}, receipt::Actor::kSystem);
  return absl::OkStatus();
}

absl::Status FinishErasure(const LedgerStore& store, const Blinder& blinder,
                           PersonKeys& keys, const StopEntry& stop) {
  const PersonId person(stop.subject);
  const std::uint16_t shard = blinder.ShardOf(person);
  LIMPID_ASSIGN_OR_RETURN(const auto row,
                          store.Get(EntryRowKey(shard, person, stop.revision)));
  // After an older store was put back the number is another entry's.
  if (row && row->state != static_cast<std::uint8_t>(EntryForm::kErased)) {
    return absl::OkStatus();
  }
  LIMPID_ASSIGN_OR_RETURN(
      const auto newest,
      store.ListDown(EntryRowKey(shard, person, INT64_MAX), /*limit=*/1));
  if (newest.empty()) return absl::OkStatus();
  const auto left =
      keys.DestroyEntryKey(person, stop.revision, newest[0].key.sequence);
  return absl::IsNotFound(left.status()) ? absl::OkStatus() : left.status();
}

}  // namespace limpid::consent
