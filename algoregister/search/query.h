// A text typed by a person becomes groups of words of the index, one group per
// word typed: itself, what shares its stem, what means the same, what begins
// with it, and what it may have been meant to be.

#ifndef LIMPID_ALGOREGISTER_SEARCH_QUERY_H_
#define LIMPID_ALGOREGISTER_SEARCH_QUERY_H_

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "algoregister/search/stemmer.h"
#include "algoregister/search/vocabulary.h"

namespace limpid::algoregister::search {

// A sentence; a page of text is no query.
inline constexpr std::size_t kMaxQueryBytes = 500;
// Each costs a walk through the words of the index when it is misspelt.
inline constexpr std::size_t kMaxQueryWords = 16;

struct Alternative {
  WordId word = 0;
  // 1 for the word itself, less for what stands for it.
  double factor = 0;
};

struct WordGroup {
  // Folded, as typed.
  std::string typed;
  // Each word once, ascending by id; empty when nothing is like it.
  std::vector<Alternative> alternatives;
  // The index does not have it: what is nearest is looked for instead.
  bool corrected = false;
};

// Errors:
//   kInvalidArgument  "q: reason": too long, too many words, not UTF-8.
absl::Status CheckQuery(std::string_view text);

// The synonyms of word_tables.h by stem. Immutable: any thread.
class SynonymIndex {
 public:
  SynonymIndex();

  // Words that mean what `word` means, without it.
  [[nodiscard]] std::vector<std::string_view> Of(std::string_view word,
                                                 Stemmers& stemmers) const;

 private:
  // Stem to places of Synonyms().
  using Groups = std::unordered_map<std::string, std::vector<std::size_t>>;
  std::array<Groups, kLanguages.size()> groups_;
};

// What `text` asks for. Stop words are left out; a text of nothing else, or of
// no word at all, gives none.
std::vector<WordGroup> ExpandQuery(std::string_view text,
                                   const Vocabulary& vocabulary,
                                   const SynonymIndex& synonyms);

}  // namespace limpid::algoregister::search

#endif  // LIMPID_ALGOREGISTER_SEARCH_QUERY_H_
