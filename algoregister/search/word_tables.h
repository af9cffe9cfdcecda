// Words as data: which ones mean the same, which ones say nothing. One table
// each; a new word is a new row.

#ifndef LIMPID_ALGOREGISTER_SEARCH_WORD_TABLES_H_
#define LIMPID_ALGOREGISTER_SEARCH_WORD_TABLES_H_

#include <span>
#include <string_view>

namespace limpid::algoregister::search {

// Words of one meaning, Dutch and English, in the form of text.h. A word may be
// in several groups.
using SynonymGroup = std::span<const std::string_view>;
std::span<const SynonymGroup> Synonyms();

// Whether a folded word says nothing about what a text is about, in Dutch or
// English: not indexed, and left out of queries.
bool IsStopWord(std::string_view word);

}  // namespace limpid::algoregister::search

#endif  // LIMPID_ALGOREGISTER_SEARCH_WORD_TABLES_H_
