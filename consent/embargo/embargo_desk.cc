#include "consent/embargo/embargo_desk.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/tlog/leaf.h"
#include "consent/consent_state.h"
#include "consent/ledger/entry_row.h"
#include "consent/log/entry_reader.h"
#include "consent/log/logged_plans.h"

namespace limpid::consent {
namespace {

constexpr std::size_t kRowsPerRead = 256;
// Entries of one page together: well below what a message may have.
constexpr std::size_t kMaxPageBytes = std::size_t{1} << 20U;

absl::StatusOr<ToldAccess> ViewOf(const Consent::State& s,
                                  const PersonId& person, EmbargoedEntry entry,
                                  LoggedPlans& logged) {
  ToldAccess out;
  LIMPID_ASSIGN_OR_RETURN(out.view.entry,
                          receipt::AccessEntry::Decode(entry.entry));
  LIMPID_ASSIGN_OR_RETURN(const bool is_logged, logged.Has(entry.position));
  if (is_logged) out.view.stage = ReceiptStage::kLogged;
  out.view.service = s.catalogue.FindService(ServiceId(out.view.entry.service));
  out.view.leaf =
      tlog::CommitmentLeaf(tlog::LeafKind::kAccess, entry.Item().commitment);
  out.log = EmbargoLogOf(s.blinder, person, entry.days);
  out.days = entry.days;
  out.until = entry.until;
  out.opening = entry.opening;
  out.entry = std::move(entry.entry);
  return out;
}

// The embargoed entries of one person, the last committed first, so that a page
// of visible entries takes what each of them committed to. One search and one
// walk for a page: how long it takes says little about how many there are.
class EmbargoRows {
 public:
  EmbargoRows(const LedgerStore& store, const base::SecretBytes& key,
              const RowKey& newest, absl::Time now)
      : store_(store), key_(key), below_(newest), now_(now) {}

  struct Found {
    // In the order in which the visible entry commits to them.
    std::vector<receipt::EmbargoItem> items;
    // Leading ones that she was told of.
    std::size_t told_count = 0;
  };
  // Begins before what was committed at `high`.
  absl::Status Seek(std::uint64_t high);
  // Those committed behind `low` that were not taken yet. Without those that do
  // not open: the commitment to them is then not opened either.
  absl::StatusOr<Found> TakeBehind(std::uint64_t low);
  [[nodiscard]] bool damaged() const { return damaged_; }

 private:
  struct Row {
    std::uint64_t number = 0;
    std::uint64_t position = 0;
    receipt::EmbargoItem item;
    bool told = false;
  };

  // None, and damaged(), where the row does not open.
  std::optional<Row> Read(const PersonalRow& row);
  // The first that opens of the rows with the numbers [number, end).
  absl::StatusOr<std::optional<Row>> ReadFrom(std::uint64_t number,
                                              std::uint64_t end);
  // Fills read_ when it is used up; nothing more when it stays so.
  absl::Status Fill();

