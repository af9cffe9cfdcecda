// The person's log as she reads it, with the operator's signed word on its end.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/tlog/leaf.h"
#include "consent/consent.h"
#include "consent/consent_state.h"
#include "consent/ledger/entry_row.h"
#include "consent/log/completions_seen.h"
#include "consent/log/entry_reader.h"
#include "consent/log/log_heads.h"
#include "consent/log/logged_plans.h"

namespace limpid::consent {
namespace {

// Rows read for one page: a filter that finds little must not hold a thread.
constexpr std::size_t kMaxScanned = 2'048;
constexpr std::size_t kRowsPerRead = 256;

absl::StatusOr<AccessView> ViewOf(const Consent::State& s,
                                  const PersonalRow& row,
                                  const OpenedEntryRow& opened,
                                  LoggedPlans& logged) {
  AccessView view;
  if (opened.content) {
    LIMPID_ASSIGN_OR_RETURN(
        view.entry, receipt::AccessEntry::Decode(opened.content->entry));
    view.content = opened.content->entry;
    view.opening = base::ToBytes(opened.content->opening);
  } else {
    view.entry.sequence = row.key.sequence;
    view.entry.time = absl::FromUnixMillis(row.created_ms);
    view.entry.previous = opened.link.previous;
    view.erasure = opened.erasure;
    view.missing = !opened.erasure;
  }
  LIMPID_ASSIGN_OR_RETURN(const bool is_logged,
                          logged.Has(opened.link.position));
  if (is_logged) view.stage = ReceiptStage::kLogged;
  view.service = s.catalogue.FindService(ServiceId(view.entry.service));
  view.leaf =
      tlog::CommitmentLeaf(tlog::LeafKind::kAccess, opened.link.commitment);
  return view;
}

// One page as it is collected.
struct Collecting {
  Consent::State& s;
  EntryReader& reader;
  const AccessFilter& filter;
  CompletionsSeen& seen;
  LoggedPlans logged;
  std::size_t limit = 0;
  AccessPage page;

  // Whether to go on.
  absl::StatusOr<bool> Take(const PersonalRow& row) {
    LIMPID_ASSIGN_OR_RETURN(const OpenedEntryRow opened, reader.Open(row));
    LIMPID_ASSIGN_OR_RETURN(AccessView view, ViewOf(s, row, opened, logged));
    seen.Note(view.entry);
    view.outcome = seen.OutcomeOf(view.entry);
    page.next_below = row.key.sequence > 1 ? row.key.sequence : 0;
    if (filter.EndsAt(view.entry)) {
      page.next_below = 0;
      return false;
    }
    // Of an erased entry only the time is known.
    if (opened.content ? filter.Matches(view.entry, s.parts.purposes)
                       : filter.MatchesTime(view.entry.time)) {
      page.entries.push_back(std::move(view));
    }
    return page.entries.size() < limit && page.next_below != 0;
  }
};

}  // namespace

absl::StatusOr<AccessPage> Consent::ListAccesses(const PersonId& person,
                                                 const AccessFilter& filter,
                                                 std::uint64_t below,
                                                 std::size_t limit) const {
  State& s = *state_;
  LIMPID_RETURN_IF_ERROR(filter.Check(s.parts.purposes));
  LIMPID_ASSIGN_OR_RETURN(EntryReader reader, EntryReader::Make(s, person));
  RowKey from = EntryRowKey(s.blinder.ShardOf(person), person,
                            below == 0 ? INT64_MAX : below);
  CompletionsSeen seen(s.parts.clock.Now());
  if (below != 0) {
    LIMPID_RETURN_IF_ERROR(seen.ReadNewer(s.parts.store, reader, from));
  }
  Collecting out{s,     reader, filter, seen, LoggedPlans(s.parts.store),
                 limit, {}};
  // Before the rows: the first page never ends behind what its head names.
  LIMPID_ASSIGN_OR_RETURN(out.page.signed_head, SignLogHead(s, person));
  for (std::size_t scanned = 0; scanned < kMaxScanned;) {
    LIMPID_ASSIGN_OR_RETURN(const auto rows,
                            s.parts.store.ListDown(from, kRowsPerRead));
    if (rows.empty()) break;
    for (const PersonalRow& row : rows) {
      LIMPID_ASSIGN_OR_RETURN(const bool more, out.Take(row));
      if (!more) return std::move(out.page);
    }
    scanned += rows.size();
    from.sequence = rows.back().key.sequence;
  }
  return std::move(out.page);
}

}  // namespace limpid::consent
