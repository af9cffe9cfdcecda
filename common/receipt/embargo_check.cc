#include "common/receipt/embargo_check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/receipt/access_entry.h"

namespace limpid::receipt {
namespace {

// Where a visible entry committed to one under embargo: between two times.
struct Place {
  std::uint64_t sequence = 0;
  absl::Time from;
  absl::Time to;
  absl::Time until;
  bool used = false;
};

// A stretch of the visible log whose commitments cannot be read.
struct Gap {
  absl::Time from;
  absl::Time to;
};

class Judging {
 public:
  explicit Judging(absl::Time now) : now_(now) {}

  void Visible(std::span<const ShownEntry> visible);
  void Told(std::span<const ToldEntry> told);
  EmbargoFindings Result();

 private:
  void Alarm(std::uint64_t sequence, std::string_view what);
  // The entry, when it is what its commitment says; notes it otherwise.
  std::optional<AccessEntry> Read(const ShownEntry& shown);
  void Open(const ShownEntry& shown, const AccessEntry& entry,
            absl::Time before);
  void Match(const ToldEntry& told, const AccessEntry& entry,
             const base::Digest32& commitment);

  const absl::Time now_;
  EmbargoFindings out_;
  std::map<base::Digest32, Place> places_;
  std::vector<Gap> gaps_;
};

void Judging::Alarm(std::uint64_t sequence, std::string_view what) {
  out_.alarms.push_back(absl::StrCat("Entry ", sequence, base::ToAbsl(what)));
}

std::optional<AccessEntry> Judging::Read(const ShownEntry& shown) {
  if (shown.entry.empty()) {
    ++out_.erased_count;
    return std::nullopt;
  }
  auto entry = AccessEntry::Decode(shown.entry);
  if (!entry.ok() || entry->sequence != shown.sequence ||
      CommitAccessEntry(shown.opening, shown.entry) != shown.commitment) {
    Alarm(shown.sequence, " of your log is not what the log committed to.");
    return std::nullopt;
  }
  return *std::move(entry);
}

void Judging::Open(const ShownEntry& shown, const AccessEntry& entry,
                   absl::Time before) {
  const auto opened = VerifyEmbargo(entry.embargo, shown.steps);
  if (!opened.ok()) {
    Alarm(shown.sequence,
          " of your log committed to something else than what is shown.");
    return;
  }
  for (const EmbargoItem& item : opened->items) {
    const bool added =
        places_
            .try_emplace(item.commitment,
                         Place{shown.sequence, before, entry.time, item.until})
            .second;
    if (!added) {
      Alarm(shown.sequence, " of your log commits to an access once more.");
    }
  }
  if (opened->complete) {
    ++out_.complete_count;
  } else if (now_ > EmbargoUntil(entry.time, kMaxEmbargoDays) + kEmbargoGrace) {
    Alarm(shown.sequence,
          " of your log is older than the longest embargo and is still not "
          "opened to its end.");
  } else {
    ++out_.closed_count;
  }
}

void Judging::Visible(std::span<const ShownEntry> visible) {
  absl::Time before = absl::InfinitePast();
  bool gap = false;
  for (const ShownEntry& shown : visible) {
    const auto entry = Read(shown);
    if (!entry) {
      gap = true;
      continue;
    }
    if (std::exchange(gap, false)) gaps_.push_back({before, entry->time});
    Open(shown, *entry, before);
    before = entry->time;
  }
  if (gap) gaps_.push_back({before, absl::InfiniteFuture()});
}

void Judging::Match(const ToldEntry& told, const AccessEntry& entry,
                    const base::Digest32& commitment) {
  const auto at = places_.find(commitment);
  if (at == places_.end()) {
    const bool in_gap =
        std::any_of(gaps_.begin(), gaps_.end(), [&entry](const Gap& gap) {
          return gap.from <= entry.time && entry.time <= gap.to;
        });
    if (in_gap || told.late) {
      ++out_.unproven_count;
    } else {
      Alarm(entry.sequence,
            " of those under embargo is one that your log did not commit to.");
    }
    return;
  }
  Place& place = at->second;
  place.used = true;
  if (place.until != told.until || entry.time < place.from ||
      entry.time > place.to) {
    Alarm(entry.sequence,
          " of those under embargo has another time than your log committed "
          "to.");
    return;
  }
  ++out_.proven_count;
}

void Judging::Told(std::span<const ToldEntry> told) {
  struct End {
    std::uint64_t sequence = 0;
    base::Digest32 commitment{};
  };
  std::vector<std::pair<AccessEntry, const ToldEntry*>> all;
  for (const ToldEntry& one : told) {
    auto entry = AccessEntry::Decode(one.entry);
    if (entry.ok()) {
      all.emplace_back(*std::move(entry), &one);
    } else {
      out_.alarms.emplace_back("An entry under embargo cannot be read.");
    }
  }
  std::sort(all.begin(), all.end(), [](const auto& left, const auto& right) {
    return std::tie(left.second->log, left.first.sequence) <
           std::tie(right.second->log, right.first.sequence);
  });
  std::map<base::ByteArray<16>, End> ends;
  for (const auto& [entry, one] : all) {
    const base::Digest32 commitment =
        CommitAccessEntry(one->opening, one->entry);
    End& end = ends[one->log];
    if (entry.sequence != end.sequence + 1 ||
        entry.previous != end.commitment) {
      Alarm(entry.sequence,
            " of those under embargo does not follow the one before it.");
    }
    end = {entry.sequence, commitment};
    if (one->days == 0 || one->days > kMaxEmbargoDays ||
        one->until != EmbargoUntil(entry.time, one->days) ||
        entry.embargo != EmbargoTerms(one->log, one->days, one->until)) {
      Alarm(entry.sequence,
            " of those under embargo stood under other terms than are shown.");
    }
    if (one->days > one->agreed_days || entry.basis != one->agreed_basis) {
      Alarm(entry.sequence,
            " of those under embargo was kept longer than its agreement says.");
    }
    Match(*one, entry, commitment);
  }
}

EmbargoFindings Judging::Result() {
  for (const auto& [commitment, place] : places_) {
    if (place.used) continue;
    Alarm(place.sequence,
          " of your log committed to an access that is not shown.");
  }
  return std::move(out_);
}

}  // namespace

EmbargoFindings CheckEmbargo(std::span<const ShownEntry> visible,
                             std::span<const ToldEntry> told, absl::Time now) {
  Judging judging(now);
  judging.Visible(visible);
  judging.Told(told);
  return judging.Result();
}

}  // namespace limpid::receipt
