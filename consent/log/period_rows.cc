#include "consent/log/period_rows.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/base/status_macros.h"
#include "consent/embargo/embargoed.h"
#include "consent/ledger/entry_row.h"

namespace limpid::consent {
namespace {

constexpr std::size_t kRowsPerRead = 1'024;

// Rows of a kind in one state.
struct Rows {
  RowKind kind;
  std::uint8_t state;
};
constexpr Rows Entries(EntryForm form) {
  return {RowKind::kEntry, static_cast<std::uint8_t>(form)};
}
constexpr Rows Embargoed(EmbargoRowState state) {
  return {RowKind::kEmbargoed, static_cast<std::uint8_t>(state)};
}
// What a row can become comes behind it: one that changes meanwhile is met.
constexpr std::array kRows = {
    Entries(EntryForm::kKeyed),         Entries(EntryForm::kWrapped),
    Entries(EntryForm::kErased),        Embargoed(EmbargoRowState::kWaiting),
    Embargoed(EmbargoRowState::kTold),  Entries(EntryForm::kAccountErased),
    Embargoed(EmbargoRowState::kErased)};

absl::Status ForEachIn(
    const LedgerStore& store, const Rows& rows, std::int64_t from,
    std::int64_t until,
    absl::FunctionRef<absl::Status(const PersonalRow& row)> take) {
  RowKey after;
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(
        const auto keys,
        store.InState(rows.kind, rows.state, after, kRowsPerRead));
    for (const RowKey& key : keys) {
      LIMPID_ASSIGN_OR_RETURN(const auto row, store.Get(key));
      // Changed in between: it comes with the other state.
      if (!row || row->state != rows.state) continue;
      if (row->created_ms < from || row->created_ms >= until) continue;
      LIMPID_RETURN_IF_ERROR(take(*row));
    }
    if (keys.size() < kRowsPerRead) return absl::OkStatus();
    after = keys.back();
  }
}

}  // namespace

absl::Status ForEachEntryRow(
    const LedgerStore& store, absl::Time from, absl::Time until,
    absl::FunctionRef<absl::Status(const PersonalRow& row)> take) {
  for (const Rows& rows : kRows) {
    LIMPID_RETURN_IF_ERROR(ForEachIn(store, rows, absl::ToUnixMillis(from),
                                     absl::ToUnixMillis(until), take));
  }
  return absl::OkStatus();
}

}  // namespace limpid::consent
