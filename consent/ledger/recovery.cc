// What the sequencer does before its first decision: it brings store, stop
// ledger and access log together. A store that is an older copy must not bring
// back what was ended since: every grant is paused, and the stops are replayed.
// docs/formats/stop-ledger.md

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "consent/ledger/entry_erasing.h"
#include "consent/ledger/sequencer.h"

namespace limpid::consent {
namespace {

// Records paused in one commit.
constexpr std::size_t kPage = 128;

RecordEvent EventOf(StopKind kind) {
  switch (kind) {
    case StopKind::kWithdrawn:
      return RecordEvent::kWithdraw;
    case StopKind::kPaused:
      return RecordEvent::kPause;
    case StopKind::kNarrowed:
      // The ledger does not say what was taken away; a resumed record would
      // give it back.
      return RecordEvent::kInvalidate;
    case StopKind::kRevoked:
      return RecordEvent::kRevoke;
    case StopKind::kExhausted:
      return RecordEvent::kExhaust;
    case StopKind::kInvalidated:
      return RecordEvent::kInvalidate;
    case StopKind::kSuperseded:
      return RecordEvent::kSupersede;
    case StopKind::kErased:
    case StopKind::kEntryErased:
    case StopKind::kMovedIn:
    case StopKind::kTerminated:
      return RecordEvent::kTerminate;
  }
  return RecordEvent::kTerminate;
}

receipt::AccessEntry EntryOf(const Revision& revision,
                             const Agreement& agreement) {
  receipt::AccessEntry entry;
  entry.kind = revision.event;
  entry.actor = receipt::Actor::kSystem;
  entry.service = revision.service.bytes();
  entry.record = revision.record.bytes();
  entry.revision = revision.number;
  entry.basis = agreement.content.basis;
  entry.purpose = agreement.content.purposes.front();
  return entry;
}

// First index of the log that no plan of the store accounts for. A plan that is
// not done may have reached the log or not.
struct LogRange {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
};

absl::StatusOr<LogRange> ExpectedLog(const LedgerStore& store) {
  LIMPID_ASSIGN_OR_RETURN(const auto plan, store.LastPlan());
  LogRange out;
  if (!plan) return out;
  out.most = plan->first_index + plan->padded;
  out.least = plan->done ? out.most : plan->first_index;
  return out;
}

// Why a person, or a part of hers, is left to a later start: one whose rows are
// damaged must not keep everybody else's closed.
bool CannotBeRead(const absl::Status& why) {
  return absl::IsNotFound(why) || absl::IsDataLoss(why);
}

// What a restoring start works on.
struct Restoring {
  Persons& persons;
  const Catalogue& catalogue;
  // Whose rows cannot be written.
  std::set<PersonId>& absent;
  // Shown to the person beside each change.
  const char* reason;
};

const char* ReasonOf(bool stop_ledger_lost) {
  return stop_ledger_lost
             ? "the ledger of what was ended was lost; the store may be an "
               "older copy"
             : "restored from an older copy";
}

// Applies `event` to a record in one batch of its own rows. Illegal moves mean
// that the record is past it already.
absl::Status ApplyEvent(const Restoring& restoring, Batch& batch,
                        const RecordId& id, RecordEvent event) {
  Persons& persons = restoring.persons;
  const auto owner = persons.OwnerOf(id);
  if (absl::IsNotFound(owner.status())) return absl::OkStatus();
  LIMPID_RETURN_IF_ERROR(owner.status());
  const auto loaded = persons.Load(*owner);
  // She was erased, or the key store is older, or it is damaged: nobody can
  // read her rows, which refuses every use of them while it is so.
  if (CannotBeRead(loaded.status())) {
    restoring.absent.insert(*owner);
    return absl::OkStatus();
  }
  LIMPID_RETURN_IF_ERROR(loaded.status());
  PersonState* const person = *loaded;
  const auto live = persons.LoadRecord(*person, id);
  if (absl::IsDataLoss(live.status())) {
    restoring.absent.insert(*owner);
    return absl::OkStatus();
  }
  LIMPID_RETURN_IF_ERROR(live.status());
  LiveRecord* const record = *live;
  auto next = NextRevision(record->revision, event, receipt::Actor::kSystem,
                           batch.time());
  if (absl::IsFailedPrecondition(next.status())) return absl::OkStatus();
  LIMPID_RETURN_IF_ERROR(next.status());
  const AgreementPointer agreement = restoring.catalogue.FindAgreement(
      next->agreement, next->agreement_version);
  if (agreement == nullptr) {
    return absl::DataLossError("a record's agreement is missing");
  }
  next->reason = restoring.reason;
  batch.Append(*person, EntryOf(*next, *agreement));
  batch.Apply(*person, *record, *std::move(next), event, *agreement);
  return absl::OkStatus();
}

// Of whom the stop ended something, if that is known.
absl::StatusOr<std::optional<PersonId>> OwnerOf(Persons& persons,
                                                const StopEntry& stop) {
  if (stop.kind == StopKind::kEntryErased || stop.kind == StopKind::kErased) {
    return PersonId(stop.subject);
  }
  if (stop.kind == StopKind::kMovedIn) return std::nullopt;
  const auto owner = persons.OwnerOf(RecordId(stop.subject));
  if (absl::IsNotFound(owner.status())) return std::nullopt;
  LIMPID_RETURN_IF_ERROR(owner.status());
  return *owner;
}

// Lets the next tick begin behind what a lost store logged.
absl::Status SkipLost(LedgerStore& store, std::uint64_t epoch,
                      std::uint64_t log_size) {
  LIMPID_ASSIGN_OR_RETURN(auto last, store.LastPlan());
  PlanRow gap;
  gap.first_position = 1;
  if (last) {
    // Each tick finishes the one before it, so the log went past this one only
    // with its leaves.
    last->done = true;
    LIMPID_RETURN_IF_ERROR(store.PutPlan(epoch, *last));
    gap.first_position = last->first_position + last->count;
  }
  // What no tick has taken, restored entries among it, is logged by the next
  // one, which begins at the log's present end.
  gap.first_index = log_size;
  gap.done = true;
  return store.PutPlan(epoch, gap);
}

}  // namespace

absl::Status Sequencer::Replay(Batch& batch, const StopEntry& stop) {
  if (stop.kind == StopKind::kEntryErased) {
    const PersonId person(stop.subject);
    absl::Status replayed = persons_.Load(person).status();
    if (replayed.ok()) {
      replayed = ReplayErasure(persons_, parts_.store, batch, stop);
    }
    if (!CannotBeRead(replayed)) return replayed;
    absent_.insert(person);
    return absl::OkStatus();
  }
  // Nothing to end: what it became is not in this store, and it comes no more.
  if (stop.kind == StopKind::kMovedIn) return absl::OkStatus();
  // FinishAccountErasures has done it.
  if (stop.kind == StopKind::kErased) return absl::OkStatus();
  return ApplyEvent(
      {persons_, parts_.catalogue, absent_, ReasonOf(stop_ledger_lost_)}, batch,
      RecordId(stop.subject), EventOf(stop.kind));
}

absl::StatusOr<std::size_t> Sequencer::PausePage(RowKey& after) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows,
      parts_.store.InState(RowKind::kRecord,
                           static_cast<std::uint8_t>(RecordState::kGranted),
                           after, kPage));
  if (rows.empty()) return 0;
  Batch batch(head_, clock_rule_.Read(), parts_.blinder);
  for (const RowKey& row : rows) {
    LIMPID_RETURN_IF_ERROR(ApplyEvent(
        {persons_, parts_.catalogue, absent_, ReasonOf(stop_ledger_lost_)},
        batch, RecordId(row.id), RecordEvent::kRestore));
  }
  LIMPID_RETURN_IF_ERROR(CommitBatch(batch));
  after = rows.back();
  return rows.size();
}

