// What is asked of the index. How versions get into it: index.cc; what is
// alike: index_similar.cc.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/search/index.h"
#include "algoregister/search/scoring.h"

namespace limpid::algoregister::search {
namespace {

constexpr std::uint32_t kDayYear = 10'000;
constexpr std::uint32_t kDayMonth = 100;

absl::Time StartOf(base::Day day) {
  const absl::CivilDay civil(day / kDayYear, day / kDayMonth % kDayMonth,
                             day % kDayMonth);
  return absl::FromCivil(civil, absl::UTCTimeZone());
}

bool HasAny(const std::vector<ValueId>& have,
            const std::vector<ValueId>& want) {
  return std::any_of(want.begin(), want.end(), [&have](ValueId id) {
    return std::binary_search(have.begin(), have.end(), id);
  });
}

}  // namespace

// What a query gives each document that has one of its words.
struct SearchIndex::Scored {
  struct Cell {
    // Of the groups before the last one.
    float total = 0;
    // Of the last group: its best word counts, whatever order they come in.
    float best = 0;
    std::uint16_t group_count = 0;
    // From 1.
    std::uint16_t last_group = 0;

    [[nodiscard]] float Score() const { return total + best; }
  };
  // By Place.
  std::vector<Cell> cells;
  // Places with a word, each once.
  std::vector<Place> found;