  const LedgerStore& store_;
  const base::SecretBytes& key_;
  RowKey below_;
  const absl::Time now_;
  bool at_end_ = false;
  bool damaged_ = false;
  std::vector<PersonalRow> read_;
  std::size_t next_ = 0;
};

std::optional<EmbargoRows::Row> EmbargoRows::Read(const PersonalRow& row) {
  const auto entry = OpenEmbargoed(key_, row);
  if (!entry.ok()) {
    damaged_ = true;
    return std::nullopt;
  }
  return Row{row.key.sequence, entry->position, entry->Item(),
             IsTold(row, *entry, now_)};
}

absl::StatusOr<std::optional<EmbargoRows::Row>> EmbargoRows::ReadFrom(
    std::uint64_t number, std::uint64_t end) {
  RowKey key = below_;
  for (key.sequence = number; key.sequence < end; ++key.sequence) {
    LIMPID_ASSIGN_OR_RETURN(const auto row, store_.Get(key));
    damaged_ = damaged_ || !row;
    if (!row) continue;
    if (const std::optional<Row> read = Read(*row)) return read;
  }
  return std::optional<Row>();
}

absl::Status EmbargoRows::Seek(std::uint64_t high) {
  LIMPID_ASSIGN_OR_RETURN(const auto newest,
                          store_.ListDown(below_, /*limit=*/1));
  // Rows are numbered from 1 without gaps, in commit order.
  std::uint64_t first = 1;
  std::uint64_t last = newest.empty() ? 1 : newest.front().key.sequence + 1;
  while (first < last) {
    const std::uint64_t middle = first + (last - first) / 2;
    LIMPID_ASSIGN_OR_RETURN(const auto read, ReadFrom(middle, last));
    if (read && read->position < high) {
      first = read->number + 1;
    } else {
      // Nothing from the middle on can be read and is before it.
      last = middle;
    }
  }
  below_.sequence = first;
  return absl::OkStatus();
}

absl::Status EmbargoRows::Fill() {
  if (next_ < read_.size() || at_end_) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(read_, store_.ListDown(below_, kRowsPerRead));
  next_ = 0;
  at_end_ = read_.size() < kRowsPerRead;
  if (!read_.empty()) below_.sequence = read_.back().key.sequence;
  return absl::OkStatus();
}

absl::StatusOr<EmbargoRows::Found> EmbargoRows::TakeBehind(std::uint64_t low) {
  std::vector<Row> rows;
  for (;;) {
    LIMPID_RETURN_IF_ERROR(Fill());
    if (next_ == read_.size()) break;
    const std::optional<Row> row = Read(read_[next_]);
    if (row && row->position <= low) break;
    if (row) rows.push_back(*row);
    ++next_;
  }
  std::reverse(rows.begin(), rows.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& left, const Row& right) {
                     return IsDatedEarlier(left.item, right.item);
                   });
  Found out;
  const auto waiting = std::find_if_not(
      rows.begin(), rows.end(), [](const Row& row) { return row.told; });
  out.told_count = static_cast<std::size_t>(waiting - rows.begin());
  for (const Row& row : rows) out.items.push_back(row.item);
  return out;
}

// Opens what a visible entry committed to, which is `found`.
absl::StatusOr<EmbargoOpening> OpeningOf(const Consent::State& s,
                                         const PersonId& person,
                                         const SealedEntry& content,
                                         const EmbargoRows::Found& found,
                                         absl::Time now) {
  EmbargoOpening out;
  LIMPID_ASSIGN_OR_RETURN(const auto entry,
                          receipt::AccessEntry::Decode(content.entry));
  out.entry = content.entry;
  out.opening = content.opening;
  const bool over =
      receipt::EmbargoUntil(entry.time, receipt::kMaxEmbargoDays) <= now;
  const AccessId access(entry.access);
  out.steps = receipt::OpenEmbargo(
      found.items,
      [&](std::uint32_t layer) {
        return EmbargoOpeningOf(s.blinder, person, access, layer);
      },
      found.told_count, over && found.told_count == found.items.size());
  // An entry of an earlier version committed to nothing.
  if (!receipt::VerifyEmbargo(entry.embargo, out.steps).ok()) out.steps.clear();
  return out;
}

}  // namespace

absl::StatusOr<std::optional<EmbargoedEntry>> FindTold(Consent::State& state,
                                                       const PersonId& person,
                                                       const AccessId& access) {
  std::optional<EmbargoedEntry> none;
  const std::uint64_t number = state.blinder.SequenceOf(access);
  if (number == 0 || number > INT64_MAX) return none;
  LIMPID_ASSIGN_OR_RETURN(const auto row,
                          state.parts.store.Get(EmbargoRowKey(
                              state.blinder.ShardOf(person), person, number)));
  // Not opened before its time: whether it is there would show in the time.
  if (!row || !IsTold(*row)) return none;
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, state.KeyOf(person));
  LIMPID_ASSIGN_OR_RETURN(EmbargoedEntry entry, OpenEmbargoed(*key, *row));
  if (!IsTold(*row, entry, state.parts.clock.Now())) return none;
  LIMPID_ASSIGN_OR_RETURN(const auto decoded,
                          receipt::AccessEntry::Decode(entry.entry));
  if (decoded.access != access.bytes()) return none;
  return std::optional<EmbargoedEntry>(std::move(entry));
}

