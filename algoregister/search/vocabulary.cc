#include "algoregister/search/vocabulary.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algoregister/search/text.h"

namespace limpid::algoregister::search {
namespace {

// Edit distances (optimal string alignment) between one word and the prefixes
// of another, a row per byte of the other. Only cells within `max_edits` of the
// diagonal can matter; the rest count as too far.
class EditRows {
 public:
  EditRows(std::string_view word, std::size_t max_edits)
      : word_(word), max_(max_edits), rows_(kMaxWordBytes + 1) {
    for (Row& row : rows_) row.assign(word.size() + 1, max_ + 1);
    for (std::size_t j = 0; j <= std::min(max_, word.size()); ++j) {
      rows_[0][j] = j;
    }
  }

  // Fills the row of `other`'s first `depth` bytes from those before it.
  // Whether a longer word that begins with them can still be near enough.
  bool Fill(std::string_view other, std::size_t depth) {
    Row& row = rows_[depth];
    std::fill(row.begin(), row.end(), max_ + 1);
    std::size_t best = max_ + 1;
    if (depth <= max_) row[0] = best = depth;
    const std::size_t first = depth > max_ ? depth - max_ : 1;
    const std::size_t last = std::min(word_.size(), depth + max_);
    for (std::size_t j = first; j <= last; ++j) {
      row[j] = std::min(max_ + 1, Cell(other, depth, j));
      best = std::min(best, row[j]);
    }
    return best <= max_;
  }
  // Distance to the word of `depth` bytes that was filled last.
  [[nodiscard]] std::size_t At(std::size_t depth) const {
    return rows_[depth].back();
  }

 private:
  using Row = std::vector<std::size_t>;

  [[nodiscard]] std::size_t Cell(std::string_view other, std::size_t i,
                                 std::size_t j) const {
    const bool same = other[i - 1] == word_[j - 1];
    std::size_t out = rows_[i - 1][j - 1] + (same ? 0 : 1);
    out = std::min({out, rows_[i - 1][j] + 1, rows_[i][j - 1] + 1});
    const bool swapped = i > 1 && j > 1 && other[i - 1] == word_[j - 2] &&
                         other[i - 2] == word_[j - 1];
    return swapped ? std::min(out, rows_[i - 2][j - 2] + 1) : out;
  }

  const std::string_view word_;
  const std::size_t max_;
  std::vector<Row> rows_;
};

std::size_t CommonPrefix(std::string_view left, std::string_view right) {
  const auto at =
      std::mismatch(left.begin(), left.end(), right.begin(), right.end());
  return static_cast<std::size_t>(at.first - left.begin());
}

// The smallest text above every one that begins with `prefix`, which holds no
// byte ff: folded words are UTF-8.
std::string Behind(std::string_view prefix) {
  std::string out(prefix);
  out.back() = static_cast<char>(static_cast<unsigned char>(out.back()) + 1);
  return out;
}

const std::vector<WordId>& NoWords() {
  static const std::vector<WordId>& none = *new std::vector<WordId>();
  return none;
}

}  // namespace

std::size_t MaxTypos(std::string_view word) {
  constexpr std::size_t kOne = 4;
  constexpr std::size_t kTwo = 8;
  // A number that is nearly another one is another one.
  const bool digits = std::any_of(word.begin(), word.end(),
                                  [](char c) { return c >= '0' && c <= '9'; });
  if (digits || word.size() < kOne) return 0;
  return word.size() < kTwo ? 1 : 2;
}

WordId Vocabulary::Take(std::string_view word) {
  const auto found = ids_.find(word);
  const WordId id = found == ids_.end() ? Add(word) : found->second;
  ++document_counts_[id];
  return id;
}

WordId Vocabulary::Add(std::string_view text) {
  WordId id = 0;
  if (free_.empty()) {
    id = static_cast<WordId>(words_.size());
    words_.emplace_back();
    document_counts_.push_back(0);
  } else {
    id = free_.back();
    free_.pop_back();
  }
  Word& word = words_[id];
  word.text = std::string(text);
  for (const Language language : kLanguages) {
    const auto at = static_cast<std::size_t>(language);
    word.stems.at(at) = stemmers_.Stem(language, text);
    std::vector<WordId>& mates = by_stem_.at(at)[word.stems.at(at)];
    mates.insert(std::upper_bound(mates.begin(), mates.end(), id), id);
  }
  ids_.emplace(word.text, id);
  by_text_.emplace(word.text, id);
  return id;
}

void Vocabulary::Release(WordId id) {
  Word& word = words_[id];
  if (--document_counts_[id] > 0) return;
  for (std::size_t at = 0; at < kLanguages.size(); ++at) {
    const auto mates = by_stem_.at(at).find(word.stems.at(at));
    std::erase(mates->second, id);
    if (mates->second.empty()) by_stem_.at(at).erase(mates);
  }
  ids_.erase(word.text);
  by_text_.erase(word.text);
  word = Word();
  free_.push_back(id);
}

std::optional<WordId> Vocabulary::Find(std::string_view word) const {
  const auto found = ids_.find(word);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

const std::vector<WordId>& Vocabulary::WithStem(Language language,
                                                const std::string& stem) const {
  const ByStem& words = by_stem_.at(static_cast<std::size_t>(language));
  const auto found = words.find(stem);
  return found == words.end() ? NoWords() : found->second;
}

void Vocabulary::SortAndCut(std::vector<WordId>& ids, std::size_t limit) const {
  const std::size_t kept = std::min(limit, ids.size());
  const auto end = ids.begin() + static_cast<std::ptrdiff_t>(kept);
  std::partial_sort(ids.begin(), end, ids.end(),
                    [this](WordId left, WordId right) {
                      const std::uint32_t a = document_counts_[left];
                      const std::uint32_t b = document_counts_[right];
                      if (a != b) return a > b;
                      return words_[left].text < words_[right].text;
                    });
  ids.resize(kept);
}

std::vector<WordId> Vocabulary::WithPrefix(std::string_view prefix,
                                           std::size_t limit) const {
  std::vector<WordId> out;
  for (auto at = by_text_.upper_bound(prefix);
       at != by_text_.end() && at->first.starts_with(prefix); ++at) {
    out.push_back(at->second);
  }
  SortAndCut(out, limit);
  return out;
}

// Words in the order of their text share rows with their neighbours, and a
// prefix that is too far takes all its words with it: like a walk through a
// trie, without a second copy of the words.
std::vector<WordId> Vocabulary::Nearest(std::string_view word,
                                        std::size_t max_edits,
                                        std::size_t limit) const {
  std::vector<WordId> out;
  if (max_edits == 0 || word.empty() || word.size() > kMaxWordBytes) return out;
  EditRows rows(word, max_edits);
  std::size_t best = max_edits;
  std::string filled;
  auto at = by_text_.begin();
  while (at != by_text_.end()) {
    const std::string_view text = at->first;
    std::size_t depth = CommonPrefix(filled, text);
    bool near = true;
    while (near && depth < text.size()) near = rows.Fill(text, ++depth);
    filled.assign(text, 0, depth);
    if (!near) {
      at = by_text_.lower_bound(Behind(filled));
      continue;
    }
    const std::size_t edits = rows.At(depth);
    if (edits < best) out.clear();
    if (edits <= best) {
      best = edits;
      out.push_back(at->second);
    }
    ++at;
  }
  SortAndCut(out, limit);
  return out;
}

}  // namespace limpid::algoregister::search