  // The cell of `place`, ready for a score of `group`.
  Cell& Enter(Place place, std::uint16_t group);
};

SearchIndex::Scored::Cell& SearchIndex::Scored::Enter(Place place,
                                                      std::uint16_t group) {
  Cell& cell = cells[place];
  if (cell.last_group == group) return cell;
  if (cell.group_count == 0) found.push_back(place);
  cell.total += cell.best;
  cell.best = 0;
  cell.last_group = group;
  ++cell.group_count;
  return cell;
}

SearchIndex::Compiled SearchIndex::Compile(const Filter& filter) const {
  Compiled out;
  for (const auto& [name, values] : filter.facets) {
    const auto facet = FindFacet(name);
    if (!facet) continue;
    auto& [place, ids] = out.facets.emplace_back();
    place = *facet;
    for (const std::string& value : values) {
      const auto id = values_.Find({.facet = *facet, .value = value});
      if (id) ids.push_back(*id);
    }
  }
  out.title_key = FoldTitle(filter.title_prefix);
  if (filter.changed_since != 0) out.since = StartOf(filter.changed_since);
  out.include_retired = filter.include_retired;
  return out;
}

Bits SearchIndex::Matching(const Compiled& filter) const {
  const std::size_t all = documents_.size();
  Bits out = filter.include_retired ? Bits(all, true) : columns_.active;
  for (const auto& [place, ids] : filter.facets) {
    Bits any(all);
    for (const ValueId id : ids) {
      if (id < having_.size()) having_[id].AddTo(any);
    }
    out.Keep(any);
  }
  if (filter.since == absl::InfinitePast() && filter.title_key.empty()) {
    return out;
  }
  Bits matching(all);
  out.ForEach([&](Place place) {
    if (columns_.draft_time[place] >= filter.since &&
        documents_[place].title_key.starts_with(filter.title_key)) {
      matching.Set(place);
    }
  });
  return matching;
}

bool SearchIndex::Matches(const Compiled& filter,
                          const ChangeRecord& change) const {
  if (change.draft_time < filter.since) return false;
  const Indexed& document = documents_[change.place];
  if (!document.title_key.starts_with(filter.title_key)) return false;
  return std::all_of(filter.facets.begin(), filter.facets.end(),
                     [&](const auto& facet) {
                       const auto& [place, ids] = facet;
                       if (Facets()[place].source == FacetSource::kEvidence) {
                         return HasAny(document.values, ids);
                       }
                       return HasAny(change.values, ids) ||
                              (change.previous &&
                               HasAny(changes_[*change.previous].values, ids));
                     });
}

double SearchIndex::Idf(double document_count) const {
  const auto all = static_cast<double>(documents_.size());
  const double count = std::min(document_count, all);
  return std::log(1 + (all - count + 0.5) / (count + 0.5));
}

SearchIndex::Scored SearchIndex::Score(std::span<const WordGroup> groups,
                                       const Bits& among) const {
  Scored out;
  out.cells.resize(documents_.size());
  const auto count =
      static_cast<double>(std::max<std::size_t>(1, documents_.size()));
  const double mean_length =
      std::max(1.0, static_cast<double>(total_length_) / count);
  std::uint16_t number = 0;
  for (const WordGroup& group : groups) {
    ++number;
    double document_count = 0;
    for (const Alternative& one : group.alternatives) {
      document_count += vocabulary_.document_count(one.word);
    }
    const double idf = Idf(document_count);
    for (const Alternative& one : group.alternatives) {
      // However often the word is there, it gives less than this.
      const double most = one.factor * idf;
      for (const Posting& posting : postings_[one.word]) {
        if (!among.Test(posting.of)) continue;
        Scored::Cell& cell = out.Enter(posting.of, number);
        if (cell.best >= static_cast<float>(most)) continue;
        const auto length = static_cast<double>(columns_.length[posting.of]);
        const double norm = kSaturation * (1 - kLengthShare +
                                           kLengthShare * length / mean_length);
        const double weight = posting.weight;
        cell.best = std::max(
            cell.best, static_cast<float>(most * weight / (weight + norm)));
      }
    }
  }
  return out;
}

std::vector<Hit> SearchIndex::FindWords(std::span<const WordGroup> groups,
                                        const Bits& among,
                                        bool& all_words) const {
  const Scored scored = Score(groups, among);
  std::vector<Hit> all;
  std::vector<Hit> any;
  for (const Place place : scored.found) {
    const Scored::Cell& cell = scored.cells[place];
    const Hit hit = {.place = place, .score = cell.Score()};
    if (cell.group_count == groups.size()) {
      all.push_back(hit);
    } else if (all.empty()) {
      any.push_back(hit);
    }
  }
  all_words = !all.empty() || any.empty();
  return all_words ? all : any;
}

void SearchIndex::SortHits(std::vector<Hit>& hits, std::size_t kept,
                           bool by_words) const {
  const auto end =
      hits.begin() + static_cast<std::ptrdiff_t>(std::min(kept, hits.size()));
  std::partial_sort(hits.begin(), end, hits.end(),
                    [&](const Hit& left, const Hit& right) {
                      if (!by_words) {
                        return columns_.leaf_index[left.place] >
                               columns_.leaf_index[right.place];
                      }
                      if (left.score != right.score)
                        return left.score > right.score;
                      return columns_.registration[left.place] <
                             columns_.registration[right.place];
                    });
}

SearchAnswer SearchIndex::Search(const Filter& filter, std::size_t offset,
                                 std::size_t limit) const {
  SearchAnswer out;
  const Bits matching = Matching(Compile(filter));
  const bool by_words = !filter.query.empty();
  std::vector<Hit> hits;
  if (by_words) {
    const std::vector<WordGroup> groups =
        ExpandQuery(filter.query, vocabulary_, synonyms_);
    hits = FindWords(groups, matching, out.all_words);
    out.corrections = CorrectionsIn(groups);
  } else {
    hits.reserve(matching.Count());
    matching.ForEach(
        [&hits](Place place) { hits.push_back({.place = place}); });
    // The last registered are mostly the last changed: few take another's place
    // in the sort.
    std::reverse(hits.begin(), hits.end());
  }
  out.total_count = hits.size();
  out.facets = Count(hits);
  SortHits(hits, offset + limit, by_words);
  for (std::size_t i = offset; i < hits.size() && i < offset + limit; ++i) {
    out.hits.push_back(hits[i]);
  }
  return out;
}

std::vector<Correction> SearchIndex::CorrectionsIn(
    std::span<const WordGroup> groups) const {
  std::vector<Correction> out;
  for (const WordGroup& group : groups) {
    if (!group.corrected) continue;
    Correction& correction = out.emplace_back();
    correction.typed = group.typed;
    for (const Alternative& one : group.alternatives) {
      correction.used.push_back(vocabulary_.Text(one.word));
    }
    std::sort(correction.used.begin(), correction.used.end());
  }
  return out;
}

std::string SearchIndex::LabelOf(const FacetValue& value) const {
  const auto id = RegistrationId::Parse(value.value);
  const Entry* const named = id.ok() ? Find(*id) : nullptr;
  return named == nullptr ? FacetValueLabel(value) : named->title;
}

// Few hits are looked at one by one; of many it is cheaper to ask of each value
// how many of its registrations are among them.
std::vector<std::uint64_t> SearchIndex::CountValues(
    std::span<const Hit> hits) const {
  constexpr std::size_t kFew = 64;
  std::vector<std::uint64_t> out(values_.id_end());
  if (hits.size() <= documents_.size() / kFew) {
    for (const Hit& hit : hits) {
      for (const ValueId id : documents_[hit.place].values) ++out[id];
    }
    return out;
  }
  Bits among(documents_.size());
  for (const Hit& hit : hits) among.Set(hit.place);
  for (std::size_t id = 0; id < having_.size(); ++id) {
    out[id] = having_[id].CountIn(among);
  }
  return out;
}

std::vector<FacetCount> SearchIndex::Count(std::span<const Hit> hits) const {
  struct Counted {
    const FacetValue* value = nullptr;
    std::uint64_t count = 0;
  };
  const std::vector<std::uint64_t> counts = CountValues(hits);
  std::vector<std::vector<Counted>> by_facet(Facets().size());
  for (std::size_t id = 0; id < counts.size(); ++id) {
    if (counts[id] == 0) continue;
    const FacetValue& value = values_.Value(static_cast<ValueId>(id));
    by_facet[value.facet].push_back({&value, counts[id]});
  }
  std::vector<FacetCount> out;
  for (std::vector<Counted>& values : by_facet) {
    const std::size_t kept = std::min(values.size(), kMaxFacetValues);
    const auto end = values.begin() + static_cast<std::ptrdiff_t>(kept);
    std::partial_sort(values.begin(), end, values.end(),
                      [](const Counted& left, const Counted& right) {
                        if (left.count != right.count) {
                          return left.count > right.count;
                        }
                        return left.value->value < right.value->value;
                      });
    std::for_each(values.begin(), end, [&](const Counted& one) {
      out.push_back({.value = *one.value,
                     .label = LabelOf(*one.value),
                     .count = one.count});
    });
  }
  return out;
}

std::vector<Change> SearchIndex::Changes(const Filter& filter,
                                         std::uint64_t before,
                                         std::size_t limit) const {
  std::vector<Change> out;
  const Compiled compiled = Compile(filter);
  std::optional<Scored> scored;
  std::size_t group_count = 0;
  if (!filter.query.empty()) {
    const std::vector<WordGroup> groups =
        ExpandQuery(filter.query, vocabulary_, synonyms_);
    group_count = groups.size();
    if (groups.empty()) return out;
    scored = Score(groups, Bits(documents_.size(), true));
  }
  const auto end =
      std::lower_bound(changes_.begin(), changes_.end(), before,
                       [](const ChangeRecord& change, std::uint64_t leaf) {
                         return change.leaf_index < leaf;
                       });
  for (auto at = end; at != changes_.begin() && out.size() < limit;) {
    const ChangeRecord& change = *--at;
    if (scored && scored->cells[change.place].group_count != group_count) {
      continue;
    }
    if (!Matches(compiled, change)) continue;
    out.push_back({.registration = columns_.registration[change.place],
                   .number = change.number,
                   .leaf_index = change.leaf_index,
                   .draft_time = change.draft_time});
  }
  return out;
}

}  // namespace limpid::algoregister::search
