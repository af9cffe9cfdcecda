// What readers of the tailed store see: the tables, with what is on its way to
// them over it.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "consent/ledger/tailed_impl.h"

namespace limpid::consent::internal {
namespace {

// How many to ask the tables for, so that `limit` are left without those that
// go.
std::size_t MoreThan(std::size_t limit, std::size_t going) {
  return limit > SIZE_MAX - going ? limit : limit + going;
}

void DropGone(const std::set<EventKey>& gone, std::vector<EventRow>& events) {
  if (gone.empty()) return;
  std::erase_if(events, [&gone](const EventRow& row) {
    return gone.contains({row.service, row.position});
  });
}

}  // namespace

absl::StatusOr<std::optional<PersonalRow>> Tailed::Get(
    const RowKey& key) const {
  {
    const base::MutexLock lock(mutex_);
    const std::optional<PersonalRow>* row = fresh_.Get(key);
    if (row == nullptr) row = moving_.Get(key);
    if (row != nullptr) return *row;
  }
  return tables_.Get(key);
}

absl::StatusOr<std::optional<PersonalRow>> Tailed::Find(
    RowKind kind, const RowId& lookup) const {
  std::uint64_t applied = 0;
  {
    const base::MutexLock lock(mutex_);
    applied = applied_;
    const PersonalRow* row = fresh_.Find(kind, lookup);
    if (row == nullptr) row = moving_.Find(kind, lookup);
    if (row != nullptr) {
      // Its newest value may be in the other one, under another lookup, or it
      // goes.
      const std::optional<PersonalRow>* const newest = fresh_.Get(row->key);
      if (newest == nullptr) return std::optional<PersonalRow>(*row);
      if (*newest && (*newest)->lookup == lookup) return *newest;
      return std::optional<PersonalRow>();
    }
  }
  LIMPID_ASSIGN_OR_RETURN(std::optional<PersonalRow> found,
                          tables_.Find(kind, lookup));
  if (!found) return found;
  {
    const base::MutexLock lock(mutex_);
    // What was on its way is so still: the tables have the newest value.
    if (!IsPending(found->key) && applied_ == applied) return found;
  }
  LIMPID_ASSIGN_OR_RETURN(found, Get(found->key));
  if (found && found->lookup != lookup) found.reset();
  return found;
}

PendingRows::Changes Tailed::PendingRange(const RowKey& first,
                                          const RowKey& end) const {
  const base::MutexLock lock(mutex_);
  PendingRows::Changes out = fresh_.Range(first, end);
  // Where both touch a row, the newer one says what it will be.
  out.merge(moving_.Range(first, end));
  return out;
}

absl::StatusOr<std::vector<PersonalRow>> Tailed::ListDown(
    const RowKey& below, std::size_t limit) const {
  RowKey first = below;
  first.sequence = 0;
  PendingRows::Changes pending = PendingRange(first, below);
  // Each row that goes may hide one of the tables' rows.
  LIMPID_ASSIGN_OR_RETURN(
      std::vector<PersonalRow> out,
      tables_.ListDown(below, MoreThan(limit, CountDeleted(pending))));
  if (pending.empty()) return out;
  out = Overlay(out, std::move(pending));
  std::reverse(out.begin(), out.end());
  if (out.size() > limit) out.resize(limit);
  return out;
}

absl::StatusOr<std::vector<PersonalRow>> Tailed::ListKind(
    std::uint16_t shard, const PersonId& person, RowKind kind) const {
  const RowKey first{shard, person, kind, {}, 0};
  // The last key of the kind, which no row has: the next kind's first would not
  // do for the last kind.
  RowKey end = first;
  end.id.fill(UINT8_MAX);
  end.sequence = UINT64_MAX;
  PendingRows::Changes pending = PendingRange(first, end);
  LIMPID_ASSIGN_OR_RETURN(std::vector<PersonalRow> out,
                          tables_.ListKind(shard, person, kind));
  if (pending.empty()) return out;
  return Overlay(out, std::move(pending));
}

absl::StatusOr<std::vector<RowKey>> Tailed::ListPerson(
    const RowKey& after, std::size_t limit) const {
  // Behind every row of hers.
  RowKey end{after.shard, after.person, static_cast<RowKind>(UINT8_MAX), {}, 0};
  end.id.fill(UINT8_MAX);
  end.sequence = UINT64_MAX;
  PendingRows::Changes pending = PendingRange(after, end);
  pending.erase(after);
  LIMPID_ASSIGN_OR_RETURN(
      std::vector<RowKey> out,
      tables_.ListPerson(after, MoreThan(limit, CountDeleted(pending))));
  if (!pending.empty()) out = OverlayKeys(out, pending);
  if (out.size() > limit) out.resize(limit);
  return out;
}

// Does not wait for the tables: the sequencer asks this twice a second and
// would stand still meanwhile. The lock keeps what is on its way where it is
// until the tables have been read.
absl::StatusOr<std::vector<RowKey>> Tailed::Due(std::int64_t now_ms,
                                                std::size_t limit) const {
  const base::MutexLock lock(mutex_);
  std::vector<RowKey> out;
  // Rows that are on their way with another value count for nothing here.
  for (std::size_t ask = limit; limit != 0; ask *= 2) {
    LIMPID_ASSIGN_OR_RETURN(out, tables_.Due(now_ms, ask));
    const bool all = out.size() < ask;
    std::erase_if(out, [this](const RowKey& key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(
                           mutex_) { return IsPending(key); });
    if (all || out.size() >= limit) break;
  }
  const std::vector<RowKey> pending = DueOf(fresh_, moving_, now_ms);
  out.insert(out.end(), pending.begin(), pending.end());
  if (out.size() > limit) out.resize(limit);
  return out;
}

absl::StatusOr<std::vector<RowKey>> Tailed::InState(RowKind kind,
                                                    std::uint8_t state,
                                                    const RowKey& after,
                                                    std::size_t limit) const {
  LIMPID_RETURN_IF_ERROR(WaitApplied());
  return tables_.InState(kind, state, after, limit);
}

absl::StatusOr<std::optional<PublicRow>> Tailed::GetPublic(
    PublicKind kind, base::ByteView id) const {
  {
    const base::MutexLock lock(mutex_);
    const std::optional<PublicRow>* row = fresh_.GetPublic(kind, id);
    if (row == nullptr) row = moving_.GetPublic(kind, id);
    if (row != nullptr) return *row;
  }
  return tables_.GetPublic(kind, id);
}

absl::StatusOr<std::vector<PublicRow>> Tailed::ListPublic(
    PublicKind kind) const {
  LIMPID_RETURN_IF_ERROR(WaitApplied());
  return tables_.ListPublic(kind);
}

absl::StatusOr<std::vector<PublicRow>> Tailed::ListPublic(
    PublicKind kind, base::ByteView after, std::size_t limit) const {
  LIMPID_RETURN_IF_ERROR(WaitApplied());
  return tables_.ListPublic(kind, after, limit);
}

std::set<EventKey> Tailed::GoneEvents() const {
  std::set<EventKey> out = moving_.gone_events();
  out.insert(fresh_.gone_events().begin(), fresh_.gone_events().end());
  return out;
}

absl::StatusOr<std::vector<EventRow>> Tailed::Events(const RowId& service,
                                                     std::uint64_t after,
                                                     std::size_t limit) const {
  std::vector<EventRow> pending;
  std::set<EventKey> gone;
  {
    const base::MutexLock lock(mutex_);
    pending = moving_.Events(service, after);
    const std::vector<EventRow> newer = fresh_.Events(service, after);
    pending.insert(pending.end(), newer.begin(), newer.end());
    gone = GoneEvents();
  }
  std::erase_if(
      gone, [&service](const EventKey& key) { return key.service != service; });
  LIMPID_ASSIGN_OR_RETURN(
      std::vector<EventRow> out,
      tables_.Events(service, after, MoreThan(limit, gone.size())));
  DropGone(gone, out);
  DropGone(gone, pending);
  if (out.size() > limit) out.resize(limit);
  return WithPending(std::move(out), std::move(pending), limit);
}

absl::StatusOr<std::vector<EventRow>> Tailed::EventsAbout(
    const PersonId& person, std::uint64_t below, std::size_t limit) const {
  std::vector<EventRow> pending;
  std::set<EventKey> gone;
  {
    const base::MutexLock lock(mutex_);
    pending = moving_.EventsAbout(person, below);
    const std::vector<EventRow> newer = fresh_.EventsAbout(person, below);
    pending.insert(pending.end(), newer.begin(), newer.end());
    gone = GoneEvents();
  }
  LIMPID_ASSIGN_OR_RETURN(
      std::vector<EventRow> out,
      tables_.EventsAbout(person, below, MoreThan(limit, gone.size())));
  out.insert(out.end(), pending.begin(), pending.end());
  DropGone(gone, out);
  std::sort(out.begin(), out.end(),
            [](const EventRow& left, const EventRow& right) {
              return left.position > right.position;
            });
  // The tables may have taken some over meanwhile.
  out.erase(std::unique(out.begin(), out.end(),
                        [](const EventRow& left, const EventRow& right) {
                          return left.position == right.position;
                        }),
            out.end());
  if (out.size() > limit) out.resize(limit);
  return out;
}

absl::StatusOr<std::vector<StopEntry>> Tailed::Stops(
    std::uint64_t after) const {
  LIMPID_RETURN_IF_ERROR(WaitApplied());
  return tables_.Stops(after);
}

absl::StatusOr<std::vector<LeafRow>> Tailed::Leaves(std::uint64_t first,
                                                    std::size_t limit) const {
  LIMPID_RETURN_IF_ERROR(WaitApplied());
  return tables_.Leaves(first, limit);
}

}  // namespace limpid::consent::internal
