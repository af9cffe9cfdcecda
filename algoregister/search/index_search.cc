// What is asked of the index. How versions get into it: index.cc.

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

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/search/index.h"

namespace limpid::algoregister::search {
namespace {

// BM25 with weights of fields for frequencies: a title's word counts for
// several in a long text, and the first time more than the fifth.
constexpr double kSaturation = 8;
constexpr double kLengthShare = 0.5;

// What a registration is about stands in so many of its rarest words.
constexpr std::size_t kKeyWords = 24;
constexpr std::size_t kMaxCandidates = 200;
constexpr double kSameSystem = 0.25;
constexpr double kSameProvider = 0.1;
// Sums of whole numbers do not depend on their order.
constexpr double kComponentUnit = 1 << 16U;

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
    float total = 0;
    // Of the group counted last.
    float best = 0;
    std::uint16_t group_count = 0;
    // From 1.
    std::uint16_t last_group = 0;
  };
  // By Place.
  std::vector<Cell> cells;
  // Places with a word, each once.
  std::vector<Place> found;

  void Add(Place place, std::uint16_t group, float score);
};

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

bool SearchIndex::Matches(const Compiled& filter,
                          const Indexed& document) const {
  if (!filter.include_retired &&
      document.entry.state == RegistrationState::kRetired) {
    return false;
  }
  if (document.entry.draft_time < filter.since) return false;
  if (!document.title_key.starts_with(filter.title_key)) return false;
  return std::all_of(
      filter.facets.begin(), filter.facets.end(),
      [&](const auto& facet) { return HasAny(document.values, facet.second); });
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

// Of a group the best word counts, whatever order they come in.
void SearchIndex::Scored::Add(Place place, std::uint16_t group, float score) {
  Cell& cell = cells[place];
  if (cell.group_count == 0) found.push_back(place);
  if (cell.last_group != group) {
    cell.last_group = group;
    cell.best = 0;
    ++cell.group_count;
  }
  if (score <= cell.best) return;
  cell.total += score - cell.best;
  cell.best = score;
}

SearchIndex::Scored SearchIndex::Score(
    std::span<const WordGroup> groups) const {
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
      for (const Posting& posting : postings_[one.word]) {
        const auto length = static_cast<double>(documents_[posting.of].length);
        const double norm = kSaturation * (1 - kLengthShare +
                                           kLengthShare * length / mean_length);
        const double weight = posting.weight;
        out.Add(
            posting.of, number,
            static_cast<float>(one.factor * idf * weight / (weight + norm)));
      }
    }
  }
  return out;
}

std::vector<Hit> SearchIndex::FindAll(const Compiled& filter) const {
  std::vector<Hit> out;
  for (std::size_t i = 0; i < documents_.size(); ++i) {
    if (Matches(filter, documents_[i])) {
      out.push_back({.place = static_cast<Place>(i)});
    }
  }
  return out;
}

std::vector<Hit> SearchIndex::FindWords(const Compiled& filter,
                                        std::span<const WordGroup> groups,
                                        bool& all_words) const {
  const Scored scored = Score(groups);
  std::vector<Hit> all;
  std::vector<Hit> any;
  for (const Place place : scored.found) {
    if (!Matches(filter, documents_[place])) continue;
    const Scored::Cell& cell = scored.cells[place];
    const Hit hit = {.place = place, .score = cell.total};
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
                      const Entry& a = documents_[left.place].entry;
                      const Entry& b = documents_[right.place].entry;
                      if (!by_words) return a.leaf_index > b.leaf_index;
                      if (left.score != right.score)
                        return left.score > right.score;
                      return a.registration < b.registration;
                    });
}

