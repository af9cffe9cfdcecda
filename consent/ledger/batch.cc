#include "consent/ledger/batch.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/crypto/random.h"
#include "consent/duty/opening.h"
#include "consent/embargo/entering.h"
#include "consent/ledger/entry_row.h"
#include "consent/propagation/stream_event.h"

namespace limpid::consent {
namespace {

// Separates blinded stream names from other blinded values.
constexpr std::uint8_t kStreamBlind = 64;

StopKind StopKindOf(RecordEvent event) {
  switch (event) {
    case RecordEvent::kPause:
      return StopKind::kPaused;
    case RecordEvent::kWithdraw:
      return StopKind::kWithdrawn;
    case RecordEvent::kRevoke:
      return StopKind::kRevoked;
    case RecordEvent::kExhaust:
      return StopKind::kExhausted;
    case RecordEvent::kInvalidate:
      return StopKind::kInvalidated;
    case RecordEvent::kSupersede:
      return StopKind::kSuperseded;
    case RecordEvent::kNarrow:
      return StopKind::kNarrowed;
    case RecordEvent::kRequest:
    case RecordEvent::kGrant:
    case RecordEvent::kSignInPart:
    case RecordEvent::kRefuse:
    case RecordEvent::kDefer:
    case RecordEvent::kLapse:
    case RecordEvent::kRestore:
    case RecordEvent::kResume:
    case RecordEvent::kExpire:
    case RecordEvent::kTerminate:
      return StopKind::kTerminated;
  }
  return StopKind::kTerminated;
}

}  // namespace

RowId StreamOf(const Blinder& blinder, const ServiceId& service) {
  return blinder.Blind(kStreamBlind, {service.bytes()});
}

std::vector<std::string> ChosenAttributes(const Revision& revision,
                                          const Agreement& agreement) {
  std::vector<std::string> out;
  for (const std::uint16_t line : revision.lines) {
    out.push_back(agreement.content.lines.at(line).attribute);
  }
  return out;
}

Batch::Batch(const LedgerHead& before, const ClockRule::Reading& clock,
             const Blinder& blinder)
    : blinder_(blinder), clock_(clock) {
  commit_.head = before;
  commit_.head.clock_ms = absl::ToUnixMillis(clock.time);
}

AppendedEntry Batch::Append(PersonState& person, receipt::AccessEntry draft) {
  AppendedEntry out;
  out.sequence = person.sequence + 1;
  out.access = blinder_.MakeAccessId(out.sequence);
  draft.access = out.access.bytes();
  draft.time = clock_.time;
  draft.sequence = out.sequence;
  draft.previous = person.commitment;
  draft.embargo = CloseEmbargo(blinder_, person, out.access);
  crypto::FillRandom(out.opening);
  out.encoded = draft.Encode();
  out.commitment = receipt::CommitAccessEntry(out.opening, out.encoded);

  const std::uint64_t position = AddLeaf(out.commitment);
  const auto entry_key = person.entry_keys.KeyOf(out.sequence);
  commit_.inserts.push_back(MakeEntryRow(
      EntryRowKey(person.shard, person.id, out.sequence), clock_.time,
      *person.key, entry_key.ok() ? &*entry_key : nullptr,
      {position, out.commitment, draft.previous},
      {out.opening, position, out.encoded}));
  person.sequence = out.sequence;
  person.commitment = out.commitment;
  return out;
}

std::uint64_t Batch::AddLeaf(const base::Digest32& commitment) {
  const std::uint64_t position = ++commit_.head.position;
  commit_.leaves.push_back({position, commitment});
  return position;
}

void Batch::Apply(PersonState& person, LiveRecord& record, Revision next,
                  RecordEvent event, const Agreement& agreement) {
  const Revision before = std::exchange(record.revision, std::move(next));
  PersonalRow row;
  row.key = RevisionRowKey(person.shard, person.id, record.revision.record,
                           record.revision.number);
  row.state = static_cast<std::uint8_t>(record.revision.state);
  row.created_ms = absl::ToUnixMillis(record.revision.time);
  row.payload = SealRow(*person.key, row.key, record.revision.Encode());
  commit_.inserts.push_back(std::move(row));
  Put(person, record);
  AddStreamEvent(person, record, agreement);
  if (IsStop(event)) AddStop(record.revision, event);
  OpenDutyFor(*this, person, before, record, agreement);
}

void Batch::Put(const PersonState& person, const LiveRecord& record) {
  PersonalRow row = RowOf(record, person);
  const auto [at, added] =
      placed_.emplace(record.revision.record, commit_.puts.size());
  if (added) {
    commit_.puts.push_back(std::move(row));
  } else {
    commit_.puts[at->second] = std::move(row);
  }
}

void Batch::Delete(const RowKey& key) {
  const auto same = [&key](const PersonalRow& row) { return row.key == key; };
  std::erase_if(commit_.inserts, same);
  const auto put = std::find_if(commit_.puts.begin(), commit_.puts.end(), same);
  if (put != commit_.puts.end()) {
    // Records remember their places, and those behind it move.
    for (auto& [record, place] : placed_) {
      if (place > static_cast<std::size_t>(put - commit_.puts.begin())) --place;
    }
    commit_.puts.erase(put);
  }
  commit_.deletes.push_back(key);
}

void Batch::AddStreamEvent(const PersonState& person, const LiveRecord& record,
                           const Agreement& agreement) {
  StreamEvent event;
  event.record = record.revision.record;
  if (!record.pseudonyms.empty()) {
    event.pseudonym = record.pseudonyms.front().pseudonym;
  }
  event.state = record.revision.state;
  event.revision = record.revision.number;
  event.time = record.revision.time;
  event.agreement = record.revision.agreement;
  event.agreement_version = record.revision.agreement_version;
  if (event.state == RecordState::kGranted) {
    event.attributes = ChosenAttributes(record.revision, agreement);
  }
  EventRow row;
  row.service = StreamOf(blinder_, record.revision.service);
  row.position = ++commit_.head.event;
  row.shard = person.shard;
  row.person = person.id;
  row.record = event.record;
  // Never falls along a stream: a revision's event is found by its time.
  row.created_ms = absl::ToUnixMillis(clock_.time);
  row.payload = SealStreamEvent(*person.key, row, event.Encode());
  commit_.events.push_back(std::move(row));
}

void Batch::AddStop(const Revision& revision, RecordEvent event) {
  StopEntry stop;
  stop.sequence = ++commit_.head.stop;
  stop.kind = StopKindOf(event);
  stop.subject = revision.record.bytes();
  stop.revision = revision.number;
  stop.time = revision.time;
  commit_.stops.push_back(stop);
  // The last permitted use is still under way when it exhausts the record.
  if (event == RecordEvent::kExhaust) return;
  fences_.push_back({revision.record, revision.number});
}

void Batch::RepeatStop(const RecordId& record, std::uint64_t revision) {
  fences_.push_back({record, revision, /*repeated=*/true});
}

void Batch::AddErasure(const PersonId& person, std::uint64_t entry) {
  StopEntry stop;
  stop.sequence = ++commit_.head.stop;
  stop.kind = StopKind::kEntryErased;
  stop.subject = person.bytes();
  stop.revision = static_cast<std::uint32_t>(entry);
  stop.time = clock_.time;
  commit_.stops.push_back(stop);
}

void Batch::AddAccountErased(const PersonId& person) {
  StopEntry stop;
  stop.sequence = ++commit_.head.stop;
  stop.kind = StopKind::kErased;
  stop.subject = person.bytes();
  stop.time = clock_.time;
  commit_.stops.push_back(stop);
}

void Batch::AddMovedIn(const RowId& move) {
  StopEntry stop;
  stop.sequence = ++commit_.head.stop;
  stop.kind = StopKind::kMovedIn;
  stop.subject = move;
  stop.time = clock_.time;
  commit_.stops.push_back(stop);
}

std::size_t Batch::AddPermit(base::Bytes item) {
  permits_.push_back(std::move(item));
  return permits_.size() - 1;
}

std::size_t Batch::AddReceipt(base::Bytes item) {
  receipts_.push_back(std::move(item));
  return receipts_.size() - 1;
}

bool Batch::empty() const {
  return commit_.deletes.empty() && commit_.inserts.empty() &&
         commit_.puts.empty() && commit_.public_inserts.empty() &&
         commit_.public_puts.empty() && commit_.event_deletes.empty() &&
         commit_.public_deletes.empty();
}

}  // namespace limpid::consent
