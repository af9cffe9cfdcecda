// Who sees which deletion duties: a service its own, a person hers, the
// operator counts. Reads the store on the caller's thread.

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "consent/consent_state.h"
#include "consent/duty/duty_desk.h"
#include "consent/duty/duty_rows.h"
#include "consent/duty/setting_aside.h"

namespace limpid::consent {
namespace {

// Rows of one look at the store.
constexpr std::size_t kScanPage = 256;

DutyView ViewOf(const Consent::State& s, Duty duty, absl::Time now) {
  duty.state = StateAt(duty, now);
  DutyView out;
  out.service = s.catalogue.FindService(duty.service);
  out.duty = std::move(duty);
  return out;
}

// Once for a look, however many there are.
void AlarmOf(const Consent::State& s, std::size_t unreadable) {
  if (unreadable == 0) return;
  s.Alarm(absl::DataLossError(absl::StrCat(
      unreadable,
      " deletion duties of a list do not open; look for what damaged the "
      "store")));
}

// What one look at everybody's duties found.
struct Counting {
  std::map<ServiceId, OverdueDuties> services;
  std::size_t unreadable = 0;
};

// The duty at `key`. None where it, or its person, is gone.
absl::StatusOr<std::optional<Duty>> ReadDuty(Consent::State& s,
                                             const RowKey& key) {
  const auto person_key = s.KeyOf(key.person);
  if (absl::IsNotFound(person_key.status())) return std::optional<Duty>();
  LIMPID_RETURN_IF_ERROR(person_key.status());
  LIMPID_ASSIGN_OR_RETURN(const auto row, s.parts.store.Get(key));
  if (!row) return std::optional<Duty>();
  LIMPID_ASSIGN_OR_RETURN(Duty duty, OpenDuty(**person_key, *row));
  return std::optional<Duty>(std::move(duty));
}

// Adds the row's duty to its service's count when it is overdue.
absl::Status Count(Consent::State& s, const RowKey& key, absl::Time now,
                   Counting& counting) {
  const auto duty = ReadDuty(s, key);
  if (absl::IsDataLoss(duty.status())) {
    ++counting.unreadable;
    return absl::OkStatus();
  }
  LIMPID_RETURN_IF_ERROR(duty.status());
  if (!duty->has_value() || StateAt(**duty, now) != DutyState::kOverdue) {
    return absl::OkStatus();
  }
  OverdueDuties& one = counting.services[(*duty)->service];
  one.service = (*duty)->service;
  ++one.count;
  one.oldest = std::min(one.oldest, (*duty)->due);
  return absl::OkStatus();
}

absl::Status CountAll(Consent::State& s, DutyState state, absl::Time now,
                      Counting& counting) {
  RowKey after;
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(
        const std::vector<RowKey> keys,
        s.parts.store.InState(RowKind::kDeletionDuty,
                              static_cast<std::uint8_t>(state), after,
                              kScanPage));
    for (const RowKey& key : keys) {
      LIMPID_RETURN_IF_ERROR(Count(s, key, now, counting));
    }
    if (keys.size() < kScanPage) return absl::OkStatus();
    after = keys.back();
  }
}

// One page of a service's list while it is read.
struct Reading {
  const RowId index;
  // Absent when they are not wanted.
  const std::optional<RowId> answered;
  const std::size_t limit;
  const absl::Time now;
  // Place of the last row that was looked at.
  std::uint64_t after = 0;
  DutyPage page;
  // Rows of `index` whose duty is answered.
  std::vector<EventRow> done;
};

bool IsEarlier(const EventRow& left, const EventRow& right) {
  return left.position < right.position;
}

// The next rows, kScanPage at most.
absl::StatusOr<std::vector<EventRow>> NextRows(const LedgerStore& store,
                                               const Reading& reading) {
  // First: a row that is moved meanwhile is in both and not in neither.
  LIMPID_ASSIGN_OR_RETURN(
      std::vector<EventRow> rows,
      store.Events(reading.index, reading.after, kScanPage));
  if (!reading.answered) return rows;
  LIMPID_ASSIGN_OR_RETURN(
      const std::vector<EventRow> answered,
      store.Events(*reading.answered, reading.after, kScanPage));
  std::vector<EventRow> out;
  std::set_union(rows.begin(), rows.end(), answered.begin(), answered.end(),
                 std::back_inserter(out), &IsEarlier);
  if (out.size() > kScanPage) out.resize(kScanPage);
  return out;
}

// False when the page is full: the row starts the next one.
absl::StatusOr<bool> Look(Consent::State& s, const EventRow& row,
                          Reading& reading) {
  auto found = Follow(s.parts.store, s.person_keys, row);
  const bool gone = absl::IsNotFound(found.status());
  const bool damaged = absl::IsDataLoss(found.status());
  if (!found.ok() && !gone && !damaged) return found.status();
  const bool done = found.ok() && !IsUnanswered(found->duty.state);
  const bool wanted = found.ok() && (!done || reading.answered);
  if (wanted && reading.page.duties.size() == reading.limit) return false;
  reading.after = row.position;
  if (damaged) ++reading.page.unreadable;
  if (done && row.service == reading.index) reading.done.push_back(row);
  if (wanted) {
    reading.page.duties.push_back(
        ViewOf(s, std::move(found->duty), reading.now));
  }
  return true;
}

// Ends behind kMostDutiesLookedAt rows whatever was found: a call has a
// deadline, and history has no end.
absl::Status ReadPage(Consent::State& s, Reading& reading) {
  std::size_t looked = 0;
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(const std::vector<EventRow> rows,
                            NextRows(s.parts.store, reading));
    for (const EventRow& row : rows) {
      LIMPID_ASSIGN_OR_RETURN(const bool fits, Look(s, row, reading));
      if (fits) continue;
      reading.page.next_after = reading.after;
      return absl::OkStatus();
    }
    if (rows.size() < kScanPage) return absl::OkStatus();
    looked += rows.size();
    if (looked < kMostDutiesLookedAt) continue;
    reading.page.next_after = reading.after;
    return absl::OkStatus();
  }
}

}  // namespace

