#include "consent/duty/opening.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "consent/duty/duty.h"
#include "consent/duty/duty_rows.h"

namespace limpid::consent {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

// Why the end of a consent in force makes a duty. A superseded one goes on
// under another record (OpenDutyForDropped), an exhausted one keeps its agreed
// retention.
std::optional<DutyCause> CauseOf(RecordState ended) {
  switch (ended) {
    case RecordState::kWithdrawn:
      return DutyCause::kWithdrawn;
    case RecordState::kRevoked:
      return DutyCause::kRevoked;
    case RecordState::kExpired:
      return DutyCause::kExpired;
    case RecordState::kInvalidated:
      return DutyCause::kInvalidated;
    case RecordState::kTerminated:
      return DutyCause::kTerminated;
    case RecordState::kDraft:
    case RecordState::kRequested:
    case RecordState::kDeferred:
    case RecordState::kAwaitingOthers:
    case RecordState::kGranted:
    case RecordState::kPaused:
    case RecordState::kRefused:
    case RecordState::kLapsed:
    case RecordState::kExhausted:
    case RecordState::kSuperseded:
      return std::nullopt;
  }
  return std::nullopt;
}

// Of the lines that `before` had and `after` has not.
std::vector<std::string> DroppedAttributes(const Revision& before,
                                           const Revision& after,
                                           const Agreement& agreement) {
  Revision dropped;
  for (const std::uint16_t line : before.lines) {
    const bool kept = std::find(after.lines.begin(), after.lines.end(), line) !=
                      after.lines.end();
    if (!kept) dropped.lines.push_back(line);
  }
  return ChosenAttributes(dropped, agreement);
}

// Whether what was given by `line` may be kept under the other lines.
bool IsGivenBy(const GivenLines& others, const AgreementLine& line) {
  return std::any_of(others.lines.begin(), others.lines.end(),
                     [&](std::uint16_t position) {
                       const AgreementLine& other =
                           others.agreement.content.lines.at(position);
                       return other.attribute == line.attribute &&
                              (other.form == receipt::Form::kFull ||
                               PermitLineOf(other) == PermitLineOf(line));
                     });
}

Duty NewDuty(const Batch& batch, const LiveRecord& record, DutyCause cause,
             const RowKey& key) {
  Duty duty;
  duty.id = DutyIdOf(batch.blinder(), key);
  duty.record = record.revision.record;
  duty.revision = record.revision.number;
  duty.service = record.revision.service;
  if (!record.pseudonyms.empty()) {
    duty.pseudonym = record.pseudonyms.front().pseudonym;
  }
  duty.agreement = record.revision.agreement;
  duty.agreement_version = record.revision.agreement_version;
  duty.cause = cause;
  duty.created = batch.time();
  return duty;
}

std::int64_t DayOf(absl::Time time) {
  return absl::ToUnixMillis(time) / absl::ToInt64Milliseconds(kDay);
}

RowKey LifeKey(const PersonState& person, const RecordId& record,
               std::int64_t day) {
  return DutyRowKey(person.shard, person.id, record,
                    kFirstLifeSequence + static_cast<std::uint64_t>(day));
}

// The duty of what was released on `day`.
void Schedule(Batch& batch, const PersonState& person, const LiveRecord& record,
              const Agreement& agreement, std::int64_t day) {
  const RowKey key = LifeKey(person, record.revision.record, day);
  Duty duty = NewDuty(batch, record, DutyCause::kDataLife, key);
  duty.state = DutyState::kScheduled;
  duty.attributes = ChosenAttributes(record.revision, agreement);
  // From the end of the day on, so that no release of it comes short; now where
  // that is over for one that was under embargo.
  duty.opens = std::max(absl::UnixEpoch() + kDay * (day + 1) +
                            kDay * agreement.content.retention_days,
                        batch.time());
  duty.due = duty.opens + kConfirmTime;
  // Replaces what an earlier process of the same day wrote. If the service
  // acknowledged that already, it has something to delete again.
  batch.Replace(RowOf(duty, key, *person.key));
}

// Of the record's present revision.
void Open(Batch& batch, PersonState& person, const LiveRecord& record,
          const Agreement& agreement, DutyCause cause,
          std::vector<std::string> attributes) {
  const RowKey key = DutyRowKey(person.shard, person.id, record.revision.record,
                                record.revision.number);
  Duty duty = NewDuty(batch, record, cause, key);
  duty.state = DutyState::kOpen;
  duty.attributes = std::move(attributes);
  duty.opens = batch.time();
  duty.due = batch.time() + DutyTime(agreement.content.retention_days);
  batch.Insert(RowOf(duty, key, *person.key));
  AddToIndex(batch, person, duty);
}

}  // namespace

