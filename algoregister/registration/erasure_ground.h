// The ground of an erasure, public for ever: it may not say what it erases.
// docs/adr/2026-11-30-erasing-a-bundle.md

#ifndef LIMPID_ALGOREGISTER_REGISTRATION_ERASURE_GROUND_H_
#define LIMPID_ALGOREGISTER_REGISTRATION_ERASURE_GROUND_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// Shorter texts stand inside others by chance.
inline constexpr std::size_t kTellingBytes = 8;

// Texts for people inside a value, of `min_bytes` or more.
std::vector<std::string> TextsOf(const json::Value& value,
                                 std::size_t min_bytes);

// Checks that a ground, 1 to kMaxGroundBytes, repeats none of the `texts` that
// are erased. Capitals of ASCII do not count. A text of kTellingBytes or more
// may stand nowhere in it, a shorter one of 3 or more not as words of its own.
// What is only part of a text is not found.
//
// Errors:
//   kInvalidArgument  "ground: reason", never the text.
absl::Status CheckGround(std::string_view ground,
                         std::span<const std::string> texts);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_REGISTRATION_ERASURE_GROUND_H_
