#include "consent/duty/duty_rows.h"

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "consent/ledger/account_erasing.h"

namespace limpid::consent {
namespace {

// Separate these blinded values from others.
constexpr std::uint8_t kDutyBlind = 66;
constexpr std::uint8_t kDutyIndexBlind = 67;
constexpr std::uint8_t kAnsweredIndexBlind = 116;
// Duties of one record that one look sees; a century of days.
constexpr std::size_t kMaxDuties = 40'000;

}  // namespace

RowKey DutyRowKey(std::uint16_t shard, const PersonId& person,
                  const RecordId& record, std::uint64_t sequence) {
  return {shard, person, RowKind::kDeletionDuty, record.bytes(), sequence};
}

DutyId DutyIdOf(const Blinder& blinder, const RowKey& key) {
  base::ByteWriter sequence;
  sequence.U64(key.sequence);
  return DutyId(blinder.Blind(kDutyBlind, {key.id, sequence.bytes()}));
}

PersonalRow RowOf(const Duty& duty, const RowKey& key,
                  const base::SecretBytes& person_key) {
  PersonalRow row;
  row.key = key;
  row.lookup = duty.id.bytes();
  row.state = static_cast<std::uint8_t>(duty.state);
  row.created_ms = absl::ToUnixMillis(duty.created);
  const auto look = NextLook(duty);
  if (look) row.due_ms = absl::ToUnixMillis(*look);
  row.payload = SealRow(person_key, key, duty.Encode());
  return row;
}

absl::StatusOr<Duty> OpenDuty(const base::SecretBytes& person_key,
                              const PersonalRow& row) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(person_key, row));
  return Duty::Decode(opened);
}

absl::StatusOr<std::vector<PersonalRow>> DutyRowsOf(const LedgerStore& store,
                                                    std::uint16_t shard,
                                                    const PersonId& person,
                                                    const RecordId& record) {
  return store.ListDown(DutyRowKey(shard, person, record, INT64_MAX),
                        kMaxDuties);
}

RowId DutyIndexOf(const Blinder& blinder, const ServiceId& service) {
  return blinder.Blind(kDutyIndexBlind, {service.bytes()});
}

RowId AnsweredIndexOf(const Blinder& blinder, const ServiceId& service) {
  return blinder.Blind(kAnsweredIndexBlind, {service.bytes()});
}

void AddToIndex(Batch& batch, const PersonState& person, const Duty& duty) {
  EventRow row;
  row.service = DutyIndexOf(batch.blinder(), duty.service);
  row.position = ++batch.commit().head.event;
  row.shard = person.shard;
  row.person = person.id;
  row.record = duty.record;
  row.created_ms = absl::ToUnixMillis(batch.time());
  row.payload = SealStreamEvent(*person.key, row, duty.id.bytes());
  batch.commit().events.push_back(std::move(row));
}

absl::StatusOr<IndexedDuty> Follow(const LedgerStore& store, PersonKeys& keys,
                                   const EventRow& row) {
  LIMPID_ASSIGN_OR_RETURN(const bool erased, IsErased(store, row.person));
  if (erased) return absl::NotFoundError("the person was erased");
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, keys.Get(row.person));
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenStreamEvent(*key, row));
  const auto id = base::ToArray<16>(opened);
  if (!id.ok()) return absl::DataLossError("an index of duties is damaged");
  LIMPID_ASSIGN_OR_RETURN(const auto found,
                          store.Find(RowKind::kDeletionDuty, *id));
  if (!found) return absl::NotFoundError("no such deletion duty");
  LIMPID_ASSIGN_OR_RETURN(Duty duty, OpenDuty(*key, *found));
  return IndexedDuty{found->key, std::move(duty)};
}

}  // namespace limpid::consent
