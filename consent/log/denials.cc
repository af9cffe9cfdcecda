#include "consent/log/denials.h"

#include <utility>

#include "common/base/status_macros.h"
#include "common/receipt/access_entry.h"

namespace limpid::consent {
namespace {

// Separates these blinded values from others.
constexpr std::uint8_t kTallyBlind = 68;

void Store(Batch& batch, const PersonState& person, const DenialTally& tally) {
  PersonalRow row;
  row.key =
      TallyRowKey(person.shard, person.id,
                  TallyIdOf(batch.blinder(), tally.service, tally.record));
  row.created_ms = absl::ToUnixMillis(batch.time());
  row.due_ms = absl::ToUnixMillis(tally.begin + kDenialWindow);
  row.payload = SealRow(*person.key, row.key, tally.Encode());
  batch.Replace(std::move(row));
}

}  // namespace

RowId TallyIdOf(const Blinder& blinder, const ServiceId& service,
                const RecordId& record) {
  return blinder.Blind(kTallyBlind, {service.bytes(), record.bytes()});
}

void BeginTally(Batch& batch, const PersonState& person, DenialTally& tally,
                const AppendedEntry& first) {
  tally.begin = batch.time();
  tally.access = first.access;
  tally.commitment = first.commitment;
  Store(batch, person, tally);
}

void CountDenial(Batch& batch, const PersonState& person, DenialTally& tally,
                 const receipt::AccessEntry& refused) {
  tally.basis = refused.basis;
  tally.Count(refused.purpose, refused.lines);
  Store(batch, person, tally);
}

void CloseTally(Batch& batch, PersonState& person, DenialTally& tally) {
  if (tally.count == 0) return;
  receipt::AccessEntry entry;
  entry.kind = receipt::AccessKind::kDenialsCounted;
  entry.actor = receipt::Actor::kService;
  entry.service = tally.service.bytes();
  entry.record = tally.record.bytes();
  entry.revision = std::exchange(tally.count, 0);
  entry.basis = tally.basis;
  entry.purpose = std::exchange(tally.purpose, {});
  entry.lines = std::exchange(tally.lines, {});
  batch.Append(person, std::move(entry));
}

absl::Status RunDueTally(Persons& persons, PersonState& person,
                         const RowId& tally, Batch& batch) {
  LIMPID_ASSIGN_OR_RETURN(DenialTally * due, persons.LoadTally(person, tally));
  // A refusal that came first began it anew.
  if (due->CountsAt(batch.time())) return absl::OkStatus();
  CloseTally(batch, person, *due);
  batch.Delete(TallyRowKey(person.shard, person.id, tally));
  person.tallies.erase(tally);
  return absl::OkStatus();
}

}  // namespace limpid::consent