absl::Status Sequencer::FinishErasures() {
  bool some = false;
  std::set<PersonId> damaged;
  LIMPID_RETURN_IF_ERROR(parts_.stops.ForEach(0, [&](const StopEntry& stop) {
    if (stop.kind != StopKind::kEntryErased) return absl::OkStatus();
    some = true;
    absl::Status finished =
        FinishErasure(parts_.store, parts_.blinder, parts_.keys, stop);
    if (!absl::IsDataLoss(finished)) return finished;
    damaged.insert(PersonId(stop.subject));
    return absl::OkStatus();
  }));
  if (!damaged.empty()) {
    Alarm(absl::DataLossError(absl::StrCat(
        "keys of the log of ", damaged.size(),
        " person(s) do not open: what was erased from it may still have a key, "
        "and is looked at again by the next start")));
  }
  // Their log keys may be others now.
  if (some) persons_.Clear();
  return absl::OkStatus();
}

absl::Status Sequencer::NoteAbsent(Batch& batch) {
  std::size_t damaged = 0;
  for (const PersonId& person : absent_) {
    LIMPID_ASSIGN_OR_RETURN(const bool erased, IsErased(parts_.store, person));
    if (erased) continue;
    const absl::Status loaded = persons_.Load(person).status();
    if (!absl::IsNotFound(loaded)) ++damaged;
    AbsentKey absent{person, head_.stop,
                     loaded.ok() ? AbsentState::kPart : AbsentState::kWhole};
    LIMPID_ASSIGN_OR_RETURN(
        const auto known,
        parts_.store.GetPublic(PublicKind::kAbsentKey, person.bytes()));
    if (known) {
      LIMPID_ASSIGN_OR_RETURN(const AbsentKey before, ParseAbsentKey(*known));
      // What an earlier restoring start left undone is still undone.
      if (before.state != AbsentState::kDone) {
        absent.stop = std::min(absent.stop, before.stop);
      }
      if (before.state == AbsentState::kWhole) absent.state = before.state;
    }
    batch.Replace(RowOf(absent, absl::ToUnixMillis(batch.time())));
  }
  if (damaged > 0) {
    Alarm(absl::DataLossError(absl::StrCat(
        damaged,
        " person(s) of the restored store have rows that do not open: those "
        "records were not paused with the others and are refused; with the "
        "server stopped, put back a copy in which they open "
        "(docs/formats/absent-key.md)")));
  }
  return absl::OkStatus();
}

