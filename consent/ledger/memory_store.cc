#include "consent/ledger/memory_store.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"

namespace limpid::consent {

void MemoryLedgerStore::FailCommits(absl::Status status) {
  FailCommitsAfter(0, std::move(status));
}

void MemoryLedgerStore::FailCommitsAfter(std::size_t count,
                                         absl::Status status) {
  const base::MutexLock lock(mutex_);
  until_failure_ = count;
  failure_ = std::move(status);
}

void MemoryLedgerStore::LoseAnswers(absl::Status status) {
  const base::MutexLock lock(mutex_);
  lost_answer_ = std::move(status);
}

void MemoryLedgerStore::PutBack(const MemoryLedgerStore& copy) {
  Contents contents;
  {
    const base::MutexLock lock(copy.mutex_);
    contents = copy.contents_;
  }
  const base::MutexLock lock(mutex_);
  contents_ = std::move(contents);
}

absl::StatusOr<LedgerHead> MemoryLedgerStore::TakeEpoch() {
  const base::MutexLock lock(mutex_);
  ++contents_.head.epoch;
  return contents_.head;
}

absl::StatusOr<LedgerHead> MemoryLedgerStore::Head() const {
  const base::MutexLock lock(mutex_);
  return contents_.head;
}

void MemoryLedgerStore::DeleteRow(Contents& contents, const RowKey& key) {
  const auto present = contents.rows.find(key);
  if (present == contents.rows.end()) return;
  if (present->second.lookup) {
    contents.lookups.erase({key.kind, *present->second.lookup});
  }
  contents.rows.erase(present);
}

absl::Status MemoryLedgerStore::PutRow(Contents& contents,
                                       const PersonalRow& row, bool replace) {
  const auto present = contents.rows.find(row.key);
  if (present != contents.rows.end()) {
    if (!replace) return absl::AlreadyExistsError("the row is there");
    if (present->second.lookup) {
      contents.lookups.erase({row.key.kind, *present->second.lookup});
    }
  }
  if (row.lookup &&
      !contents.lookups
           .emplace(std::make_pair(row.key.kind, *row.lookup), row.key)
           .second) {
    return absl::AlreadyExistsError("the lookup is taken");
  }
  contents.rows[row.key] = row;
  return absl::OkStatus();
}

absl::Status MemoryLedgerStore::Apply(Contents& contents,
                                      const LedgerCommit& commit) {
  if (commit.head.epoch != contents.head.epoch) {
    return absl::AbortedError("another process took the epoch");
  }
  const std::uint64_t tail = std::max(contents.head.tail, commit.head.tail);
  contents.head = commit.head;
  contents.head.tail = tail;
  for (const RowKey& key : commit.deletes) DeleteRow(contents, key);
  for (const PersonalRow& row : commit.inserts) {
    LIMPID_RETURN_IF_ERROR(PutRow(contents, row, /*replace=*/false));
  }
  for (const PersonalRow& row : commit.puts) {
    LIMPID_RETURN_IF_ERROR(PutRow(contents, row, /*replace=*/true));
  }
  for (const PublicRowKey& key : commit.public_deletes) {
    contents.public_rows.erase({key.kind, key.id});
  }
  for (const PublicRow& row : commit.public_inserts) {
    if (!contents.public_rows.emplace(std::make_pair(row.kind, row.id), row)
             .second) {
      return absl::AlreadyExistsError("the row is there");
    }
  }
  for (const PublicRow& row : commit.public_puts) {
    contents.public_rows[{row.kind, row.id}] = row;
  }
  for (const EventKey& key : commit.event_deletes) {
    contents.events.erase({key.service, key.position});
  }
  for (const EventRow& row : commit.events) {
    contents.events[{row.service, row.position}] = row;
  }
  for (const LeafRow& row : commit.leaves) contents.leaves[row.position] = row;
  for (const StopEntry& stop : commit.stops) {
    contents.stops[stop.sequence] = stop;
  }
  return absl::OkStatus();
}

absl::Status MemoryLedgerStore::Commit(const LedgerCommit& commit) {
  const base::MutexLock lock(mutex_);
  if (!failure_.ok() && until_failure_ == 0) return failure_;
  Contents next = contents_;
  LIMPID_RETURN_IF_ERROR(Apply(next, commit));
  contents_ = std::move(next);
  if (!failure_.ok()) --until_failure_;
  return lost_answer_;
}

absl::Status MemoryLedgerStore::PutPlan(std::uint64_t epoch,
                                        const PlanRow& plan) {
  const base::MutexLock lock(mutex_);
  if (epoch != contents_.head.epoch) {
    return absl::AbortedError("another process took the epoch");
  }
  contents_.plans[plan.first_position] = plan;
  if (plan.done) {
    contents_.leaves.erase(
        contents_.leaves.begin(),
        contents_.leaves.lower_bound(plan.first_position + plan.count));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<PersonalRow>> MemoryLedgerStore::Get(
    const RowKey& key) const {
  const base::MutexLock lock(mutex_);
  const auto at = contents_.rows.find(key);
  if (at == contents_.rows.end()) return std::optional<PersonalRow>();
  return std::optional<PersonalRow>(at->second);
}

absl::StatusOr<std::optional<PersonalRow>> MemoryLedgerStore::Find(
    RowKind kind, const RowId& lookup) const {
  const base::MutexLock lock(mutex_);
  const auto at = contents_.lookups.find({kind, lookup});
  if (at == contents_.lookups.end()) return std::optional<PersonalRow>();
  return std::optional<PersonalRow>(contents_.rows.at(at->second));
}

absl::StatusOr<std::vector<PersonalRow>> MemoryLedgerStore::ListDown(
    const RowKey& below, std::size_t limit) const {
  const base::MutexLock lock(mutex_);
  RowKey first = below;
  first.sequence = 0;
  std::vector<PersonalRow> out;
  auto at = contents_.rows.lower_bound(below);
  const auto end = contents_.rows.lower_bound(first);
  while (at != end && out.size() < limit) {
    --at;
    out.push_back(at->second);
  }
  return out;
}

absl::StatusOr<std::vector<PersonalRow>> MemoryLedgerStore::ListKind(
    std::uint16_t shard, const PersonId& person, RowKind kind) const {
  const base::MutexLock lock(mutex_);
  std::vector<PersonalRow> out;
  for (auto at = contents_.rows.lower_bound({shard, person, kind, {}, 0});
       at != contents_.rows.end() && at->first.shard == shard &&
       at->first.person == person && at->first.kind == kind;
       ++at) {
    out.push_back(at->second);
  }
  return out;
}

absl::StatusOr<std::vector<RowKey>> MemoryLedgerStore::ListPerson(
    const RowKey& after, std::size_t limit) const {
  const base::MutexLock lock(mutex_);
  std::vector<RowKey> out;
  for (auto at = contents_.rows.upper_bound(after);
       at != contents_.rows.end() && at->first.shard == after.shard &&
       at->first.person == after.person && out.size() < limit;
       ++at) {
    out.push_back(at->first);
  }
  return out;
}

absl::StatusOr<std::vector<RowKey>> MemoryLedgerStore::Due(
    std::int64_t now_ms, std::size_t limit) const {
  const base::MutexLock lock(mutex_);
  std::vector<std::pair<std::int64_t, RowKey>> due;
  for (const auto& [key, row] : contents_.rows) {
    if (row.due_ms > 0 && row.due_ms <= now_ms) {
      due.emplace_back(row.due_ms, key);
    }
  }
  std::sort(due.begin(), due.end());
  std::vector<RowKey> out;
  for (const auto& [time, key] : due) {
    if (out.size() < limit) out.push_back(key);
  }
  return out;
}

absl::StatusOr<std::vector<RowKey>> MemoryLedgerStore::InState(
    RowKind kind, std::uint8_t state, const RowKey& after,
    std::size_t limit) const {
  const base::MutexLock lock(mutex_);
  std::vector<RowKey> out;
  for (auto at = contents_.rows.upper_bound(after);
       at != contents_.rows.end() && out.size() < limit; ++at) {
    if (at->first.kind == kind && at->second.state == state) {
      out.push_back(at->first);
    }
  }
  return out;
}

absl::StatusOr<std::optional<PublicRow>> MemoryLedgerStore::GetPublic(
    PublicKind kind, base::ByteView id) const {
  const base::MutexLock lock(mutex_);
  const auto at = contents_.public_rows.find({kind, base::ToBytes(id)});
  if (at == contents_.public_rows.end()) return std::optional<PublicRow>();
  return std::optional<PublicRow>(at->second);
}

absl::StatusOr<std::vector<PublicRow>> MemoryLedgerStore::ListPublic(
    PublicKind kind) const {
  const base::MutexLock lock(mutex_);
  std::vector<PublicRow> out;
  for (const auto& [key, row] : contents_.public_rows) {
    if (key.first == kind) out.push_back(row);
  }
  return out;
}

absl::StatusOr<std::vector<PublicRow>> MemoryLedgerStore::ListPublic(
    PublicKind kind, base::ByteView after, std::size_t limit) const {
  const base::MutexLock lock(mutex_);
  std::vector<PublicRow> out;
  for (auto at =
           contents_.public_rows.upper_bound({kind, base::ToBytes(after)});
       at != contents_.public_rows.end() && at->first.first == kind &&
       out.size() < limit;
       ++at) {
    out.push_back(at->second);
  }
  return out;
}

absl::StatusOr<std::vector<EventRow>> MemoryLedgerStore::Events(
    const RowId& service, std::uint64_t after, std::size_t limit) const {
  const base::MutexLock lock(mutex_);
  std::vector<EventRow> out;
  for (auto at = contents_.events.upper_bound({service, after});
       at != contents_.events.end() && at->first.first == service &&
       out.size() < limit;
       ++at) {
    out.push_back(at->second);
  }
  return out;
}

absl::StatusOr<std::vector<EventRow>> MemoryLedgerStore::EventsAbout(
    const PersonId& person, std::uint64_t below, std::size_t limit) const {
  const base::MutexLock lock(mutex_);
  std::vector<EventRow> out;
  for (const auto& [key, row] : contents_.events) {
    if (row.person == person && row.position < below) out.push_back(row);
  }
  std::sort(out.begin(), out.end(),
            [](const EventRow& left, const EventRow& right) {
              return left.position > right.position;
            });
  if (out.size() > limit) out.resize(limit);
  return out;
}

absl::StatusOr<std::vector<StopEntry>> MemoryLedgerStore::Stops(
    std::uint64_t after) const {
  const base::MutexLock lock(mutex_);
  std::vector<StopEntry> out;
  for (auto at = contents_.stops.upper_bound(after);
       at != contents_.stops.end(); ++at) {
    out.push_back(at->second);
  }
  return out;
}

absl::StatusOr<std::vector<LeafRow>> MemoryLedgerStore::Leaves(
    std::uint64_t first, std::size_t limit) const {
  const base::MutexLock lock(mutex_);
  std::vector<LeafRow> out;
  for (auto at = contents_.leaves.lower_bound(first);
       at != contents_.leaves.end() && out.size() < limit; ++at) {
    out.push_back(at->second);
  }
  return out;
}

absl::StatusOr<std::optional<PlanRow>> MemoryLedgerStore::LastPlan() const {
  const base::MutexLock lock(mutex_);
  if (contents_.plans.empty()) return std::optional<PlanRow>();
  return std::optional<PlanRow>(contents_.plans.rbegin()->second);
}

absl::StatusOr<std::optional<PlanRow>> MemoryLedgerStore::PlanFor(
    std::uint64_t position) const {
  const base::MutexLock lock(mutex_);
  auto at = contents_.plans.upper_bound(position);
  if (at == contents_.plans.begin()) return std::optional<PlanRow>();
  --at;
  const PlanRow& plan = at->second;
  if (position >= plan.first_position + plan.count) {
    return std::optional<PlanRow>();
  }
  return std::optional<PlanRow>(plan);
}

absl::Status MemoryPersonKeyStore::Insert(const PersonId& person,
                                          const Wrapped& key) {
  const base::MutexLock lock(mutex_);
  if (!keys_.emplace(person, key).second) {
    return absl::AlreadyExistsError("the person has a key");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<PersonKeyStore::Wrapped>>
MemoryPersonKeyStore::Get(const PersonId& person) const {
  const base::MutexLock lock(mutex_);
  const auto at = keys_.find(person);
  if (at == keys_.end()) return std::optional<Wrapped>();
  return std::optional<Wrapped>(at->second);
}

absl::Status MemoryPersonKeyStore::PutLogKey(const PersonId& person,
                                             const Wrapped& key) {
  const base::MutexLock lock(mutex_);
  if (!failure_.ok()) return failure_;
  log_keys_[person] = key;
  return absl::OkStatus();
}

absl::StatusOr<std::optional<PersonKeyStore::Wrapped>>
MemoryPersonKeyStore::GetLogKey(const PersonId& person) const {
  const base::MutexLock lock(mutex_);
  const auto at = log_keys_.find(person);
  if (at == log_keys_.end()) return std::optional<Wrapped>();
  return std::optional<Wrapped>(at->second);
}

absl::Status MemoryPersonKeyStore::Erase(const PersonId& person) {
  const base::MutexLock lock(mutex_);
  if (!failure_.ok()) return failure_;
  keys_.erase(person);
  log_keys_.erase(person);
  return absl::OkStatus();
}

void MemoryPersonKeyStore::PutBack(const MemoryPersonKeyStore& copy) {
  std::map<PersonId, Wrapped> keys;
  std::map<PersonId, Wrapped> log_keys;
  {
    const base::MutexLock lock(copy.mutex_);
    keys = copy.keys_;
    log_keys = copy.log_keys_;
  }
  const base::MutexLock lock(mutex_);
  keys_ = std::move(keys);
  log_keys_ = std::move(log_keys);
}

void MemoryPersonKeyStore::FailLogKeys(absl::Status status) {
  const base::MutexLock lock(mutex_);
  failure_ = std::move(status);
}

}  // namespace limpid::consent
