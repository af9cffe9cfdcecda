#include "consent/training/consent_facts.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string_view>
#include <tuple>

#include "absl/status/status.h"
#include "common/base/wire.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kFactsLabel = "limpid/consent-facts/1";
constexpr absl::CivilMonth kFirstMonth(1970, 1);
// To the year 11969: a clock gone mad is no month.
constexpr std::uint32_t kMonthEnd = 120'000;
// Of two snapshots in tens: fewer than ten persons apart, or not to be told
// from it.
constexpr std::uint64_t kNeighbourTens = 1;
// In tens: with less between persons and withdrawn, fewer than ten can be left.
constexpr std::uint64_t kLeftTens = 2;

absl::Status Damaged() {
  return absl::DataLossError("the stored facts of a month are damaged");
}

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
      const auto found = left.extract(before.snapshot);
      Tens gone;
      gone.dataset = before.dataset;
      gone.snapshot = before.snapshot;
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

bool IsSound(const SnapshotFacts& facts, const std::set<SnapshotId>& before) {
  const std::uint64_t withdrawn = facts.withdrawn.value_or(0);
  return facts.persons % kFactsUnit == 0 && withdrawn % kFactsUnit == 0 &&
         withdrawn <= facts.persons && !before.contains(facts.snapshot) &&
         (facts.figures_of == facts.snapshot ||
          before.contains(facts.figures_of));
}

}  // namespace

base::Bytes ConsentFacts::Encode() const {
  base::ByteWriter out(kFactsLabel);
  out.U32(static_cast<std::uint32_t>(month - kFirstMonth))
      .U32(static_cast<std::uint32_t>(snapshots.size()));
  for (const SnapshotFacts& one : snapshots) {
    out.Raw(one.dataset.bytes())
        .Raw(one.snapshot.bytes())
        .Raw(one.figures_of.bytes())
        .U64(one.persons)
        .U8(one.withdrawn ? 1 : 0)
        .U64(one.withdrawn.value_or(0));
  }
  return out.Take();
}

absl::StatusOr<ConsentFacts> ConsentFacts::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kFactsLabel);
  ConsentFacts out;
  const std::uint32_t month = reader.U32();
  const std::uint32_t count = reader.U32();
  std::set<SnapshotId> before;
  bool sound = month < kMonthEnd;
  for (std::uint32_t i = 0; i < count && sound && !reader.failed(); ++i) {
    SnapshotFacts one;
    one.dataset = DatasetId(reader.Array<16>());
    one.snapshot = SnapshotId(reader.Array<16>());
    one.figures_of = SnapshotId(reader.Array<16>());
    one.persons = reader.U64();
    const std::uint8_t shown = reader.U8();
    const std::uint64_t withdrawn = reader.U64();
    if (shown == 1) one.withdrawn = withdrawn;
    sound =
        (shown == 1 || (shown == 0 && withdrawn == 0)) && IsSound(one, before);
    before.insert(one.snapshot);
    out.snapshots.push_back(one);
  }
  if (!sound || !reader.Finish().ok()) return Damaged();
  out.month = kFirstMonth + static_cast<absl::civil_diff_t>(month);
  return out;
}

absl::CivilMonth FactsMonth(absl::Time time) {
  return absl::ToCivilMonth(time, absl::UTCTimeZone());
}

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
    facts.dataset = one.dataset;
    facts.snapshot = one.snapshot;
    facts.figures_of = shown.snapshot;
    facts.persons = shown.persons * kFactsUnit;
    if (!hidden.contains(one.first)) {
      facts.withdrawn = shown.withdrawn * kFactsUnit;
    }
    out.snapshots.push_back(facts);
  }
  return out;
}

}  // namespace limpid::consent