absl::Status Sequencer::FinishRestores() {
  LIMPID_ASSIGN_OR_RETURN(const auto waiting, AbsentKeys(parts_.store));
  MissedStops missed;
  std::uint64_t oldest = parts_.stops.last();
  std::vector<AbsentKey> back;
  for (const AbsentKey& absent : waiting) {
    const auto person = persons_.Load(absent.person);
    if (CannotBeRead(person.status())) continue;
    LIMPID_RETURN_IF_ERROR(person.status());
    persons_.Trim();
    missed[absent.person] = {};
    oldest = std::min(oldest, absent.stop);
    back.push_back(absent);
  }
  if (!back.empty()) LIMPID_RETURN_IF_ERROR(CollectStops(oldest, missed));
  for (const AbsentKey& absent : back) {
    LIMPID_RETURN_IF_ERROR(FinishRestore(absent, missed[absent.person]));
    persons_.Trim();
  }
  return RefuseWaiting();
}

absl::Status Sequencer::RefuseWaiting() {
  LIMPID_ASSIGN_OR_RETURN(const auto waiting, AbsentKeys(parts_.store));
  for (const AbsentKey& absent : waiting) {
    const auto person = persons_.Load(absent.person);
    if (CannotBeRead(person.status()) || absent.state == AbsentState::kWhole) {
      persons_.Refuse(absent.person);
      persons_.Forget(absent.person);
      continue;
    }
    LIMPID_RETURN_IF_ERROR(person.status());
    // What opens of hers has been paused.
    LIMPID_ASSIGN_OR_RETURN(
        const auto rows, parts_.store.ListKind((*person)->shard, absent.person,
                                               RowKind::kRecord));
    for (const PersonalRow& row : rows) {
      const RecordId record(row.key.id);
      const auto live = persons_.LoadRecord(**person, record);
      if (absl::IsDataLoss(live.status())) {
        persons_.Refuse(record);
      } else if (!live.ok()) {
        return live.status();
      }
    }
    persons_.Trim();
  }
  return absl::OkStatus();
}

absl::Status Sequencer::CollectStops(std::uint64_t after, MissedStops& of) {
  return parts_.stops.ForEach(
      after, [&](const StopEntry& stop) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const auto owner, OwnerOf(persons_, stop));
        if (!owner) return absl::OkStatus();
        const auto at = of.find(*owner);
        if (at != of.end()) at->second.push_back(stop);
        return absl::OkStatus();
      });
}