absl::StatusOr<DutyPage> DutyDesk::ListServiceDuties(const ServiceId& service,
                                                     bool answered_too,
                                                     std::uint64_t after,
                                                     std::size_t limit) const {
  std::optional<RowId> answered;
  if (answered_too) answered = AnsweredIndexOf(state_.blinder, service);
  Reading reading{DutyIndexOf(state_.blinder, service), answered, limit,
                  state_.parts.clock.Now(), after};
  LIMPID_RETURN_IF_ERROR(ReadPage(state_, reading));
  AlarmOf(state_, reading.page.unreadable);
  SetAside(state_, service, reading.done);
  return std::move(reading.page);
}

absl::StatusOr<PersonDutyPage> DutyDesk::ListDuties(
    const PersonId& person, std::optional<RecordId> record,
    std::optional<DutyCursor> after, std::size_t limit) const {
  Consent::State& s = state_;
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, s.KeyOf(person));
  const DutyCursor start =
      after.value_or(DutyCursor{record.value_or(RecordId()), 0});
  LIMPID_ASSIGN_OR_RETURN(
      std::vector<RowKey> keys,
      s.parts.store.ListPerson(DutyRowKey(s.blinder.ShardOf(person), person,
                                          start.record, start.sequence),
                               limit + 1));
  // Her rows of other kinds, and other records' duties, come behind.
  keys.erase(std::find_if(keys.begin(), keys.end(),
                          [&](const RowKey& one) {
                            return one.kind != RowKind::kDeletionDuty ||
                                   (record && one.id != record->bytes());
                          }),
             keys.end());
  PersonDutyPage out;
  if (keys.size() > limit) {
    keys.pop_back();
    out.next = DutyCursor{RecordId(keys.back().id), keys.back().sequence};
  }
  const absl::Time now = s.parts.clock.Now();
  for (const RowKey& one : keys) {
    LIMPID_ASSIGN_OR_RETURN(const auto row, s.parts.store.Get(one));
    if (!row) continue;
    auto duty = OpenDuty(*key, *row);
    if (duty.ok()) {
      out.duties.push_back(ViewOf(s, *std::move(duty), now));
    } else {
      ++out.unreadable;
    }
  }
  std::stable_sort(out.duties.begin(), out.duties.end(),
                   [](const DutyView& left, const DutyView& right) {
                     return left.duty.due < right.duty.due;
                   });
  AlarmOf(s, out.unreadable);
  return out;
}

absl::StatusOr<OverdueCount> DutyDesk::ListOverdueDuties() const {
  Consent::State& s = state_;
  const absl::Time now = s.parts.clock.Now();
  Counting counting;
  for (const DutyState state :
       {DutyState::kScheduled, DutyState::kOpen, DutyState::kOverdue}) {
    LIMPID_RETURN_IF_ERROR(CountAll(s, state, now, counting));
  }
  OverdueCount out;
  out.unreadable = counting.unreadable;
  for (auto& [id, one] : counting.services) {
    one.known = s.catalogue.FindService(id);
    out.services.push_back(std::move(one));
  }
  AlarmOf(s, out.unreadable);
  std::stable_sort(out.services.begin(), out.services.end(),
                   [](const OverdueDuties& left, const OverdueDuties& right) {
                     return left.oldest < right.oldest;
                   });
  return out;
}

}  // namespace limpid::consent
