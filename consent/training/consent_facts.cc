#include "consent/training/consent_facts.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace limpid::consent {
namespace {

// Of two snapshots in tens: fewer than ten persons apart, or not to be told
// from it.
constexpr std::uint64_t kNeighbourTens = 1;
// In tens: with less between persons and withdrawn, fewer than ten can be left.
constexpr std::uint64_t kLeftTens = 2;
// In tens, of the figures of two snapshots: with less between those who
// withdrew, or between those who are left, the persons whom one has more can
// have fewer than ten of them. The four remainders can take away 9 and 18.
constexpr std::int64_t kMoreWithdrawnTens = 2;
constexpr std::int64_t kMoreLeftTens = 3;

// What is left of an exact count; everything below works on these.
struct Tens {
  DatasetId dataset;
  SnapshotId snapshot;
  std::uint64_t persons = 0;
  std::uint64_t withdrawn = 0;
  // Place in the list of the earliest it is linked with.
  std::size_t first = 0;
};

Tens TensOf(const ExactCount& exact) {
  Tens out;
  out.dataset = exact.dataset;
  out.snapshot = exact.snapshot;
  out.persons = exact.persons / kFactsUnit;
  out.withdrawn = std::min(exact.withdrawn, exact.persons) / kFactsUnit;
  return out;
}

// Those that appear, earlier ones first.
std::vector<Tens> Ordered(const std::optional<ConsentFacts>& published,
                          const std::vector<ExactCount>& exact) {
  std::map<SnapshotId, Tens> left;
  std::set<SnapshotId> appears;
  for (const ExactCount& one : exact) {
    const Tens tens = TensOf(one);
    left.emplace(one.snapshot, tens);
    if (tens.persons > 0 || one.committed) appears.insert(one.snapshot);
  }
  std::vector<Tens> out;
  if (published) {
    for (const SnapshotFacts& before : published->snapshots) {
      const auto found = left.extract(SnapshotId(before.snapshot));
      Tens gone;
      gone.dataset = DatasetId(before.dataset);
      gone.snapshot = SnapshotId(before.snapshot);
      out.push_back(found ? found.mapped() : gone);
    }
  }
  for (const auto& [id, tens] : left) {
    if (appears.contains(id)) out.push_back(tens);
  }
  return out;
}

// Links what must not be told apart: in order of size each group is a run
// without a gap.
void Link(std::vector<Tens>& all) {
  std::vector<std::size_t> by_size(all.size());
  for (std::size_t i = 0; i < by_size.size(); ++i) by_size[i] = i;
  std::sort(by_size.begin(), by_size.end(),
            [&](std::size_t left, std::size_t right) {
              return std::tie(all[left].dataset, all[left].persons, left) <
                     std::tie(all[right].dataset, all[right].persons, right);
            });
  for (std::size_t begin = 0; begin < by_size.size();) {
    std::size_t first = by_size[begin];
    std::size_t end = begin + 1;
    for (; end < by_size.size(); ++end) {
      const Tens& smaller = all[by_size[end - 1]];
      const Tens& next = all[by_size[end]];
      if (next.dataset != smaller.dataset ||
          next.persons - smaller.persons > kNeighbourTens) {
        break;
      }
      first = std::min(first, by_size[end]);
    }
    for (; begin < end; ++begin) all[by_size[begin]].first = first;
  }
}

// The first of each group in which fewer than ten can be left.
std::set<std::size_t> FewLeft(const std::vector<Tens>& all) {
  std::set<std::size_t> out;
  for (const Tens& one : all) {
    if (one.persons - one.withdrawn < kLeftTens) out.insert(one.first);
  }
  return out;
}

// Whether the difference of two figures is nothing, or of many who withdrew
// and many who are left: one may be a part of the other.
bool DifferByMany(const Tens& one, const Tens& other) {
  const auto persons =
      std::abs(static_cast<std::int64_t>(one.persons - other.persons));
  const auto withdrawn = static_cast<std::int64_t>(
      one.persons < other.persons ? other.withdrawn - one.withdrawn
                                  : one.withdrawn - other.withdrawn);
  return (persons == 0 && withdrawn == 0) ||
         (withdrawn >= kMoreWithdrawnTens &&
          persons - withdrawn >= kMoreLeftTens);
}

// Who withdrew, as the month before showed it, by the snapshot it was of.
std::map<SnapshotId, Tens> ShownBefore(
    const std::optional<ConsentFacts>& published) {
  std::map<SnapshotId, Tens> out;
  if (!published) return out;
  for (const SnapshotFacts& one : published->snapshots) {
    if (!one.withdrawn || one.figures_of != one.snapshot) continue;
    Tens tens;
    tens.dataset = DatasetId(one.dataset);
    tens.snapshot = SnapshotId(one.snapshot);
    tens.persons = one.persons / kFactsUnit;
    tens.withdrawn = *one.withdrawn / kFactsUnit;
    out.emplace(tens.snapshot, tens);
  }
  return out;
}

// Decides group by group which show who withdrew.
class Showing {
 public:
  Showing(const std::vector<Tens>& all,
          const std::optional<ConsentFacts>& published)
      : all_(all), before_(ShownBefore(published)) {
    for (const Tens& one : all) first_of_.emplace(one.snapshot, one.first);
  }

