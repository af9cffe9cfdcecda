#include "consent/ledger/pending_rows.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace limpid::consent {

bool Goes(const LedgerCommit& commit, const PublicRow& row) {
  return std::find(commit.public_deletes.begin(), commit.public_deletes.end(),
                   PublicRowKey{row.kind, row.id}) !=
         commit.public_deletes.end();
}

bool PendingRows::Clashes(const LedgerCommit& commit) const {
  const auto goes = [&commit](const RowKey& key) {
    return std::find(commit.deletes.begin(), commit.deletes.end(), key) !=
           commit.deletes.end();
  };
  const auto taken = [this, &goes](const PersonalRow& row) {
    const std::optional<PersonalRow>* const same = Get(row.key);
    if (same != nullptr && *same && !goes(row.key)) return true;
    if (!row.lookup) return false;
    const auto found = lookups_.find({row.key.kind, *row.lookup});
    return found != lookups_.end() && !goes(found->second);
  };
  const auto public_taken = [this, &commit](const PublicRow& row) {
    const std::optional<PublicRow>* const same = GetPublic(row.kind, row.id);
    return same != nullptr && *same && !Goes(commit, row);
  };
  return std::any_of(commit.inserts.begin(), commit.inserts.end(), taken) ||
         std::any_of(commit.public_inserts.begin(), commit.public_inserts.end(),
                     public_taken);
}

void PendingRows::Drop(const RowKey& key) {
  Kept& kept = rows_[key];
  if (kept.row && kept.row->lookup) {
    lookups_.erase({key.kind, *kept.row->lookup});
  }
  kept.row.reset();
  kept.insert = false;
  kept.deleted = true;
}

void PendingRows::Keep(const PersonalRow& row, bool insert) {
  Kept& kept = rows_[row.key];
  if (kept.row && kept.row->lookup && kept.row->lookup != row.lookup) {
    lookups_.erase({row.key.kind, *kept.row->lookup});
  }
  if (row.lookup) lookups_[{row.key.kind, *row.lookup}] = row.key;
  // What was to be inserted still is, with its newest value.
  kept.insert = kept.insert || insert;
  kept.row = row;
}

void PendingRows::Keep(const PublicRow& row, bool insert) {
  KeptPublic& kept = public_rows_[{row.kind, row.id}];
  kept.insert = kept.insert || insert;
  kept.row = row;
}

void PendingRows::Add(const LedgerCommit& commit) {
  ++count_;
  head_ = commit.head;
  for (const RowKey& key : commit.deletes) Drop(key);
  for (const PersonalRow& row : commit.inserts) Keep(row, /*insert=*/true);
  for (const PersonalRow& row : commit.puts) Keep(row, /*insert=*/false);
  for (const PublicRowKey& key : commit.public_deletes) {
    public_rows_[key] = {std::nullopt, /*insert=*/false, /*deleted=*/true};
  }
  for (const PublicRow& row : commit.public_inserts) Keep(row, true);
  for (const PublicRow& row : commit.public_puts) Keep(row, false);
  for (const EventKey& key : commit.event_deletes) gone_events_.insert(key);
  if (!commit.event_deletes.empty()) {
    std::erase_if(events_, [this](const EventRow& row) {
      return gone_events_.contains({row.service, row.position});
    });
  }
  events_.insert(events_.end(), commit.events.begin(), commit.events.end());
  leaves_.insert(leaves_.end(), commit.leaves.begin(), commit.leaves.end());
  stops_.insert(stops_.end(), commit.stops.begin(), commit.stops.end());
}

LedgerCommit PendingRows::Merged() const {
  LedgerCommit out;
  out.head = head_;
  for (const auto& [key, kept] : rows_) {
    if (kept.deleted) out.deletes.push_back(key);
    if (!kept.row) continue;
    (kept.insert ? out.inserts : out.puts).push_back(*kept.row);
  }
  for (const auto& [key, kept] : public_rows_) {
    if (kept.deleted) out.public_deletes.push_back(key);
    if (!kept.row) continue;
    (kept.insert ? out.public_inserts : out.public_puts).push_back(*kept.row);
  }
  out.events = events_;
  out.event_deletes.assign(gone_events_.begin(), gone_events_.end());
  out.leaves = leaves_;
  out.stops = stops_;
  return out;
}

