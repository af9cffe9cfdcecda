#include "algoregister/feedback/seen_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"

namespace limpid::algoregister {
namespace {

using base::ToAbsl;

// One character of well-formed UTF-8 at `at`, which moves behind it.
char32_t Next(std::string_view text, std::size_t& at) {
  constexpr unsigned kTwo = 0xc0;
  constexpr unsigned kThree = 0xe0;
  constexpr unsigned kFour = 0xf0;
  constexpr unsigned kRest = 0x3f;
  constexpr unsigned kRestBits = 6;
  const auto lead = static_cast<unsigned char>(text[at++]);
  int more = 0;
  char32_t out = lead;
  if (lead >= kFour) {
    more = 3;
    out = lead & 0x07U;
  } else if (lead >= kThree) {
    more = 2;
    out = lead & 0x0fU;
  } else if (lead >= kTwo) {
    more = 1;
    out = lead & 0x1fU;
  }
  for (; more > 0 && at < text.size(); --more) {
    out = (out << kRestBits) | (static_cast<unsigned char>(text[at++]) & kRest);
  }
  return out;
}

struct Span {
  char32_t first;
  char32_t last;
};
template <std::size_t N>
bool In(const std::array<Span, N>& spans, char32_t c) {
  return std::any_of(spans.begin(), spans.end(), [c](const Span& span) {
    return c >= span.first && c <= span.last;
  });
}

// Not seen, whatever a font does with them: all of Unicode's
// Default_Ignorable_Code_Point (DerivedCoreProperties.txt, the same in versions
// 14 to 17).
constexpr auto kIgnorable = std::to_array<Span>({{0xad, 0xad},
                                                 {0x34f, 0x34f},
                                                 {0x61c, 0x61c},
                                                 {0x115f, 0x1160},
                                                 {0x17b4, 0x17b5},
                                                 {0x180b, 0x180f},
                                                 {0x200b, 0x200f},
                                                 {0x202a, 0x202e},
                                                 {0x2060, 0x206f},
                                                 {0x3164, 0x3164},
                                                 {0xfe00, 0xfe0f},
                                                 {0xfeff, 0xfeff},
                                                 {0xffa0, 0xffa0},
                                                 {0xfff0, 0xfff8},
                                                 {0x1bca0, 0x1bca3},
                                                 {0x1d173, 0x1d17a},
                                                 {0xe0000, 0xe0fff}});
// Combining marks that are of no script: what they stand on is still seen.
constexpr auto kMarks = std::to_array<Span>({{0x300, 0x36f},
                                             {0x1ab0, 0x1aff},
                                             {0x1dc0, 0x1dff},
                                             {0x20d0, 0x20ff},
                                             {0xfe20, 0xfe2f}});
constexpr auto kBlank = std::to_array<Span>({{0x09, 0x0d},
                                             {0x20, 0x20},
                                             {0xa0, 0xa0},
                                             {0x2000, 0x200a},
                                             {0x2028, 0x2029},
                                             {0x202f, 0x202f},
                                             {0x205f, 0x205f},
                                             {0x3000, 0x3000}});
constexpr auto kDash = std::to_array<Span>(
    {{'-', '-'}, {0x2010, 0x2015}, {0x2212, 0x2212}, {0xfe63, 0xfe63}});
// Signs that look like one of ASCII.
constexpr auto kLookAlikes =
    std::to_array<std::pair<char32_t, char>>({{0x2024, '.'},
                                              {0x2044, '/'},
                                              {0x2215, '/'},
                                              {0x3002, '.'},
                                              {0xfe52, '.'},
                                              {0xfe6b, '@'},
                                              {0xff61, '.'}});
// No letters: punctuation, symbols, arrows, pictures. Not complete; what is
// missing here is a letter, and hides a number that stands directly beside it.
constexpr auto kSigns = std::to_array<Span>(
    {{0x80, 0xa9},     {0xab, 0xb4},       {0xb6, 0xb9},       {0xbb, 0xbf},
     {0xd7, 0xd7},     {0xf7, 0xf7},       {0x2b9, 0x2ff},     {0x37e, 0x37e},
     {0x387, 0x387},   {0x55a, 0x55f},     {0x589, 0x58f},     {0x5be, 0x5be},
     {0x5c0, 0x5c0},   {0x5c3, 0x5c3},     {0x5f3, 0x5f4},     {0x606, 0x60f},
     {0x61b, 0x61f},   {0x66a, 0x66d},     {0x6d4, 0x6d4},     {0x964, 0x965},
     {0x2010, 0x20cf}, {0x2100, 0x2bff},   {0x2e00, 0x2e7f},   {0x3001, 0x3004},
     {0x3008, 0x3020}, {0x3030, 0x3030},   {0x303d, 0x303f},   {0xe000, 0xf8ff},
     {0xfd3e, 0xfd3f}, {0xfe10, 0xfe1f},   {0xfe30, 0xfe6f},   {0xff5f, 0xff65},
     {0xffe0, 0xffff}, {0x1f000, 0x1fbff}, {0xf0000, 0x10ffff}});
// Thai to Khmer, kana, Chinese, Korean, whose words or endings follow a number
// without a blank.
constexpr auto kWithoutBlanks = std::to_array<Span>({{0xe00, 0xeff},
                                                     {0x1000, 0x109f},
                                                     {0x1780, 0x17ff},
                                                     {0x3040, 0x31ff},
                                                     {0x3400, 0x9fff},
                                                     {0xac00, 0xd7a3},
                                                     {0xf900, 0xfaff},
                                                     {0x20000, 0x3ffff}});
// The zero of every ten decimal digits (category Nd) of Unicode 15 outside
// ASCII, the other nine behind each. Listed with Python's unicodedata 14, where
// the last two of version 15 (0x11f50, 0x1e4f0) are missing, and compared with
// ICU 72, which has 15.
constexpr auto kZeros = std::to_array<char32_t>(
    {0x660,   0x6f0,   0x7c0,   0x966,   0x9e6,   0xa66,   0xae6,   0xb66,
     0xbe6,   0xc66,   0xce6,   0xd66,   0xde6,   0xe50,   0xed0,   0xf20,
     0x1040,  0x1090,  0x17e0,  0x1810,  0x1946,  0x19d0,  0x1a80,  0x1a90,
     0x1b50,  0x1bb0,  0x1c40,  0x1c50,  0xa620,  0xa8d0,  0xa900,  0xa9d0,
     0xa9f0,  0xaa50,  0xabf0,  0xff10,  0x104a0, 0x10d30, 0x11066, 0x110f0,
     0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730,
     0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x11f50, 0x16a60, 0x16ac0,
     0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0,
     0x1e4f0, 0x1e950, 0x1fbf0});
constexpr char32_t kFullWidth = 0xff01;
constexpr char32_t kFullWidthEnd = 0xff5e;
constexpr char32_t kAscii = 0x80;

// A character outside ASCII that is neither blank nor dash nor digit.
char OtherThanAscii(char32_t c) {
  const auto* const like =
      std::find_if(kLookAlikes.begin(), kLookAlikes.end(),
                   [c](const auto& pair) { return pair.first == c; });
  if (like != kLookAlikes.end()) return like->second;
  return In(kSigns, c) || In(kWithoutBlanks, c) ? kOtherSign : kOtherLetter;
}

// What a character looks like; '\0' for nothing.
char Seen(char32_t c) {
  constexpr int kDigits = 10;
  if (In(kIgnorable, c) || In(kMarks, c)) return '\0';
  if (In(kBlank, c)) return ' ';
  for (const char32_t zero : kZeros) {
    if (c >= zero && c < zero + kDigits)
      return static_cast<char>('0' + c - zero);
  }
  if (c >= kFullWidth && c <= kFullWidthEnd) c = c - kFullWidth + '!';
  if (In(kDash, c)) return '-';
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  // Theirs alone: '~' and '|' mean something here.
  if (c == '~') return kOtherSign;
  return c < kAscii ? static_cast<char>(c) : OtherThanAscii(c);
}

// Turn the direction of writing, so that a text shows something else than it
// is.
constexpr auto kDirection =
    std::to_array<Span>({{0x202a, 0x202e}, {0x2066, 0x2069}});

}  // namespace

SeenText AsSeen(std::string_view text) {
  SeenText out;
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = Seen(Next(text, at));
    ++count;
    if (c == '\0') continue;
    out.text.push_back(c);
    out.position.push_back(count);
  }
  return out;
}

absl::Status CheckShown(std::string_view field, std::string_view text) {
  constexpr char32_t kFirstPrintable = 0x20;
  constexpr Span kControls = {0x7f, 0x9f};
  bool seen = false;
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = Next(text, at);
    ++count;
    const bool line = c == '\n' || c == '\t' || c == '\r';
    const bool control = (c < kFirstPrintable && !line) ||
                         (c >= kControls.first && c <= kControls.last);
    if (control || In(kDirection, c)) {
      return absl::InvalidArgumentError(
          absl::StrCat(ToAbsl(field), ": character ", count,
                       " is one that cannot be shown"));
    }
    seen = seen || (Seen(c) != '\0' && Seen(c) != ' ');
  }
  if (seen) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(field), ": has nothing to read in it"));
}

}  // namespace limpid::algoregister