SearchAnswer SearchIndex::Search(const Filter& filter, std::size_t offset,
                                 std::size_t limit) const {
  SearchAnswer out;
  const Compiled compiled = Compile(filter);
  const bool by_words = !filter.query.empty();
  std::vector<Hit> hits;
  if (by_words) {
    const std::vector<WordGroup> groups =
        ExpandQuery(filter.query, vocabulary_, synonyms_);
    hits = FindWords(compiled, groups, out.all_words);
    out.corrections = CorrectionsIn(groups);
  } else {
    hits = FindAll(compiled);
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

std::vector<FacetCount> SearchIndex::Count(std::span<const Hit> hits) const {
  std::vector<std::uint64_t> counts(values_.id_end());
  for (const Hit& hit : hits) {
    for (const ValueId id : documents_[hit.place].values) ++counts[id];
  }
  std::vector<FacetCount> all;
  for (std::size_t id = 0; id < counts.size(); ++id) {
    if (counts[id] == 0) continue;
    all.push_back({.value = values_.Value(static_cast<ValueId>(id)),
                   .label = {},
                   .count = counts[id]});
  }
  std::sort(all.begin(), all.end(),
            [](const FacetCount& left, const FacetCount& right) {
              if (left.value.facet != right.value.facet) {
                return left.value.facet < right.value.facet;
              }
              if (left.count != right.count) return left.count > right.count;
              return left.value.value < right.value.value;
            });
  std::vector<FacetCount> out;
  std::vector<std::size_t> kept(Facets().size());
  for (FacetCount& one : all) {
    if (++kept[one.value.facet] > kMaxFacetValues) continue;
    one.label = LabelOf(one.value);
    out.push_back(std::move(one));
  }
  return out;
}

std::int64_t SearchIndex::Component(std::uint32_t word,
                                    std::uint32_t weight) const {
  const double frequency = weight / (weight + kSaturation);
  return std::llround(frequency * Idf(vocabulary_.document_count(word)) *
                      kComponentUnit);
}

double SearchIndex::Norm(const Indexed& document) const {
  double sum = 0;
  for (const Posting& word : document.words) {
    const auto component = static_cast<double>(Component(word.of, word.weight));
    // Exact below 2^53: whole numbers in any order.
    sum += component * component;
  }
  return std::sqrt(std::max(1.0, sum));
}

std::vector<SearchIndex::Posting> SearchIndex::KeyWords(
    const Indexed& document) const {
  std::vector<Posting> out = document.words;
  const auto kept = std::min(kKeyWords, out.size());
  const auto end = out.begin() + static_cast<std::ptrdiff_t>(kept);
  std::partial_sort(out.begin(), end, out.end(),
                    [this](const Posting& left, const Posting& right) {
                      const auto a = Component(left.of, left.weight);
                      const auto b = Component(right.of, right.weight);
                      if (a != b) return a > b;
                      return vocabulary_.Text(left.of) <
                             vocabulary_.Text(right.of);
                    });
  out.resize(kept);
  return out;
}

// Those that share a key word, a product or a maker, with the product of the
// words for a score.
std::vector<SimilarHit> SearchIndex::SimilarCandidates(Place self) const {
  std::vector<std::int64_t> products(documents_.size());
  for (const Posting& word : KeyWords(documents_[self])) {
    const std::int64_t own = Component(word.of, word.weight);
    for (const Posting& posting : postings_[word.of]) {
      products[posting.of] += own * Component(word.of, posting.weight);
    }
  }
  const Entry& own = documents_[self].entry;
  std::vector<SimilarHit> out;
  for (std::size_t i = 0; i < documents_.size(); ++i) {
    const Entry& entry = documents_[i].entry;
    if (i == self || entry.registration.kind != own.registration.kind ||
        entry.state == RegistrationState::kRetired) {
      continue;
    }
    const bool system = entry.system && entry.system == own.system;
    const bool provider = entry.provider && entry.provider == own.provider;
    if (products[i] == 0 && !system && !provider) continue;
    out.push_back({.place = static_cast<Place>(i),
                   .score = static_cast<double>(products[i]),
                   .same_system = system,
                   .same_provider = provider});
  }
  return out;
}

absl::StatusOr<std::vector<SimilarHit>> SearchIndex::Similar(
    const RegistrationId& registration, std::size_t limit) const {
  const auto self = places_.find(registration);
  if (self == places_.end()) {
    return absl::NotFoundError("no such registration");
  }
  std::vector<SimilarHit> out = SimilarCandidates(self->second);
  const auto better = [this](const SimilarHit& left, const SimilarHit& right) {
    if (left.score != right.score) return left.score > right.score;
    return documents_[left.place].entry.registration <
           documents_[right.place].entry.registration;
  };
  const auto likelier = [&better](const SimilarHit& left,
                                  const SimilarHit& right) {
    if (left.same_system != right.same_system) return left.same_system;
    if (left.same_provider != right.same_provider) return left.same_provider;
    return better(left, right);
  };
  // Of the likeliest alone the whole length is worth its sum.
  const std::size_t kept = std::min(kMaxCandidates, out.size());
  std::partial_sort(out.begin(),
                    out.begin() + static_cast<std::ptrdiff_t>(kept), out.end(),
                    likelier);
  out.resize(kept);
  const double own_norm = Norm(documents_[self->second]);
  for (SimilarHit& hit : out) {
    hit.score /= own_norm * Norm(documents_[hit.place]);
    hit.score += (hit.same_system ? kSameSystem : 0) +
                 (hit.same_provider ? kSameProvider : 0);
  }
  std::sort(out.begin(), out.end(), better);
  if (out.size() > limit) out.resize(limit);
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
    scored = Score(groups);
    if (groups.empty()) return out;
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
    out.push_back({.registration = documents_[change.place].entry.registration,
                   .number = change.number,
                   .leaf_index = change.leaf_index,
                   .draft_time = change.draft_time});
  }
  return out;
}

}  // namespace limpid::algoregister::search