absl::Status Sequencer::FinishRestore(const AbsentKey& absent,
                                      const std::vector<StopEntry>& stops) {
  Batch batch(head_, clock_rule_.Read(), parts_.blinder);
  absent_.erase(absent.person);
  std::size_t restored = 0;
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows,
      parts_.store.ListKind(parts_.blinder.ShardOf(absent.person),
                            absent.person, RowKind::kRecord));
  for (const PersonalRow& row : rows) {
    if (row.state != static_cast<std::uint8_t>(RecordState::kGranted)) continue;
    LIMPID_RETURN_IF_ERROR(ApplyEvent(
        {persons_, parts_.catalogue, absent_, ReasonOf(stop_ledger_lost_)},
        batch, RecordId(row.key.id), RecordEvent::kRestore));
    ++restored;
  }
  for (const bool narrowed : {false, true}) {
    for (const StopEntry& stop : stops) {
      if ((stop.kind == StopKind::kNarrowed) != narrowed) continue;
      // Somebody else's wait began earlier.
      if (stop.sequence <= absent.stop) continue;
      LIMPID_RETURN_IF_ERROR(Replay(batch, stop));
    }
  }
  const bool waits = absent_.contains(absent.person);
  // What opens was paused by an earlier start, and is what she made of it
  // since: what this batch did to her in memory is forgotten.
  if (waits && absent.state == AbsentState::kPart) {
    persons_.Forget(absent.person);
    return absl::OkStatus();
  }
  restored_count_ += restored;
  const AbsentState state = waits ? AbsentState::kPart : AbsentState::kDone;
  batch.Replace(RowOf(AbsentKey{absent.person, absent.stop, state},
                      absl::ToUnixMillis(batch.time())));
  // All of these are in the ledger and in the store already.
  batch.commit().stops.clear();
  batch.commit().head.stop = head_.stop;
  return CommitBatch(batch);
}

absl::Status Sequencer::PauseRestored() {
  // Nothing that opens is GRANTED any more after this, whatever happens next;
  // what does not is refused until a start in which it does.
  RowKey after;
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(const std::size_t paused, PausePage(after));
    if (paused == 0) break;
    restored_count_ += paused;
    persons_.Trim();
  }
  Batch batch(head_, clock_rule_.Read(), parts_.blinder);
  LIMPID_ASSIGN_OR_RETURN(std::vector<StopEntry> missing,
                          StopsAfter(parts_.stops, head_.stop));
  // Narrowings last: what was ended besides keeps its own end.
  for (const bool narrowed : {false, true}) {
    for (const StopEntry& stop : missing) {
      if ((stop.kind == StopKind::kNarrowed) != narrowed) continue;
      LIMPID_RETURN_IF_ERROR(Replay(batch, stop));
    }
  }
  // The replayed stops are in the ledger already, under their own numbers; the
  // ones that Apply counted are not.
  batch.commit().stops = std::move(missing);
  batch.commit().head.stop = parts_.stops.last();
  LIMPID_RETURN_IF_ERROR(NoteAbsent(batch));
  LIMPID_RETURN_IF_ERROR(parts_.store.Commit(batch.commit()));
  head_ = batch.commit().head;
  return absl::OkStatus();
}

absl::Status Sequencer::Recover() {
  LIMPID_ASSIGN_OR_RETURN(const LogRange log, ExpectedLog(parts_.store));
  const std::uint64_t log_size = parts_.log.size();
  if (log_size < log.least) {
    return absl::FailedPreconditionError(
        "the access log is older than consent's store; put back the newer log");
  }
  stop_ledger_lost_ = parts_.stops.fresh() && head_.stop != 0;
  const bool log_ahead = log_size > log.most;
  if (head_.stop > parts_.stops.last()) {
    LIMPID_ASSIGN_OR_RETURN(const auto missing,
                            parts_.store.Stops(parts_.stops.last()));
    LIMPID_RETURN_IF_ERROR(parts_.stops.Append(missing));
  }
  const bool older = parts_.store_is_older || stop_ledger_lost_ || log_ahead ||
                     parts_.stops.last() != head_.stop;
  LIMPID_RETURN_IF_ERROR(FinishAccountErasures());
  if (older) LIMPID_RETURN_IF_ERROR(PauseRestored());
  LIMPID_RETURN_IF_ERROR(FinishRestores());
  LIMPID_RETURN_IF_ERROR(FinishErasures());
  if (log_ahead) {
    LIMPID_RETURN_IF_ERROR(SkipLost(parts_.store, head_.epoch, log_size));
  }
  // Last: a start that ends before it finds everything as this one did.
  return parts_.stops.Settle();
}

}  // namespace limpid::consent
