// What has been promised and is not in the tables yet, as the tables will have
// it: one value of each row, the newest. Used under its owner's lock.

#ifndef LIMPID_CONSENT_LEDGER_PENDING_ROWS_H_
#define LIMPID_CONSENT_LEDGER_PENDING_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Whether the commit itself makes room for what it inserts.
bool Goes(const LedgerCommit& commit, const PublicRow& row);

class PendingRows {
 public:
  [[nodiscard]] bool empty() const { return count_ == 0; }
  // Commits in it.
  [[nodiscard]] std::uint64_t count() const { return count_; }

  // Whether an insert of `commit` meets a row or lookup that is in here.
  [[nodiscard]] bool Clashes(const LedgerCommit& commit) const;
  void Add(const LedgerCommit& commit);
  // Everything as one commit for the tables.
  [[nodiscard]] LedgerCommit Merged() const;

  // What it will be: null when nothing here touches the row, no value when it
  // goes.
  [[nodiscard]] const std::optional<PersonalRow>* Get(const RowKey& key) const;
  [[nodiscard]] const PersonalRow* Find(RowKind kind,
                                        const RowId& lookup) const;
  // As Get.
  [[nodiscard]] const std::optional<PublicRow>* GetPublic(
      PublicKind kind, base::ByteView id) const;
  // What touches the rows with first <= key < end.
  using Changes = std::map<RowKey, std::optional<PersonalRow>>;
  [[nodiscard]] Changes Range(const RowKey& first, const RowKey& end) const;
  // Rows with 0 < due <= `now_ms`: when and which.
  [[nodiscard]] std::vector<std::pair<std::int64_t, RowKey>> Due(
      std::int64_t now_ms) const;
  // Events of a service after `after`, in order.
  [[nodiscard]] std::vector<EventRow> Events(const RowId& service,
                                             std::uint64_t after) const;
  // Events about a person below `below`, in no order.
  [[nodiscard]] std::vector<EventRow> EventsAbout(const PersonId& person,
                                                  std::uint64_t below) const;
  // Events that go: some of the tables' or of older rows that are on their way.
  [[nodiscard]] const std::set<EventKey>& gone_events() const {
    return gone_events_;
  }

 private:
  struct Kept {
    // None when it goes.
    std::optional<PersonalRow> row;
    // Must not be there yet.
    bool insert = false;
    // What the tables have goes first.
    bool deleted = false;
  };
  // As Kept.
  struct KeptPublic {
    std::optional<PublicRow> row;
    bool insert = false;
    bool deleted = false;
  };

  void Drop(const RowKey& key);
  void Keep(const PersonalRow& row, bool insert);
  void Keep(const PublicRow& row, bool insert);

  std::uint64_t count_ = 0;
  LedgerHead head_;
  std::map<RowKey, Kept> rows_;
  std::map<std::pair<RowKind, RowId>, RowKey> lookups_;
  std::map<PublicRowKey, KeptPublic> public_rows_;
  std::vector<EventRow> events_;
  std::set<EventKey> gone_events_;
  std::vector<LeafRow> leaves_;
  std::vector<StopEntry> stops_;
};

// Keys of what is due, earliest first; a row of `newer` hides that of `older`.
std::vector<RowKey> DueOf(const PendingRows& newer, const PendingRows& older,
                          std::int64_t now_ms);
// `stored`, the beginning of a stream after some position, with the events
// that are on their way, in order; at most `limit`. Positions grow, but for a
// row that moves from one stream to another.
std::vector<EventRow> WithPending(std::vector<EventRow> stored,
                                  std::vector<EventRow> pending,
                                  std::size_t limit);
// Rows of the tables with what is on its way over them, by key.
std::vector<PersonalRow> Overlay(const std::vector<PersonalRow>& stored,
                                 PendingRows::Changes pending);
// The same of keys alone.
std::vector<RowKey> OverlayKeys(const std::vector<RowKey>& stored,
                                const PendingRows::Changes& pending);
// How many of them go.
std::size_t CountDeleted(const PendingRows::Changes& pending);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_PENDING_ROWS_H_
