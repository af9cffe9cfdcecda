// What is alike. What is asked of the index in words: index_search.cc.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/search/index.h"
#include "algoregister/search/scoring.h"

namespace limpid::algoregister::search {
namespace {

// What a registration is about stands in so many of its rarest words.
constexpr std::size_t kKeyWords = 24;
constexpr std::size_t kMaxCandidates = 200;
constexpr double kSameSystem = 0.25;
constexpr double kSameProvider = 0.1;
// Sums of whole numbers do not depend on their order.
constexpr double kComponentUnit = 1 << 16U;

}  // namespace

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
  const Entry& own = *entries_[self];
  std::vector<SimilarHit> out;
  for (std::size_t i = 0; i < documents_.size(); ++i) {
    const Entry& entry = *entries_[i];
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
    return columns_.registration[left.place] <
           columns_.registration[right.place];
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

}  // namespace limpid::algoregister::search
