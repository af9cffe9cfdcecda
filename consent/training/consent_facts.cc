#include "consent/training/consent_facts.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <tuple>

namespace limpid::consent {
namespace {

// Of two snapshots in tens: fewer than ten persons apart, or not to be told
// from it.
constexpr std::uint64_t kNeighbourTens = 1;
// In tens: with less between persons and withdrawn, fewer than ten can be left.
constexpr std::uint64_t kLeftTens = 2;

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

// The first of each group that must not show who withdrew.
std::set<std::size_t> Hidden(const std::vector<Tens>& all) {
  std::set<std::size_t> out;
  for (const Tens& one : all) {
    if (one.persons - one.withdrawn < kLeftTens) out.insert(one.first);
  }
  return out;
}

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
  const std::set<std::size_t> hidden = Hidden(all);
  ConsentFacts out;
  out.month = month;
  for (const Tens& one : all) {
    const Tens& shown = all[one.first];
    SnapshotFacts facts;
    facts.dataset = one.dataset.bytes();
    facts.snapshot = one.snapshot.bytes();
    facts.figures_of = shown.snapshot.bytes();
    facts.persons = shown.persons * kFactsUnit;
    if (!hidden.contains(one.first)) {
      facts.withdrawn = shown.withdrawn * kFactsUnit;
    }
    out.snapshots.push_back(facts);
  }
  return out;
}

}  // namespace limpid::consent