  // The first of each group that shows it.
  std::set<std::size_t> Shown() && {
    const std::set<std::size_t> few = FewLeft(all_);
    std::vector<std::size_t> in_turn;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (all_[i].first == i && !few.contains(i)) in_turn.push_back(i);
    }
    // What was shown is known, so it has the right of way; of two, the larger
    // is hidden.
    const auto place = [this](std::size_t i) {
      return std::tuple(!WasShown(i), all_[i].persons, i);
    };
    std::sort(in_turn.begin(), in_turn.end(),
              [&](std::size_t left, std::size_t right) {
                return place(left) < place(right);
              });
    for (const std::size_t i : in_turn) {
      if (MayShow(i)) shown_.insert(i);
    }
    return std::move(shown_);
  }

 private:
  [[nodiscard]] bool WasShown(std::size_t i) const {
    return before_.contains(all_[i].snapshot);
  }
  [[nodiscard]] bool MayShow(std::size_t i) const {
    const Tens& one = all_[i];
    const auto may_stand_beside = [&one](const Tens& other) {
      return other.dataset != one.dataset || DifferByMany(one, other);
    };
    for (const std::size_t other : shown_) {
      if (!may_stand_beside(all_[other])) return false;
    }
    if (WasShown(i)) return true;
    // A figure of the month before that has none in its place now.
    for (const auto& [snapshot, tens] : before_) {
      const std::size_t group = first_of_.at(snapshot);
      if (group != i && !shown_.contains(group) && !may_stand_beside(tens)) {
        return false;
      }
    }
    return true;
  }

  const std::vector<Tens>& all_;
  const std::map<SnapshotId, Tens> before_;
  std::map<SnapshotId, std::size_t> first_of_;
  std::set<std::size_t> shown_;
};

}  // namespace

bool IsFactsTurn(const std::optional<ConsentFacts>& published,
                 absl::CivilMonth month) {
  return !published || published->month < month;
}

ConsentFacts NextFacts(const std::optional<ConsentFacts>& published,
                       absl::CivilMonth month,
                       const std::vector<ExactCount>& exact) {
  if (!IsFactsTurn(published, month)) return *published;
  std::vector<Tens> all = Ordered(published, exact);
  Link(all);
  const std::set<std::size_t> showing = Showing(all, published).Shown();
  ConsentFacts out;
  out.month = month;
  for (const Tens& one : all) {
    const Tens& shown = all[one.first];
    SnapshotFacts facts;
    facts.dataset = one.dataset.bytes();
    facts.snapshot = one.snapshot.bytes();
    facts.figures_of = shown.snapshot.bytes();
    facts.persons = shown.persons * kFactsUnit;
    if (showing.contains(one.first)) {
      facts.withdrawn = shown.withdrawn * kFactsUnit;
    }
    out.snapshots.push_back(facts);
  }
  return out;
}

}  // namespace limpid::consent
