// Debian's Abseil has a string_view of its own. Code here speaks
// std::string_view and converts at the Abseil call with ToAbsl; nothing else
// in the tree names absl::string_view.

#ifndef LIMPID_COMMON_BASE_TEXT_H_
#define LIMPID_COMMON_BASE_TEXT_H_

#include <string_view>

#include "absl/strings/string_view.h"

namespace limpid::base {

// The same characters for an Abseil call. Does not copy.
inline absl::string_view ToAbsl(std::string_view text) {
  return {text.data(), text.size()};
}

// The same characters from an Abseil result, such as Status::message().
inline std::string_view ToStd(absl::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace limpid::base

#endif  // LIMPID_COMMON_BASE_TEXT_H_
