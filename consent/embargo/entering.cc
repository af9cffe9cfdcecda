#include "consent/embargo/entering.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "consent/duty/opening.h"
#include "consent/embargo/embargoed.h"
#include "consent/notice/noting.h"

namespace limpid::consent {
namespace {

// What an entry that is due is about, loaded before anything is changed. Null
// where the record is gone.
struct Subject {
  LiveRecord* record = nullptr;
  AgreementPointer agreement;
  BasisNotice* notice = nullptr;
  // The day's duty to delete must be made.
  bool duty_missing = false;
};

// Whether this start has not seen to the duty of the day.
bool IsDayOpen(const PersonState& person, const receipt::AccessEntry& access) {
  const auto at = person.embargo.duties.find(RecordId(access.record));
  return at == person.embargo.duties.end() ||
         at->second != DutyDayOf(access.time);
}

absl::StatusOr<Subject> SubjectOf(const TellParts& parts, Persons& persons,
                                  PersonState& person,
                                  const receipt::AccessEntry& access) {
  Subject out;
  const auto record = persons.LoadRecord(person, RecordId(access.record));
  if (absl::IsNotFound(record.status())) return out;
  LIMPID_RETURN_IF_ERROR(record.status());
  out.record = *record;
  const Revision& revision = out.record->revision;
  out.agreement = parts.catalogue.FindAgreement(revision.agreement,
                                                revision.agreement_version);
  if (out.agreement == nullptr) {
    return absl::DataLossError("a record's agreement is missing");
  }
  LIMPID_ASSIGN_OR_RETURN(
      out.notice, NoticeFor(persons, person, *out.record, *out.agreement));
  if (!IsDayOpen(person, access)) return out;
  LIMPID_ASSIGN_OR_RETURN(
      const DayDuty duty,
      DutyStands(parts.store, person, RecordId(access.record), access.time));
  out.duty_missing = duty != DayDuty::kStands;
  if (duty == DayDuty::kDamaged) {
    parts.alarm(absl::DataLossError(
        "a deletion duty does not open, and is made anew for an access that "
        "was under embargo; look for what damaged the store"));
  }
  return out;
}

bool IsOpen(const PersonState& person, const receipt::EmbargoItem& item) {
  const auto& open = person.embargo.open;
  return std::find(open.begin(), open.end(), item) != open.end();
}

// Once a day and record, and always when no visible entry commits to it yet.
void SayThatItEnded(Batch& batch, PersonState& person,
                    const receipt::AccessEntry& access,
                    const receipt::EmbargoItem& item) {
  absl::Time& said =
      person.embargo.said
          .try_emplace(RecordId(access.record), absl::UnixEpoch())
          .first->second;
  if (batch.time() < said + kNoticeWindow && !IsOpen(person, item)) return;
  said = batch.time();
  receipt::AccessEntry entry;
  entry.kind = receipt::AccessKind::kEmbargoEnded;
  entry.actor = receipt::Actor::kSystem;
  entry.service = access.service;
  entry.record = access.record;
  entry.revision = access.revision;
  entry.basis = access.basis;
  entry.purpose = access.purpose;
  batch.Append(person, std::move(entry));
}

// What an access does at once that is not under embargo.
void CatchUp(const TellParts& parts, const Subject& subject,
             const receipt::AccessEntry& access, PersonState& person,
             Batch& batch) {
  if (subject.record == nullptr) return;
  person.embargo.duties[RecordId(access.record)] = DutyDayOf(access.time);
  if (subject.duty_missing) {
    NoteEarlierRelease(batch, person, *subject.record, *subject.agreement,
                       access.time);
  }
  if (subject.notice == nullptr) return;
  const NotedAccess noted = {AccessId(access.access), batch.time(),
                             access.purpose, access.lines};
  if (!NoteAccess(batch, person, *subject.record, *subject.agreement, noted,
                  *subject.notice) ||
      !parts.noticed) {
    return;
  }
  batch.AfterCommit([&noticed = parts.noticed, id = person.id,
                     notice = subject.notice->id] { noticed(id, notice); });
}

}  // namespace

absl::StatusOr<AppendedEntry> AppendUnderEmbargo(Batch& batch,
                                                 PersonState& person,
                                                 receipt::AccessEntry draft,
                                                 std::uint16_t days) {
  PersonEmbargo& embargo = person.embargo;
  const bool completes = draft.kind == receipt::AccessKind::kAccessCompleted;
  if (embargo.open.size() >=
      (completes ? kMaxOpenWithCompletions : kMaxOpenEmbargo)) {
    return absl::ResourceExhaustedError(
        "too many accesses of this kind; try again later");
  }
  EmbargoEnd& end = embargo.ends[days];
  AppendedEntry out;
  out.sequence = end.sequence + 1;
  out.access = batch.blinder().MakeAccessId(embargo.row + 1);
  EmbargoedEntry made;
  made.days = days;
  made.until = receipt::EmbargoUntil(batch.time(), days);
  draft.access = out.access.bytes();
  draft.time = batch.time();
  draft.sequence = out.sequence;
  draft.previous = end.commitment;
  draft.embargo = receipt::EmbargoTerms(
      EmbargoLogOf(batch.blinder(), person.id, days), days, made.until);
  crypto::FillRandom(out.opening);
  out.encoded = draft.Encode();
  out.commitment = receipt::CommitAccessEntry(out.opening, out.encoded);

  made.position = batch.AddLeaf(out.commitment);
  made.opening = out.opening;
  made.entry = out.encoded;
  end = {out.sequence, out.commitment};
  made.ends = embargo.ends;
  ++embargo.row;
  batch.Insert(RowOf(made, EmbargoRowKey(person.shard, person.id, embargo.row),
                     *person.key, batch.time()));
  embargo.open.push_back({made.until, out.commitment});
  return out;
}

base::Digest32 CloseEmbargo(const Blinder& blinder, PersonState& person,
                            const AccessId& access) {
  std::vector<receipt::EmbargoItem> items =
      std::exchange(person.embargo.open, {});
  SortByDate(items);
  return receipt::CommitEmbargo(items, [&](std::uint32_t layer) {
    return EmbargoOpeningOf(blinder, person.id, access, layer);
  });
}

absl::Status TellEmbargoed(const TellParts& parts, Persons& persons,
                           PersonState& person, const RowKey& key,
                           Batch& batch) {
  LIMPID_ASSIGN_OR_RETURN(auto row, parts.store.Get(key));
  if (!row || IsTold(*row)) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(const EmbargoedEntry entry,
                          OpenEmbargoed(*person.key, *row));
  const auto access = receipt::AccessEntry::Decode(entry.entry);
  if (!access.ok() || entry.until > batch.time()) {
    return absl::DataLossError("an embargoed entry is damaged");
  }
  Subject subject;
  const bool is_read = access->kind == receipt::AccessKind::kReleaseDecided;
  if (is_read) {
    LIMPID_ASSIGN_OR_RETURN(subject,
                            SubjectOf(parts, persons, person, *access));
  }
  SayThatItEnded(batch, person, *access, entry.Item());
  if (is_read) CatchUp(parts, subject, *access, person, batch);
  row->state = static_cast<std::uint8_t>(EmbargoRowState::kTold);
  row->due_ms = 0;
  batch.Replace(*std::move(row));
  return absl::OkStatus();
}

}  // namespace limpid::consent
