// Texts as search sees them: words in lower case without accents. Knows no
// language.

#ifndef LIMPID_ALGOREGISTER_SEARCH_TEXT_H_
#define LIMPID_ALGOREGISTER_SEARCH_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"

namespace limpid::algoregister::search {

// Longer ones are no words of a language and are not indexed.
inline constexpr std::size_t kMaxWordBytes = 64;

// Calls `each` with every word of `text`, folded: lower case, without accents
// and without combining marks; "\u0133" is "ij", "\u00df" is "ss". Words are
// runs of letters and digits; bytes that are not UTF-8 separate them.
void ForEachWord(std::string_view text,
                 absl::FunctionRef<void(std::string_view)> each);
// The same as a list.
std::vector<std::string> Words(std::string_view text);

}  // namespace limpid::algoregister::search

#endif  // LIMPID_ALGOREGISTER_SEARCH_TEXT_H_
