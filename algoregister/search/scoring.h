// BM25 with weights of fields for frequencies: a title's word counts for
// several in a long text, and the first time more than the fifth.

#ifndef LIMPID_ALGOREGISTER_SEARCH_SCORING_H_
#define LIMPID_ALGOREGISTER_SEARCH_SCORING_H_

namespace limpid::algoregister::search {

inline constexpr double kSaturation = 8;
inline constexpr double kLengthShare = 0.5;

}  // namespace limpid::algoregister::search

#endif  // LIMPID_ALGOREGISTER_SEARCH_SCORING_H_
