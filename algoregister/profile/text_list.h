// Lists that files write as one text: JSON, Python's notation, or elements
// between separators. Pure.

#ifndef LIMPID_ALGOREGISTER_PROFILE_TEXT_LIST_H_
#define LIMPID_ALGOREGISTER_PROFILE_TEXT_LIST_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "algoregister/registration/value_check.h"

namespace limpid::algoregister {

// Elements of a list that is one text: as many as a field has, so that what is
// read can be kept.
inline constexpr std::size_t kMaxListTexts = kMaxListed;

// Without blanks, tabs and line ends at both ends.
std::string_view Trim(std::string_view text);

// The elements of "[...]", nothing if the text is no such list: JSON of texts,
// numbers and nulls, or Python's repr of them ("['a', None]"), for which
// `is_python` is set. Nulls come as empty texts.
std::optional<std::vector<std::string>> ParseTextList(std::string_view text,
                                                      bool& is_python);

// Between separators, trimmed, empty ones included. One element when
// `separator` is empty; nothing when there are more than kMaxListTexts.
std::optional<std::vector<std::string>> SplitAt(std::string_view text,
                                                std::string_view separator);

enum class ListNotation { kSeparated, kJson, kPython };

// The elements in whichever notation: trimmed, empty ones included. Nothing
// when there are more than kMaxListTexts.
std::optional<std::vector<std::string>> ListOfText(std::string_view text,
                                                   std::string_view separator,
                                                   ListNotation& notation);

// The reverse of it: joined, or a JSON list where joining would not read
// back. An empty text for no elements.
std::string JoinTexts(const std::vector<std::string>& elements,
                      std::string_view separator);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_TEXT_LIST_H_