void OpenDutyFor(Batch& batch, PersonState& person, const Revision& before,
                 const LiveRecord& record, const Agreement& agreement) {
  if (!IsInForce(before.state)) return;
  const Revision& after = record.revision;
  std::optional<DutyCause> cause = CauseOf(after.state);
  std::vector<std::string> attributes = ChosenAttributes(before, agreement);
  if (!cause && IsInForce(after.state)) {
    attributes = DroppedAttributes(before, after, agreement);
    if (!attributes.empty()) cause = DutyCause::kNarrowed;
  }
  if (!cause) return;
  Open(batch, person, record, agreement, *cause, std::move(attributes));
}

void OpenDutyForDropped(Batch& batch, PersonState& person,
                        const LiveRecord& record, const Agreement& agreement,
                        const GivenLines& successor) {
  Revision dropped;
  for (const std::uint16_t line : record.revision.lines) {
    if (!IsGivenBy(successor, agreement.content.lines.at(line))) {
      dropped.lines.push_back(line);
    }
  }
  if (dropped.lines.empty()) return;
  Open(batch, person, record, agreement, DutyCause::kNarrowed,
       ChosenAttributes(dropped, agreement));
}

void NoteRelease(Batch& batch, PersonState& person, const LiveRecord& record,
                 const Agreement& agreement) {
  const std::int64_t day = DayOf(batch.time());
  const auto [at, first] =
      person.release_days.try_emplace(record.revision.record, std::int64_t{-1});
  if (at->second == day) return;
  at->second = day;
  Schedule(batch, person, record, agreement, day);
}

void NoteEarlierRelease(Batch& batch, PersonState& person,
                        const LiveRecord& record, const Agreement& agreement,
                        absl::Time released) {
  Schedule(batch, person, record, agreement, DayOf(released));
}

absl::Time DutyDayOf(absl::Time released) {
  return absl::UnixEpoch() + kDay * DayOf(released);
}

absl::StatusOr<DayDuty> DutyStands(const LedgerStore& store,
                                   const PersonState& person,
                                   const RecordId& record,
                                   absl::Time released) {
  LIMPID_ASSIGN_OR_RETURN(const auto row,
                          store.Get(LifeKey(person, record, DayOf(released))));
  if (!row) return DayDuty::kNone;
  const auto duty = OpenDuty(*person.key, *row);
  if (!duty.ok()) return DayDuty::kDamaged;
  return IsUnanswered(duty->state) || duty->answered >= released
             ? DayDuty::kStands
             : DayDuty::kNone;
}

absl::Status RunDueDuty(const LedgerStore& store, PersonState& person,
                        const RowKey& key, Batch& batch) {
  LIMPID_ASSIGN_OR_RETURN(const auto row, store.Get(key));
  if (!row) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(Duty duty, OpenDuty(*person.key, *row));
  const DutyState state = StateAt(duty, batch.time());
  if (state == duty.state) return absl::OkStatus();
  const bool opened = duty.state == DutyState::kScheduled;
  duty.state = state;
  batch.Replace(RowOf(duty, key, *person.key));
  if (opened) AddToIndex(batch, person, duty);
  return absl::OkStatus();
}

}  // namespace limpid::consent
