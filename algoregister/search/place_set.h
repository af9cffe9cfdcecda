// Sets of places of the index: one bit for each place, or a list while they
// are few. What counts facets over all that match does not look at each match.

#ifndef LIMPID_ALGOREGISTER_SEARCH_PLACE_SET_H_
#define LIMPID_ALGOREGISTER_SEARCH_PLACE_SET_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "algoregister/search/entry.h"

namespace limpid::algoregister::search {

// Thread-compatible.
class Bits {
 public:
  Bits() = default;
  // `size` places, all of them out, or in.
  explicit Bits(std::size_t size, bool in = false)
      : words_((size + kWordBits - 1) / kWordBits, in ? ~Word{0} : Word{0}) {
    const std::size_t rest = size % kWordBits;
    if (in && rest != 0) words_.back() = (Word{1} << rest) - 1;
  }

  // Makes room as needed.
  void Set(Place place) {
    if (words_.size() <= place / kWordBits) {
      words_.resize(place / kWordBits + 1);
    }
    words_[place / kWordBits] |= Word{1} << (place % kWordBits);
  }
  void Reset(Place place) {
    if (place / kWordBits >= words_.size()) return;
    words_[place / kWordBits] &= ~(Word{1} << (place % kWordBits));
  }
  [[nodiscard]] bool Test(Place place) const {
    return place / kWordBits < words_.size() &&
           ((words_[place / kWordBits] >> (place % kWordBits)) & 1U) != 0;
  }

  [[nodiscard]] std::size_t Count() const {
    std::size_t out = 0;
    for (const Word word : words_) out += PopCount(word);
    return out;
  }
  // How many places are in both.
  [[nodiscard]] std::size_t CountBoth(const Bits& other) const {
    const std::size_t end = std::min(words_.size(), other.words_.size());
    std::size_t out = 0;
    for (std::size_t i = 0; i < end; ++i) {
      out += PopCount(words_[i] & other.words_[i]);
    }
    return out;
  }
  // Keeps what is in `other` too.
  void Keep(const Bits& other) {
    words_.resize(std::min(words_.size(), other.words_.size()));
    for (std::size_t i = 0; i < words_.size(); ++i)
      words_[i] &= other.words_[i];
  }
  // Takes in what is in `other`.
  void Add(const Bits& other) {
    words_.resize(std::max(words_.size(), other.words_.size()));
    for (std::size_t i = 0; i < other.words_.size(); ++i) {
      words_[i] |= other.words_[i];
    }
  }
  // Calls `visit` with each place, ascending. It may take that place out.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (Word word = words_[i]; word != 0; word &= word - 1) {
        visit(static_cast<Place>(i * kWordBits) +
              static_cast<Place>(std::countr_zero(word)));
      }
    }
  }

 private:
  using Word = std::uint64_t;
  static constexpr std::size_t kWordBits = 64;

  static std::size_t PopCount(Word word) {
    return static_cast<std::size_t>(std::popcount(word));
  }

  std::vector<Word> words_;
};

// Thread-compatible.
class PlaceSet {
 public:
  // `place` is not in it; `all` places exist.
  void Add(Place place, std::size_t all) {
    ++size_;
    if (dense_) {
      bits_.Set(place);
    } else {
      list_.insert(std::upper_bound(list_.begin(), list_.end(), place), place);
    }
    Choose(all);
  }
  // `place` is in it.
  void Remove(Place place, std::size_t all) {
    --size_;
    if (dense_) {
      bits_.Reset(place);
    } else {
      list_.erase(std::lower_bound(list_.begin(), list_.end(), place));
    }
    Choose(all);
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  // How many of its places are in `among`.
  [[nodiscard]] std::size_t CountIn(const Bits& among) const {
    if (dense_) return bits_.CountBoth(among);
    return static_cast<std::size_t>(
        std::count_if(list_.begin(), list_.end(),
                      [&among](Place place) { return among.Test(place); }));
  }
  void AddTo(Bits& out) const {
    if (dense_) return out.Add(bits_);
    for (const Place place : list_) out.Set(place);
  }

 private:
  // A list of one in 32 places is as large as a bit for each.
  static constexpr std::size_t kDense = 32;
  // Far from it, so that a set does not change its form to and fro.
  static constexpr std::size_t kSparse = 4 * kDense;

  void Choose(std::size_t all) {
    if (!dense_ && size_ * kDense > all) {
      dense_ = true;
      for (const Place place : list_) bits_.Set(place);
      list_ = {};
    } else if (dense_ && size_ * kSparse < all) {
      dense_ = false;
      bits_.ForEach([this](Place place) { list_.push_back(place); });
      bits_ = {};
    }
  }

  bool dense_ = false;
  std::size_t size_ = 0;
  // Ascending; when dense, empty.
  std::vector<Place> list_;
  Bits bits_;
};

}  // namespace limpid::algoregister::search

#endif  // LIMPID_ALGOREGISTER_SEARCH_PLACE_SET_H_
