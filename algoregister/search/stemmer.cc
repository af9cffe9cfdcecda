#include "algoregister/search/stemmer.h"

#include <libstemmer.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/check.h"

namespace limpid::algoregister::search {
namespace {

// Names of libstemmer, in the order of kLanguages. Folded words have no accent
// left; what else is beyond ASCII is left alone by both.
constexpr std::array kAlgorithms = {"dutch", "english"};

}  // namespace

void Stemmers::Free::operator()(sb_stemmer* stemmer) const {
  sb_stemmer_delete(stemmer);
}

Stemmers::Stemmers() {
  for (std::size_t i = 0; i < kAlgorithms.size(); ++i) {
    stemmers_.at(i).reset(sb_stemmer_new(kAlgorithms.at(i), "UTF_8"));
    LIMPID_CHECK(stemmers_.at(i) != nullptr);
  }
}

Stemmers::~Stemmers() = default;

// Snowball's Dutch takes "kentekens" to "kenteken" and that to "kentek": done
// until nothing changes, both are the same.
std::string Stemmers::Stem(Language language, std::string_view word) {
  constexpr int kMostTimes = 3;
  std::string stem(word);
  for (int i = 0; i < kMostTimes; ++i) {
    std::string next = StemOnce(language, stem);
    if (next == stem) break;
    stem = std::move(next);
  }
  return stem;
}

std::string Stemmers::StemOnce(Language language, std::string_view word) {
  sb_stemmer* const stemmer =
      stemmers_.at(static_cast<std::size_t>(language)).get();
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes for C
  const auto* const bytes = reinterpret_cast<const sb_symbol*>(word.data());
  const sb_symbol* const stem =
      sb_stemmer_stem(stemmer, bytes, static_cast<int>(word.size()));
  // Only when memory ran out.
  if (stem == nullptr) return std::string(word);
  const auto size = static_cast<std::size_t>(sb_stemmer_length(stemmer));
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes for C
  return {reinterpret_cast<const char*>(stem), size};
}

}  // namespace limpid::algoregister::search
