#include "consent/ledger/pending_rows.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace limpid::consent {

bool PendingRows::Clashes(const LedgerCommit& commit) const {
  const auto taken = [this](const PersonalRow& row) {
    if (rows_.contains(row.key)) return true;
    return row.lookup && lookups_.contains({row.key.kind, *row.lookup});
  };
  const auto public_taken = [this](const PublicRow& row) {
    return public_rows_.contains({row.kind, row.id});
  };
  return std::any_of(commit.inserts.begin(), commit.inserts.end(), taken) ||
         std::any_of(commit.public_inserts.begin(), commit.public_inserts.end(),
                     public_taken);
}

void PendingRows::Keep(const PersonalRow& row, bool insert) {
  Kept& kept = rows_[row.key];
  if (kept.row.lookup && kept.row.lookup != row.lookup) {
    lookups_.erase({row.key.kind, *kept.row.lookup});
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
  for (const PersonalRow& row : commit.inserts) Keep(row, /*insert=*/true);
  for (const PersonalRow& row : commit.puts) Keep(row, /*insert=*/false);
  for (const PublicRow& row : commit.public_inserts) Keep(row, true);
  for (const PublicRow& row : commit.public_puts) Keep(row, false);
  events_.insert(events_.end(), commit.events.begin(), commit.events.end());
  leaves_.insert(leaves_.end(), commit.leaves.begin(), commit.leaves.end());
  stops_.insert(stops_.end(), commit.stops.begin(), commit.stops.end());
}

LedgerCommit PendingRows::Merged() const {
  LedgerCommit out;
  out.head = head_;
  for (const auto& [key, kept] : rows_) {
    (kept.insert ? out.inserts : out.puts).push_back(kept.row);
  }
  for (const auto& [key, kept] : public_rows_) {
    (kept.insert ? out.public_inserts : out.public_puts).push_back(kept.row);
  }
  out.events = events_;
  out.leaves = leaves_;
  out.stops = stops_;
  return out;
}

const PersonalRow* PendingRows::Get(const RowKey& key) const {
  const auto at = rows_.find(key);
  return at == rows_.end() ? nullptr : &at->second.row;
}

const PersonalRow* PendingRows::Find(RowKind kind, const RowId& lookup) const {
  const auto at = lookups_.find({kind, lookup});
  return at == lookups_.end() ? nullptr : Get(at->second);
}

const PublicRow* PendingRows::GetPublic(PublicKind kind,
                                        base::ByteView id) const {
  const auto at = public_rows_.find({kind, base::ToBytes(id)});
  return at == public_rows_.end() ? nullptr : &at->second.row;
}

std::vector<PersonalRow> PendingRows::Range(const RowKey& first,
                                            const RowKey& end) const {
  std::vector<PersonalRow> out;
  const auto last = rows_.lower_bound(end);
  for (auto at = rows_.lower_bound(first); at != last; ++at) {
    out.push_back(at->second.row);
  }
  return out;
}

std::vector<std::pair<std::int64_t, RowKey>> PendingRows::Due(
    std::int64_t now_ms) const {
  std::vector<std::pair<std::int64_t, RowKey>> out;
  for (const auto& [key, kept] : rows_) {
    const std::int64_t due = kept.row.due_ms;
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

}  // namespace limpid::consent
