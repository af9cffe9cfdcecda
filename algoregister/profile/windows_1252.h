// The encoding of older spreadsheets, turned into UTF-8. Pure.

#ifndef LIMPID_ALGOREGISTER_PROFILE_WINDOWS_1252_H_
#define LIMPID_ALGOREGISTER_PROFILE_WINDOWS_1252_H_

#include <string>
#include <string_view>

namespace limpid::algoregister {

// Every byte is a character there, after the WHATWG encoding standard, which
// gives the five undefined ones their control characters.
std::string FromWindows1252(std::string_view text);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_WINDOWS_1252_H_
