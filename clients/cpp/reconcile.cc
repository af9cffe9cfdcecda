#include "clients/cpp/reconcile.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace limpid::client {
namespace {

using receipt::ReleaseNote;
using Access = base::ByteArray<16>;

class Comparing {
 public:
  explicit Comparing(ReconcileInput input) : in_(std::move(input)) {}

  Reconciliation Run();

 private:
  [[nodiscard]] bool Within(absl::Time time) const {
    return in_.from <= time && time < in_.until;
  }
  void Add(Finding what, const Access& access, absl::Time time);
  void Index();
  // `asked`: whether it is of what is compared, and not of the margin.
  void CheckRelease(const ReleaseNote& note, bool asked);
  void CheckAgainst(const ReleaseNote& note, const PermittedEntry& entry);
  void CheckEntry(const PermittedEntry& entry);
  void NoteUnread();
  // Takes one that the release can be of, if there is one.
  bool TakeUnread(const ReleaseNote& note);

  ReconcileInput in_;
  std::map<Access, const PermittedEntry*> entries_;
  std::set<Access> released_;
  std::multiset<absl::Time> unread_;
  Reconciliation out_;
};

void Comparing::Add(Finding what, const Access& access, absl::Time time) {
  ++out_.count.at(static_cast<std::size_t>(what));
  if (out_.found.size() < kMaxShownFindings) {
    out_.found.push_back({what, access, time});
  }
}

void Comparing::Index() {
  // The earliest first, so that what comes twice is told of the later one.
  std::sort(in_.entries.begin(), in_.entries.end(),
            [](const PermittedEntry& left, const PermittedEntry& right) {
              return left.decided < right.decided;
            });
  std::sort(in_.releases.begin(), in_.releases.end(),
            [](const ReleaseNote& left, const ReleaseNote& right) {
              return left.handed_over < right.handed_over;
            });
  for (const PermittedEntry& entry : in_.entries) {
    if (!entries_.emplace(entry.access, &entry).second &&
        Within(entry.decided)) {
      Add(Finding::kEntryTwice, entry.access, entry.decided);
    }
  }
  unread_.insert(in_.erased.begin(), in_.erased.end());
  unread_.insert(in_.missing.begin(), in_.missing.end());
}

bool Comparing::TakeUnread(const ReleaseNote& note) {
  const auto at = unread_.lower_bound(note.handed_over - kReconcileMargin);
  if (at == unread_.end() || *at > note.handed_over + kReconcileTolerance) {
    return false;
  }
  // One entry explains one release.
  unread_.erase(at);
  return true;
}

void Comparing::CheckAgainst(const ReleaseNote& note,
                             const PermittedEntry& entry) {
  if (note.permitted != entry.permitted || note.lines != entry.lines ||
      note.released > note.permitted) {
    Add(Finding::kOtherLines, note.access, note.handed_over);
  }
  const absl::Time late = entry.decided + kReconcileMargin;
  if (entry.fenced && note.handed_over > *entry.fenced) {
    if (note.handed_over > late) {
      return Add(Finding::kAfterFence, note.access, note.handed_over);
    }
    ++out_.in_fence;
  }
  if (note.elapsed > std::min(note.lease, receipt::kMaxLease) ||
      note.handed_over > late ||
      note.handed_over < entry.decided - kReconcileTolerance) {
    Add(Finding::kAfterLease, note.access, note.handed_over);
  }
}

void Comparing::CheckRelease(const ReleaseNote& note, bool asked) {
  const bool first = released_.insert(note.access).second;
  if (!asked) return;
  ++out_.releases;
  if (!first) Add(Finding::kReleasedTwice, note.access, note.handed_over);
  const auto entry = entries_.find(note.access);
  if (entry != entries_.end()) return CheckAgainst(note, *entry->second);
  if (first && TakeUnread(note)) {
    ++out_.explained;
    return;
  }
  if (first) Add(Finding::kNoEntry, note.access, note.handed_over);
}

void Comparing::CheckEntry(const PermittedEntry& entry) {
  if (!Within(entry.decided)) return;
  ++out_.entries;
  if (released_.contains(entry.access)) {
    ++out_.matched;
  } else if (in_.lost_from - kReconcileMargin <= entry.decided &&
             entry.decided < in_.lost_until) {
    ++out_.not_comparable;
  } else {
    ++out_.unused;
  }
}

void Comparing::NoteUnread() {
  out_.erased = static_cast<std::uint64_t>(
      std::count_if(in_.erased.begin(), in_.erased.end(),
                    [this](absl::Time time) { return Within(time); }));
  for (const absl::Time time : in_.missing) {
    if (Within(time)) Add(Finding::kUnreadable, Access{}, time);
  }
  for (const absl::Time time : in_.damaged_batches) {
    Add(Finding::kBatchDamaged, Access{}, time);
  }
  for (const absl::Time time : in_.missing_batches) {
    Add(Finding::kBatchMissing, Access{}, time);
  }
  for (const Unlogged& one : in_.unlogged) {
    Add(Finding::kNotLogged, one.access, one.time);
  }
}

Reconciliation Comparing::Run() {
  Index();
  for (const ReleaseNote& note : in_.late) CheckRelease(note, true);
  for (const ReleaseNote& note : in_.releases) {
    CheckRelease(note, Within(note.handed_over));
  }
  for (const PermittedEntry& entry : in_.entries) CheckEntry(entry);
  NoteUnread();
  return std::move(out_);
}

}  // namespace

std::string_view FindingName(Finding finding) {
  switch (finding) {
    case Finding::kNoEntry:
      return "release without entry";
    case Finding::kReleasedTwice:
      return "released twice";
    case Finding::kEntryTwice:
      return "entry twice";
    case Finding::kOtherLines:
      return "other lines than permitted";
    case Finding::kAfterLease:
      return "outside its lease";
    case Finding::kAfterFence:
      return "after a withdrawal";
    case Finding::kUnreadable:
      return "entry does not open";
    case Finding::kBatchDamaged:
      return "batch of releases does not open";
    case Finding::kBatchMissing:
      return "batches of releases are missing";
    case Finding::kNotLogged:
      return "not in the public log";
  }
  return "";
}

std::uint64_t Reconciliation::finding_count() const {
  return std::accumulate(count.begin(), count.end(), std::uint64_t{0});
}

Reconciliation Reconcile(ReconcileInput input) {
  return Comparing(std::move(input)).Run();
}

absl::Status AlarmOf(const Reconciliation& result) {
  if (result.finding_count() == 0) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      "the vault's log and consent's do not agree: ", result.finding_count(),
      " finding(s)"));
}

}  // namespace limpid::client
