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

// What of a document has the key words.
struct SearchIndex::Shared {
  std::int64_t product = 0;
  // Exact below 2^53, as in Norm.
  double square = 0;
};

// Those that share a key word, a product or a maker. The score is the most that
// it can be: the words that are not key words only make a document longer.
std::vector<SearchIndex::Candidate> SearchIndex::SimilarCandidates(
    Place self, double own_norm) const {
  std::vector<Shared> shared(documents_.size());
  for (const Posting& word : KeyWords(documents_[self])) {
    const std::int64_t own = Component(word.of, word.weight);
    for (const Posting& posting : postings_[word.of]) {
      const std::int64_t other = Component(word.of, posting.weight);
      shared[posting.of].product += own * other;
      shared[posting.of].square +=
          static_cast<double>(other) * static_cast<double>(other);
    }
  }
  const Entry& own = *entries_[self];
  std::vector<Candidate> out;
  for (std::size_t i = 0; i < documents_.size(); ++i) {
    const Entry& entry = *entries_[i];
    if (i == self || entry.registration.kind != own.registration.kind ||
        entry.state == RegistrationState::kRetired) {
      continue;
    }
    const bool system = entry.system && entry.system == own.system;
    const bool provider = entry.provider && entry.provider == own.provider;
    const auto product = static_cast<double>(shared[i].product);
    if (product == 0 && !system && !provider) continue;
    const double extra =
        (system ? kSameSystem : 0) + (provider ? kSameProvider : 0);
    const double norm = own_norm * std::sqrt(std::max(1.0, shared[i].square));
    out.push_back({.hit = {.place = static_cast<Place>(i),
                           .score = product / norm + extra,
                           .same_system = system,
                           .same_provider = provider},
                   .product = product,
                   .extra = extra});
  }
  return out;
}

absl::StatusOr<std::vector<SimilarHit>> SearchIndex::Similar(
    const RegistrationId& registration, std::size_t limit) const {
  const auto self = places_.find(registration);
  if (self == places_.end()) {
    return absl::NotFoundError("no such registration");
  }
  const double own_norm = Norm(documents_[self->second]);
  std::vector<Candidate> likely = SimilarCandidates(self->second, own_norm);
  const auto better = [this](const SimilarHit& left, const SimilarHit& right) {
    if (left.score != right.score) return left.score > right.score;
    return columns_.registration[left.place] <
           columns_.registration[right.place];
  };
  // Of the likeliest alone the whole length is worth its sum.
  const std::size_t kept = std::min(kMaxCandidates, likely.size());
  std::partial_sort(
      likely.begin(), likely.begin() + static_cast<std::ptrdiff_t>(kept),
      likely.end(), [&better](const Candidate& left, const Candidate& right) {
        return better(left.hit, right.hit);
      });
  likely.resize(kept);
  std::vector<SimilarHit> out;
  out.reserve(kept);
  for (Candidate& one : likely) {
    const double norm = own_norm * Norm(documents_[one.hit.place]);
    one.hit.score = one.product / norm + one.extra;
    out.push_back(one.hit);
  }
  std::sort(out.begin(), out.end(), better);
  if (out.size() > limit) out.resize(limit);
  return out;
}

}  // namespace limpid::algoregister::search
