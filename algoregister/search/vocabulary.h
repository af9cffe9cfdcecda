// The words of an index: which there are, in how many documents, which share a
// stem, begin alike or are one slip of the keyboard away from each other. A
// word that no document has any more is forgotten.

#ifndef LIMPID_ALGOREGISTER_SEARCH_VOCABULARY_H_
#define LIMPID_ALGOREGISTER_SEARCH_VOCABULARY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/container/btree_map.h"
#include "algoregister/search/stemmer.h"

namespace limpid::algoregister::search {

// Given again when its word is forgotten.
using WordId = std::uint32_t;

// Most letters that may differ: one from four letters on, two from eight on.
std::size_t MaxTypos(std::string_view word);

// Thread-compatible.
class Vocabulary {
 public:
  Vocabulary() = default;
  // What looks words up points to their texts.
  Vocabulary(const Vocabulary&) = delete;
  Vocabulary& operator=(const Vocabulary&) = delete;
  ~Vocabulary() = default;

  // One document more, or less, has the word.
  WordId Take(std::string_view word);
  void Release(WordId id);

  [[nodiscard]] std::optional<WordId> Find(std::string_view word) const;
  // Of an id in use.
  [[nodiscard]] const std::string& Text(WordId id) const {
    return words_[id].text;
  }
  [[nodiscard]] std::uint32_t document_count(WordId id) const {
    return document_counts_[id];
  }
  // Words in use.
  [[nodiscard]] std::size_t size() const { return ids_.size(); }
  // One above the largest id ever given.
  [[nodiscard]] std::size_t id_end() const { return words_.size(); }

  // Words with this stem, ascending by id.
  [[nodiscard]] const std::vector<WordId>& WithStem(
      Language language, const std::string& stem) const;
  // At most `limit` words that begin with `prefix` and are not it, those in
  // most documents first, then by text.
  [[nodiscard]] std::vector<WordId> WithPrefix(std::string_view prefix,
                                               std::size_t limit) const;
  // At most `limit` of the words that are fewest edits away from `word`, and at
  // most `max_edits`: a byte put in, left out or changed, or two neighbours
  // swapped. Those in most documents first, then by text.
  [[nodiscard]] std::vector<WordId> Nearest(std::string_view word,
                                            std::size_t max_edits,
                                            std::size_t limit) const;

 private:
  struct Word {
    std::string text;
    // In the order of kLanguages.
    std::array<std::string, kLanguages.size()> stems;
  };
  using ByStem = std::unordered_map<std::string, std::vector<WordId>>;

  WordId Add(std::string_view word);
  void SortAndCut(std::vector<WordId>& ids, std::size_t limit) const;

  // By WordId. A deque: a text stays where it is while words are added.
  std::deque<Word> words_;
  // By WordId: many are compared for each beginning of a word.
  std::vector<std::uint32_t> document_counts_;
  std::vector<WordId> free_;
  // Every word of every document is looked for.
  std::unordered_map<std::string_view, WordId> ids_;
  // The same in the order of the texts.
  absl::btree_map<std::string_view, WordId> by_text_;
  std::array<ByStem, kLanguages.size()> by_stem_;
  Stemmers stemmers_;
};

}  // namespace limpid::algoregister::search

#endif  // LIMPID_ALGOREGISTER_SEARCH_VOCABULARY_H_
