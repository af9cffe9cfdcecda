// Lists that files write as one text: JSON, Python's notation, or elements
// between separators. Pure.

#ifndef LIMPID_ALGOREGISTER_PROFILE_TEXT_LIST_H_
#define LIMPID_ALGOREGISTER_PROFILE_TEXT_LIST_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace limpid::algoregister {

// Without blanks, tabs and line ends at both ends.
std::string_view Trim(std::string_view text);

// The elements of "[...]", nothing if the text is no such list: JSON of texts,
// numbers and nulls, or Python's repr of them ("['a', None]"), for which
// `is_python` is set. Nulls come as empty texts.
std::optional<std::vector<std::string>> ParseTextList(std::string_view text,
                                                      bool& is_python);

// Between separators, trimmed, empty ones included. One element when
// `separator` is empty.
std::vector<std::string> SplitAt(std::string_view text,
                                 std::string_view separator);

// The reverse of both: joined, or a JSON list where joining would not read
// back. An empty text for no elements.
std::string JoinTexts(const std::vector<std::string>& elements,
                      std::string_view separator);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_TEXT_LIST_H_
