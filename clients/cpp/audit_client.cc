#include "clients/cpp/audit_client.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/paging.h"
#include "clients/cpp/wire_time.h"
#include "common/base/status_macros.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;

// Making a listing reads the whole store.
constexpr absl::Duration kPatience = absl::Minutes(2);
constexpr Method kListEntries = {
    "/limpid.consent.v1.AuditService/ListAuditEntries", true, kPatience};
constexpr Method kListTicks = {"/limpid.consent.v1.AuditService/ListAuditTicks",
                               true};
constexpr int kPageSize = 200;
// A month of an operator with thirty reads a second, and ten years of a tick a
// second.
constexpr std::size_t kMostEntries = 100'000'000;
constexpr std::size_t kMostTicks = 400'000'000;

// Whether an entry was decided so long ago that it has to be in the log.
bool IsOverdue(const v1::AuditEntry& entry, const ListedWhen& when) {
  absl::Time decided_by = when.until;
  if (entry.has_time()) {
    // The hour's beginning.
    decided_by = std::min(decided_by, TimeOf(entry.time()) + absl::Hours(1));
  }
  return decided_by < when.now - kLogGrace;
}

// The listed entries that name a tick.
struct Named {
  std::uint64_t count = 0;
  std::uint64_t overdue = 0;
};

std::map<std::uint64_t, Named> CountByTick(
    const std::vector<v1::AuditEntry>& entries, const ListedWhen& when,
    Completeness& out) {
  std::map<std::uint64_t, Named> counts;
  for (const v1::AuditEntry& entry : entries) {
    if (entry.content() == v1::AUDIT_CONTENT_ERASED) ++out.erased;
    if (entry.content() == v1::AUDIT_CONTENT_MISSING) ++out.missing;
    if (entry.content() == v1::AUDIT_CONTENT_UNDER_EMBARGO) {
      ++out.under_embargo;
    }
    const std::uint64_t overdue = IsOverdue(entry, when) ? 1 : 0;
    if (entry.logged()) {
      Named& named = counts[entry.tick_first_index()];
      ++named.count;
      named.overdue += overdue;
    } else {
      ++out.waiting;
      out.overdue += overdue;
    }
  }
  return counts;
}

// A tick's entries, and how many of them are listed.
struct Listed {
  std::uint64_t entries = 0;
  std::uint64_t named = 0;
};

void AccountPadding(const receipt::Tick& tick,
                    std::span<const base::Bytes> leaves, Completeness& out) {
  const std::uint64_t padding = tick.leaf_count - tick.entry_count;
  if (!receipt::CheckTick(tick, leaves).ok()) {
    out.unexplained += padding;
  } else {
    out.padding += padding;
  }
}

// Newest first.
void AccountEntries(const std::vector<Listed>& ticks, Completeness& out) {
  const auto is_named = [](const Listed& tick) { return tick.named > 0; };
  const auto last = std::find_if(ticks.begin(), ticks.end(), is_named);
  const auto first = std::find_if(ticks.rbegin(), ticks.rend(), is_named);
  for (auto tick = ticks.begin(); tick != ticks.end(); ++tick) {
    if (tick->named == tick->entries) {
      ++out.complete_ticks;
      out.listed += tick->named;
    } else if (tick > last && tick + 1 < first.base()) {
      out.left_out += tick->entries - tick->named;
      out.listed += tick->named;
    } else {
      out.elsewhere += tick->entries;
    }
  }
}

}  // namespace

absl::StatusOr<Completeness> CheckCompleteness(
    const std::vector<v1::AuditEntry>& entries,
    const std::vector<receipt::Tick>& ticks,
    std::span<const base::Bytes> leaves, const ListedWhen& when) {
  Completeness out;
  std::map<std::uint64_t, Named> named = CountByTick(entries, when, out);
  std::uint64_t end = leaves.size();
  std::vector<Listed> listed;
  for (const receipt::Tick& tick : ticks) {
    // Made after the log was read.
    if (tick.first_index >= leaves.size() && end == leaves.size()) {
      out.waiting += named[tick.first_index].count;
      out.behind_end += named[tick.first_index].overdue;
      named.erase(tick.first_index);
      continue;
    }
    // Compared without sums: an operator's numbers may be made to wrap.
    if (tick.leaf_count == 0 || tick.leaf_count > end ||
        tick.first_index != end - tick.leaf_count ||
        tick.entry_count > tick.leaf_count) {
      return absl::DataLossError("the ticks do not cover the public log");
    }
    const std::uint64_t count = named[tick.first_index].count;
    if (count > tick.entry_count) {
      return absl::DataLossError("more entries name a tick than it has");
    }
    AccountPadding(tick, leaves.subspan(tick.first_index, tick.leaf_count),
                   out);
    listed.push_back({tick.entry_count, count});
    named.erase(tick.first_index);
    end = tick.first_index;
  }
  if (end != 0) {
    return absl::DataLossError("the ticks do not cover the public log");
  }
  if (!named.empty()) {
    return absl::DataLossError("entries name a tick that is not there");
  }
  AccountEntries(listed, out);
  return out;
}

absl::Status AlarmOf(const Completeness& found, LogSource source) {
  const bool is_copy = source == LogSource::kCopy;
  const std::uint64_t overdue =
      found.overdue + (is_copy ? 0 : found.behind_end);
  if (found.left_out + found.missing + found.unexplained + overdue == 0) {
    if (found.behind_end == 0) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat(
        "this copy of the public log ends before ", found.behind_end,
        " entries that were decided more than an hour ago: nothing can be said "
        "of them"));
  }
  return absl::DataLossError(absl::StrCat(
      found.left_out, " entries of the period are left out, ", found.missing,
      " do not open without a reason, ", found.unexplained,
      " leaves of the public log are unexplained, ", overdue,
      " entries are not in the public log an hour after they were decided"));
}

absl::StatusOr<std::vector<v1::AuditEntry>> AuditClient::ListEntries(
    absl::Time from, absl::Time until) {
  v1::ListAuditEntriesRequest request;
  request.mutable_from_time()->set_seconds(absl::ToUnixSeconds(from));
  request.mutable_until_time()->set_seconds(absl::ToUnixSeconds(until));
  request.set_page_size(kPageSize);
  std::vector<v1::AuditEntry> out;
  PageWalk walk(EmptyPage::kMayBeFollowed, kMostEntries);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(auto page, Invoke<v1::ListAuditEntriesResponse>(
                                           connection_, kListEntries, request));
    for (v1::AuditEntry& entry : *page.mutable_entries()) {
      out.push_back(std::move(entry));
    }
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(page.next_page_token(),
                        static_cast<std::size_t>(page.entries_size())));
    request.set_page_token(page.next_page_token());
  }
  return out;
}

absl::StatusOr<std::vector<receipt::Tick>> AuditClient::ListTicks() {
  v1::ListAuditTicksRequest request;
  request.set_page_size(kPageSize);
  std::vector<receipt::Tick> out;
  PageWalk walk(EmptyPage::kEnds, kMostTicks);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(
        const auto page,
        Invoke<v1::ListAuditTicksResponse>(connection_, kListTicks, request));
    for (const v1::AuditTick& tick : page.ticks()) {
      const auto seed = base::ToArray<32>(base::AsBytes(tick.seed()));
      if (!seed.ok()) return absl::DataLossError("a tick has no seed");
      out.push_back(
          {tick.first_index(), tick.leaf_count(), tick.entry_count(), *seed});
    }
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(page.next_page_token(),
                        static_cast<std::size_t>(page.ticks_size())));
    request.set_page_token(page.next_page_token());
  }
  return out;
}

}  // namespace limpid::client
