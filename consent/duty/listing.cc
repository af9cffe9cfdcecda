// Who sees which deletion duties: a service its own, a person hers, the
// operator counts. Reads the store on the caller's thread and changes nothing.

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "consent/consent_state.h"
#include "consent/duty/duty_desk.h"
#include "consent/duty/duty_rows.h"

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

// Adds the row's duty to its service's count when it is overdue.
absl::Status Count(Consent::State& s, const RowKey& key, absl::Time now,
                   std::map<ServiceId, OverdueDuties>& counts) {
  const auto person_key = s.person_keys.Get(key.person);
  if (absl::IsNotFound(person_key.status())) return absl::OkStatus();
  LIMPID_RETURN_IF_ERROR(person_key.status());
  LIMPID_ASSIGN_OR_RETURN(const auto row, s.parts.store.Get(key));
  if (!row) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(const Duty duty, OpenDuty(**person_key, *row));
  if (StateAt(duty, now) != DutyState::kOverdue) return absl::OkStatus();
  OverdueDuties& one = counts[duty.service];
  one.service = duty.service;
  ++one.count;
  one.oldest = std::min(one.oldest, duty.due);
  return absl::OkStatus();
}

absl::Status CountAll(Consent::State& s, DutyState state, absl::Time now,
                      std::map<ServiceId, OverdueDuties>& counts) {
  RowKey after;
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(
        const std::vector<RowKey> keys,
        s.parts.store.InState(RowKind::kDeletionDuty,
                              static_cast<std::uint8_t>(state), after,
                              kScanPage));
    for (const RowKey& key : keys) {
      LIMPID_RETURN_IF_ERROR(Count(s, key, now, counts));
    }
    if (keys.size() < kScanPage) return absl::OkStatus();
    after = keys.back();
  }
}

}  // namespace

absl::StatusOr<DutyPage> DutyDesk::ListServiceDuties(const ServiceId& service,
                                                     bool answered_too,
                                                     std::uint64_t after,
                                                     std::size_t limit) const {
  Consent::State& s = state_;
  const RowId index = DutyIndexOf(s.blinder, service);
  const absl::Time now = s.parts.clock.Now();
  DutyPage out;
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(const std::vector<EventRow> rows,
                            s.parts.store.Events(index, after, kScanPage));
    for (const EventRow& row : rows) {
      auto found = Follow(s.parts.store, s.person_keys, row);
      if (!found.ok() && !absl::IsNotFound(found.status())) {
        return found.status();
      }
      const bool wanted =
          found.ok() && (answered_too || IsUnanswered(found->duty.state));
      if (wanted && out.duties.size() == limit) {
        out.next_after = after;
        return out;
      }
      after = row.position;
      if (!wanted) continue;
      out.duties.push_back(ViewOf(s, std::move(found->duty), now));
    }
    if (rows.size() < kScanPage) return out;
  }
}

absl::StatusOr<std::vector<DutyView>> DutyDesk::ListDuties(
    const PersonId& person, std::optional<RecordId> record) const {
  Consent::State& s = state_;
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, s.KeyOf(person));
  const std::uint16_t shard = s.blinder.ShardOf(person);
  LIMPID_ASSIGN_OR_RETURN(
      const std::vector<PersonalRow> rows,
      record ? DutyRowsOf(s.parts.store, shard, person, *record)
             : s.parts.store.ListKind(shard, person, RowKind::kDeletionDuty));
  const absl::Time now = s.parts.clock.Now();
  std::vector<DutyView> out;
  for (const PersonalRow& row : rows) {
    LIMPID_ASSIGN_OR_RETURN(Duty duty, OpenDuty(*key, row));
    out.push_back(ViewOf(s, std::move(duty), now));
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const DutyView& left, const DutyView& right) {
                     return left.duty.due < right.duty.due;
                   });
  return out;
}

absl::StatusOr<std::vector<OverdueDuties>> DutyDesk::ListOverdueDuties() const {
  Consent::State& s = state_;
  const absl::Time now = s.parts.clock.Now();
  std::map<ServiceId, OverdueDuties> counts;
  for (const DutyState state :
       {DutyState::kScheduled, DutyState::kOpen, DutyState::kOverdue}) {
    LIMPID_RETURN_IF_ERROR(CountAll(s, state, now, counts));
  }
  std::vector<OverdueDuties> out;
  for (auto& [id, one] : counts) {
    one.known = s.catalogue.FindService(id);
    out.push_back(std::move(one));
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const OverdueDuties& left, const OverdueDuties& right) {
                     return left.oldest < right.oldest;
                   });
  return out;
}

}  // namespace limpid::consent