const std::optional<PersonalRow>* PendingRows::Get(const RowKey& key) const {
  const auto at = rows_.find(key);
  return at == rows_.end() ? nullptr : &at->second.row;
}

const PersonalRow* PendingRows::Find(RowKind kind, const RowId& lookup) const {
  const auto at = lookups_.find({kind, lookup});
  // A lookup is kept only with its row.
  return at == lookups_.end() ? nullptr : &*rows_.at(at->second).row;
}

const std::optional<PublicRow>* PendingRows::GetPublic(
    PublicKind kind, base::ByteView id) const {
  const auto at = public_rows_.find({kind, base::ToBytes(id)});
  return at == public_rows_.end() ? nullptr : &at->second.row;
}

PendingRows::Changes PendingRows::Range(const RowKey& first,
                                        const RowKey& end) const {
  Changes out;
  const auto last = rows_.lower_bound(end);
  for (auto at = rows_.lower_bound(first); at != last; ++at) {
    out.emplace(at->first, at->second.row);
  }
  return out;
}

std::vector<std::pair<std::int64_t, RowKey>> PendingRows::Due(
    std::int64_t now_ms) const {
  std::vector<std::pair<std::int64_t, RowKey>> out;
  for (const auto& [key, kept] : rows_) {
    const std::int64_t due = kept.row ? kept.row->due_ms : 0;
    if (due > 0 && due <= now_ms) out.emplace_back(due, key);
  }
  return out;
}

std::vector<EventRow> PendingRows::Events(const RowId& service,
                                          std::uint64_t after) const {
  std::vector<EventRow> out;
  for (const EventRow& row : events_) {
    if (row.service == service && row.position > after) out.push_back(row);
  }
  return out;
}

std::vector<EventRow> PendingRows::EventsAbout(const PersonId& person,
                                               std::uint64_t below) const {
  std::vector<EventRow> out;
  for (const EventRow& row : events_) {
    if (row.person == person && row.position < below) out.push_back(row);
  }
  return out;
}

std::vector<RowKey> DueOf(const PendingRows& newer, const PendingRows& older,
                          std::int64_t now_ms) {
  std::vector<std::pair<std::int64_t, RowKey>> due = newer.Due(now_ms);
  for (const auto& [when, key] : older.Due(now_ms)) {
    if (newer.Get(key) == nullptr) due.emplace_back(when, key);
  }
  std::sort(due.begin(), due.end());
  std::vector<RowKey> out;
  out.reserve(due.size());
  for (const auto& [when, key] : due) out.push_back(key);
  return out;
}

std::vector<EventRow> WithPending(std::vector<EventRow> stored,
                                  std::vector<EventRow> pending,
                                  std::size_t limit) {
  if (pending.empty()) return stored;
  // Not only behind them: a row that moves from one stream to another keeps its
  // position.
  stored.insert(stored.end(), std::make_move_iterator(pending.begin()),
                std::make_move_iterator(pending.end()));
  std::sort(stored.begin(), stored.end(),
            [](const EventRow& left, const EventRow& right) {
              return left.position < right.position;
            });
  // The tables may have taken some over meanwhile.
  stored.erase(std::unique(stored.begin(), stored.end(),
                           [](const EventRow& left, const EventRow& right) {
                             return left.position == right.position;
                           }),
               stored.end());
  if (stored.size() > limit) stored.resize(limit);
  return stored;
}

std::vector<PersonalRow> Overlay(const std::vector<PersonalRow>& stored,
                                 PendingRows::Changes pending) {
  for (const PersonalRow& row : stored) pending.try_emplace(row.key, row);
  std::vector<PersonalRow> out;
  out.reserve(pending.size());
  for (auto& [key, row] : pending) {
    if (row) out.push_back(*std::move(row));
  }
  return out;
}

std::vector<RowKey> OverlayKeys(const std::vector<RowKey>& stored,
                                const PendingRows::Changes& pending) {
  std::set<RowKey> out(stored.begin(), stored.end());
  for (const auto& [key, row] : pending) {
    if (row) {
      out.insert(key);
    } else {
      out.erase(key);
    }
  }
  return {out.begin(), out.end()};
}

std::size_t CountDeleted(const PendingRows::Changes& pending) {
  return static_cast<std::size_t>(
      std::count_if(pending.begin(), pending.end(),
                    [](const auto& change) { return !change.second; }));
}

}  // namespace limpid::consent
