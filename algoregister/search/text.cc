#include "algoregister/search/text.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace limpid::algoregister::search {
namespace {

constexpr char32_t kInvalid = 0xfffd;

// The character at `at`, which moves behind it. Malformed bytes are one
// kInvalid each.
char32_t Next(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint8_t>(text[i]);
  };
  const std::uint8_t first = byte(at++);
  if (first < 0x80) return first;
  std::size_t more = 0;
  if (first >= 0xc2 && first <= 0xdf) more = 1;
  if (first >= 0xe0 && first <= 0xef) more = 2;
  if (first >= 0xf0 && first <= 0xf4) more = 3;
  if (more == 0 || at + more > text.size()) return kInvalid;
  char32_t out = first & (0x3fU >> more);
  for (std::size_t i = 0; i < more; ++i) {
    const std::uint8_t next = byte(at + i);
    if ((next & 0xc0U) != 0x80) return kInvalid;
    out = (out << 6U) | (next & 0x3fU);
  }
  at += more;
  return out;
}

void AppendUtf8(char32_t c, std::string& out) {
  const auto put = [&out](char32_t bits) {
    out.push_back(static_cast<char>(static_cast<std::uint8_t>(bits)));
  };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xc0 | (c >> 6U));
  } else {
    if (c < 0x10000) {
      put(0xe0 | (c >> 12U));
    } else {
      put(0xf0 | (c >> 18U));
      put(0x80 | ((c >> 12U) & 0x3fU));
    }
    put(0x80 | ((c >> 6U) & 0x3fU));
  }
  put(0x80 | (c & 0x3fU));
}

// U+00C0 to U+017F without case and accent; " " is no letter.
constexpr auto kLatin = std::to_array<std::string_view>({
    "a", "a", "a",  "a",  "a", "a", "ae", "c",  "e", "e", "e",  "e", "i", "i",
    "i", "i", "d",  "n",  "o", "o", "o",  "o",  "o", " ", "o",  "u", "u", "u",
    "u", "y", "th", "ss", "a", "a", "a",  "a",  "a", "a", "ae", "c", "e", "e",
    "e", "e", "i",  "i",  "i", "i", "d",  "n",  "o", "o", "o",  "o", "o", " ",
    "o", "u", "u",  "u",  "u", "y", "th", "y",  "a", "a", "a",  "a", "a", "a",
    "c", "c", "c",  "c",  "c", "c", "c",  "c",  "d", "d", "d",  "d", "e", "e",
    "e", "e", "e",  "e",  "e", "e", "e",  "e",  "g", "g", "g",  "g", "g", "g",
    "g", "g", "h",  "h",  "h", "h", "i",  "i",  "i", "i", "i",  "i", "i", "i",
    "i", "i", "ij", "ij", "j", "j", "k",  "k",  "k", "l", "l",  "l", "l", "l",
    "l", "l", "l",  "l",  "l", "n", "n",  "n",  "n", "n", "n",  "n", "n", "n",
    "o", "o", "o",  "o",  "o", "o", "oe", "oe", "r", "r", "r",  "r", "r", "r",
    "s", "s", "s",  "s",  "s", "s", "s",  "s",  "t", "t", "t",  "t", "t", "t",
    "u", "u", "u",  "u",  "u", "u", "u",  "u",  "u", "u", "u",  "u", "w", "w",
    "y", "y", "y",  "z",  "z", "z", "z",  "z",  "z", "s",
});
static_assert(kLatin.size() == 0x180 - 0xc0);

enum class Role { kLetter, kSeparator, kNothing };

bool IsIn(char32_t c, char32_t first, char32_t last) {
  return c >= first && c <= last;
}

// Beyond ASCII and U+017F.
Role RoleOf(char32_t c) {
  // Combining marks, soft hyphen, zero-width characters, byte-order mark.
  if (IsIn(c, 0x300, 0x36f) || c == 0xad || IsIn(c, 0x200b, 0x200d) ||
      c == 0xfeff) {
    return Role::kNothing;
  }
  const bool separates = c < 0xc0 || IsIn(c, 0x2000, 0x2bff) ||
                         IsIn(c, 0x3000, 0x303f) || IsIn(c, 0xe000, 0xf8ff) ||
                         IsIn(c, 0xfe00, 0xfe6f) || c >= 0xfff0;
  return separates ? Role::kSeparator : Role::kLetter;
}

// Greek and Cyrillic capitals; other letters stay as they are.
char32_t Lower(char32_t c) {
  if (IsIn(c, 0x391, 0x3a9) || IsIn(c, 0x410, 0x42f)) return c + 0x20;
  if (IsIn(c, 0x400, 0x40f)) return c + 0x50;
  return c;
}

// Adds what is left of `c` to `word`; false when it separates words.
bool Take(char32_t c, std::string& word) {
  if (c < 0x80) {
    const bool capital = c >= 'A' && c <= 'Z';
    const bool part = capital || IsIn(c, 'a', 'z') || IsIn(c, '0', '9');
    if (part) word.push_back(static_cast<char>(capital ? c + 0x20 : c));
    return part;
  }
  if (IsIn(c, 0xc0, 0x17f)) {
    const std::string_view folded = kLatin.at(c - 0xc0);
    if (folded == " ") return false;
    word += folded;
    return true;
  }
  const Role role = RoleOf(c);
  if (role == Role::kLetter) AppendUtf8(Lower(c), word);
  return role != Role::kSeparator;
}

}  // namespace

void ForEachWord(std::string_view text,
                 absl::FunctionRef<void(std::string_view)> each) {
  std::string word;
  const auto end = [&] {
    if (!word.empty() && word.size() <= kMaxWordBytes) each(word);
    word.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    if (!Take(Next(text, at), word)) end();
  }
  end();
}

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> out;
  ForEachWord(text, [&out](std::string_view word) { out.emplace_back(word); });
  return out;
}

}  // namespace limpid::algoregister::search
