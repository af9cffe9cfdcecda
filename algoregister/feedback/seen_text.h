// A text as people see it, in lower-case ASCII: what the screen of tickets
// compares. docs/formats/feedback-ticket.md

#ifndef LIMPID_ALGOREGISTER_FEEDBACK_SEEN_TEXT_H_
#define LIMPID_ALGOREGISTER_FEEDBACK_SEEN_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace limpid::algoregister {

// What stands in a seen text for a letter outside ASCII, and for anything
// outside ASCII that is no letter: a quotation mark, a bullet, an arrow.
inline constexpr char kOtherLetter = '~';
inline constexpr char kOtherSign = '|';

inline bool IsDigit(char c) { return c >= '0' && c <= '9'; }
inline bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || c == kOtherLetter;
}
inline bool IsWord(char c) { return IsDigit(c) || IsLetter(c); }
// Between groups of one number, as people write it.
inline bool Separates(char c) {
  return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')' ||
         c == '_' || c == kOtherSign;
}

struct SeenText {
  // One byte for each character that is seen.
  std::string text;
  // Of each of these its place among all characters, from 1.
  std::vector<std::size_t> position;
};

// `text` is UTF-8. Capitals, decimal digits of every script, full width and
// dashes are read as what they look like; what Unicode lets be ignored, and
// combining marks of no script, are left out. Letters of scripts that put no
// blank between words are signs: a number may stand directly beside them.
SeenText AsSeen(std::string_view text);

// Checks that `text`, which is UTF-8, can be shown: no control characters but
// line ends and tabs, none that turn the direction of writing, and something to
// read.
//
// Errors:
//   kInvalidArgument  "<field>: reason".
absl::Status CheckShown(std::string_view field, std::string_view text);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_FEEDBACK_SEEN_TEXT_H_