absl::StatusOr<ToldPage> EmbargoDesk::ListTold(
    const PersonId& person, const std::optional<AccessId>& after,
    std::size_t limit) const {
  Consent::State& s = state_;
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, s.KeyOf(person));
  RowKey below = EmbargoRowKey(s.blinder.ShardOf(person), person, INT64_MAX);
  if (after) {
    LIMPID_ASSIGN_OR_RETURN(const auto known, FindTold(s, person, *after));
    if (!known) {
      return absl::InvalidArgumentError(
          "page_token: was not made for this call");
    }
    below.sequence = s.blinder.SequenceOf(*after);
  }
  const absl::Time now = s.parts.clock.Now();
  LoggedPlans logged(s.parts.store);
  ToldPage out;
  // Behind the last one of the page; the next page meets them too.
  std::size_t unreadable = 0;
  // Never a short page: it would say that there are others.
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(const auto rows,
                            s.parts.store.ListDown(below, kRowsPerRead));
    for (const PersonalRow& row : rows) {
      if (!IsTold(row)) continue;
      auto entry = OpenEmbargoed(*key, row);
      if (!entry.ok()) {
        ++unreadable;
        continue;
      }
      if (!IsTold(row, *entry, now)) continue;
      if (out.accesses.size() == limit) {
        out.next_after = AccessId(out.accesses.back().view.entry.access);
        return out;
      }
      LIMPID_ASSIGN_OR_RETURN(out.accesses.emplace_back(),
                              ViewOf(s, person, *std::move(entry), logged));
      out.unreadable += std::exchange(unreadable, 0);
    }
    if (rows.size() < kRowsPerRead) {
      out.unreadable += unreadable;
      return out;
    }
    below.sequence = rows.back().key.sequence;
  }
}

absl::StatusOr<EmbargoOpeningPage> EmbargoDesk::ListOpenings(
    const PersonId& person, std::uint64_t below, std::size_t limit) const {
  Consent::State& s = state_;
  LIMPID_ASSIGN_OR_RETURN(EntryReader reader, EntryReader::Make(s, person));
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, s.KeyOf(person));
  const std::uint16_t shard = s.blinder.ShardOf(person);
  const absl::Time now = s.parts.clock.Now();
  // One more, for where the last one's predecessor was committed.
  LIMPID_ASSIGN_OR_RETURN(
      const auto visible,
      s.parts.store.ListDown(
          EntryRowKey(shard, person, below == 0 ? INT64_MAX : below),
          limit + 1));
  EmbargoRows rows(s.parts.store, *key, EmbargoRowKey(shard, person, INT64_MAX),
                   now);
  EmbargoOpeningPage out;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < visible.size(); ++i) {
    if (i == limit || bytes > kMaxPageBytes) {
      out.next_below = visible[i].key.sequence + 1;
      break;
    }
    LIMPID_ASSIGN_OR_RETURN(const OpenedEntryRow opened,
                            reader.Open(visible[i]));
    if (i == 0) LIMPID_RETURN_IF_ERROR(rows.Seek(opened.link.position));
    std::uint64_t low = 0;
    if (i + 1 < visible.size()) {
      LIMPID_ASSIGN_OR_RETURN(const EntryLink before,
                              OpenLink(*key, visible[i + 1]));
      low = before.position;
    }
    LIMPID_ASSIGN_OR_RETURN(const EmbargoRows::Found found,
                            rows.TakeBehind(low));
    EmbargoOpening opening;
    if (opened.content) {
      LIMPID_ASSIGN_OR_RETURN(
          opening, OpeningOf(s, person, *opened.content, found, now));
    }
    opening.sequence = visible[i].key.sequence;
    bytes += opening.entry.size();
    for (const auto& step : opening.steps) bytes += step.message.size() + 40;
    out.openings.push_back(std::move(opening));
  }
  out.damaged = rows.damaged();
  return out;
}

}  // namespace limpid::consent
