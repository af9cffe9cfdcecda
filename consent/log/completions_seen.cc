#include "consent/log/completions_seen.h"

#include <algorithm>
#include <vector>

#include "common/base/status_macros.h"
#include "consent/ledger/entry_row.h"
#include "consent/log/completion_book.h"

namespace limpid::consent {
namespace {

constexpr std::size_t kRowsPerRead = 256;

bool IsRelease(const receipt::AccessEntry& entry) {
  return entry.kind == receipt::AccessKind::kReleaseDecided &&
         std::any_of(entry.lines.begin(), entry.lines.end(),
                     [](const receipt::AccessLine& line) {
                       return line.reason == receipt::Reason::kReleased;
                     });
}

}  // namespace

absl::Status CompletionsSeen::ReadNewer(const LedgerStore& store,
                                        EntryReader& reader,
                                        const RowKey& from) {
  // Nothing on the page is younger than the entry right above it.
  std::int64_t horizon_ms = 0;
  RowKey above = from;
  for (std::size_t read = 0; read < kMaxNewer; read += kRowsPerRead) {
    const std::uint64_t first = from.sequence + read;
    above.sequence = first + kRowsPerRead;
    LIMPID_ASSIGN_OR_RETURN(const std::vector<PersonalRow> rows,
                            store.ListDown(above, kRowsPerRead));
    std::size_t newer = 0;
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
      if (row->key.sequence < first) continue;
      ++newer;
      if (horizon_ms == 0) {
        horizon_ms =
            row->created_ms + absl::ToInt64Milliseconds(kCompletionWindow);
      }
      if (row->created_ms > horizon_ms) return absl::OkStatus();
      LIMPID_ASSIGN_OR_RETURN(const OpenedEntryRow opened, reader.Open(*row));
      if (!opened.content) continue;
      LIMPID_ASSIGN_OR_RETURN(const auto entry, receipt::AccessEntry::Decode(
                                                    opened.content->entry));
      Note(entry);
    }
    // The end of the log.
    if (newer < kRowsPerRead) return absl::OkStatus();
  }
  cut_short_ = true;
  return absl::OkStatus();
}

void CompletionsSeen::Note(const receipt::AccessEntry& entry) {
  for (const receipt::Completion& one : entry.completions) {
    seen_.emplace(one.sequence, one.outcome);
  }
}

ShownOutcome CompletionsSeen::OutcomeOf(
    const receipt::AccessEntry& entry) const {
  if (!IsRelease(entry)) return ShownOutcome::kNone;
  const auto at = seen_.find(entry.sequence);
  // The same numbers.
  if (at != seen_.end()) return static_cast<ShownOutcome>(at->second);
  if (now_ < entry.time + kUnfinishedAfter) return ShownOutcome::kPending;
  return cut_short_ ? ShownOutcome::kNone : ShownOutcome::kUnfinished;
}

}  // namespace limpid::consent
