#include "algoregister/search/query.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "algoregister/search/text.h"
#include "algoregister/search/word_tables.h"
#include "common/base/bytes.h"

namespace limpid::algoregister::search {
namespace {

// An inflected form is nearly the word; a synonym is another word; the rest is
// a guess.
constexpr double kStemFactor = 0.9;
constexpr double kSynonymFactor = 0.6;
constexpr double kPrefixFactor = 0.5;
constexpr double kTypoFactor = 0.7;
// Shorter beginnings begin too many words.
constexpr std::size_t kMinPrefixBytes = 3;
// Beyond the most frequent ones another letter helps more.
constexpr std::size_t kMaxPrefixWords = 50;
constexpr std::size_t kMaxNearWords = 8;

class Expander {
 public:
  Expander(const Vocabulary& vocabulary, const SynonymIndex& synonyms)
      : vocabulary_(vocabulary), synonyms_(synonyms) {}

  WordGroup Expand(const std::string& word, bool is_last) {
    found_.clear();
    WordGroup out;
    out.typed = word;
    AddWithStem(word, 1);
    for (const std::string_view other : synonyms_.Of(word, stemmers_)) {
      AddWithStem(std::string(other), kSynonymFactor);
    }
    if (is_last && word.size() >= kMinPrefixBytes) {
      for (const WordId id : vocabulary_.WithPrefix(word, kMaxPrefixWords)) {
        Add(id, kPrefixFactor);
      }
    }
    if (found_.empty()) {
      AddNearest(word);
      out.corrected = !found_.empty();
    }
    out.alternatives.reserve(found_.size());
    for (const auto& [id, factor] : found_) {
      out.alternatives.push_back({.word = id, .factor = factor});
    }
    return out;
  }

 private:
  void Add(WordId id, double factor) {
    double& kept = found_[id];
    kept = std::max(kept, factor);
  }
  void AddWithStem(const std::string& word, double factor) {
    if (const auto id = vocabulary_.Find(word)) Add(*id, factor);
    for (const Language language : kLanguages) {
      for (const WordId id :
           vocabulary_.WithStem(language, stemmers_.Stem(language, word))) {
        Add(id, factor * kStemFactor);
      }
    }
  }
  void AddNearest(const std::string& word) {
    for (const WordId id :
         vocabulary_.Nearest(word, MaxTypos(word), kMaxNearWords)) {
      AddWithStem(vocabulary_.Text(id), kTypoFactor);
    }
  }

  const Vocabulary& vocabulary_;
  const SynonymIndex& synonyms_;
  Stemmers stemmers_;
  std::map<WordId, double> found_;
};

// Without stop words and repetitions, in the order typed.
std::vector<std::string> AskedWords(std::string_view text) {
  std::vector<std::string> out;
  ForEachWord(text, [&out](std::string_view word) {
    if (IsStopWord(word)) return;
    if (std::find(out.begin(), out.end(), word) == out.end()) {
      out.emplace_back(word);
    }
  });
  return out;
}

}  // namespace

absl::Status CheckQuery(std::string_view text) {
  if (text.size() > kMaxQueryBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("q: more than ", kMaxQueryBytes, " bytes"));
  }
  if (!base::IsUtf8(text)) {
    return absl::InvalidArgumentError("q: must be UTF-8");
  }
  if (AskedWords(text).size() > kMaxQueryWords) {
    return absl::InvalidArgumentError(
        absl::StrCat("q: more than ", kMaxQueryWords, " words"));
  }
  return absl::OkStatus();
}

SynonymIndex::SynonymIndex() {
  Stemmers stemmers;
  std::size_t place = 0;
  for (const SynonymGroup& group : Synonyms()) {
    for (const std::string_view word : group) {
      for (const Language language : kLanguages) {
        std::vector<std::size_t>& places = groups_.at(
            static_cast<std::size_t>(language))[stemmers.Stem(language, word)];
        if (places.empty() || places.back() != place) places.push_back(place);
      }
    }
    ++place;
  }
}

std::vector<std::string_view> SynonymIndex::Of(std::string_view word,
                                               Stemmers& stemmers) const {
  std::vector<std::string_view> out;
  for (const Language language : kLanguages) {
    const Groups& groups = groups_.at(static_cast<std::size_t>(language));
    const auto found = groups.find(stemmers.Stem(language, word));
    if (found == groups.end()) continue;
    for (const std::size_t place : found->second) {
      for (const std::string_view other : Synonyms()[place]) {
        const bool known =
            std::find(out.begin(), out.end(), other) != out.end();
        if (other != word && !known) out.push_back(other);
      }
    }
  }
  return out;
}

std::vector<WordGroup> ExpandQuery(std::string_view text,
                                   const Vocabulary& vocabulary,
                                   const SynonymIndex& synonyms) {
  Expander expander(vocabulary, synonyms);
  std::vector<std::string> words = AskedWords(text);
  if (words.size() > kMaxQueryWords) words.resize(kMaxQueryWords);
  std::vector<WordGroup> out;
  out.reserve(words.size());
  for (std::size_t i = 0; i < words.size(); ++i) {
    out.push_back(expander.Expand(words[i], i + 1 == words.size()));
  }
  return out;
}

}  // namespace limpid::algoregister::search
