#include "algoregister/feedback/iban.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "algoregister/feedback/seen_text.h"

namespace limpid::algoregister {
namespace {

// Characters of an IBAN by country, release 99 of the registry; sorted. A
// country that joins has a row here, and its numbers get past until then.
constexpr auto kLengths =
    std::to_array<std::pair<std::string_view, std::size_t>>(
        {{"ad", 24}, {"ae", 23}, {"al", 28}, {"at", 20}, {"az", 28}, {"ba", 20},
         {"be", 16}, {"bg", 22}, {"bh", 22}, {"bi", 27}, {"br", 29}, {"by", 28},
         {"ch", 21}, {"cr", 22}, {"cy", 28}, {"cz", 24}, {"de", 22}, {"dj", 27},
         {"dk", 18}, {"do", 28}, {"ee", 20}, {"eg", 29}, {"es", 24}, {"fi", 18},
         {"fk", 18}, {"fo", 18}, {"fr", 27}, {"gb", 22}, {"ge", 22}, {"gi", 23},
         {"gl", 18}, {"gr", 27}, {"gt", 28}, {"hn", 28}, {"hr", 21}, {"hu", 28},
         {"ie", 22}, {"il", 23}, {"iq", 23}, {"is", 26}, {"it", 27}, {"jo", 30},
         {"kw", 30}, {"kz", 20}, {"lb", 28}, {"lc", 32}, {"li", 21}, {"lt", 20},
         {"lu", 20}, {"lv", 21}, {"ly", 25}, {"mc", 27}, {"md", 24}, {"me", 22},
         {"mk", 19}, {"mn", 20}, {"mr", 27}, {"mt", 31}, {"mu", 30}, {"ni", 28},
         {"nl", 18}, {"no", 15}, {"om", 23}, {"pk", 24}, {"pl", 28}, {"ps", 29},
         {"pt", 25}, {"qa", 29}, {"ro", 24}, {"rs", 22}, {"ru", 33}, {"sa", 24},
         {"sc", 31}, {"sd", 18}, {"se", 24}, {"si", 19}, {"sk", 24}, {"sm", 27},
         {"so", 23}, {"st", 25}, {"sv", 28}, {"tl", 23}, {"tn", 24}, {"tr", 26},
         {"ua", 29}, {"va", 22}, {"vg", 24}, {"xk", 20}, {"ye", 30}});

// None for what is no country of the registry.
std::optional<std::size_t> LengthIn(std::string_view country) {
  const auto* const found = std::lower_bound(
      kLengths.begin(), kLengths.end(), country,
      [](const auto& row, std::string_view name) { return row.first < name; });
  if (found == kLengths.end() || found->first != country) return std::nullopt;
  return found->second;
}

// The first four to the end, letters as 10 to 35: rest 1 of 97.
bool LeavesOne(std::string_view compact) {
  constexpr int kModulus = 97;
  constexpr int kLetterValue = 10;
  constexpr int kTwoPlaces = 100;
  constexpr std::size_t kHead = 4;
  int rest = 0;
  for (std::size_t i = 0; i < compact.size(); ++i) {
    const char c = compact[(i + kHead) % compact.size()];
    rest = IsDigit(c)
               ? (rest * kLetterValue + (c - '0')) % kModulus
               : (rest * kTwoPlaces + (c - 'a' + kLetterValue)) % kModulus;
  }
  return rest == 1;
}

// Whether one begins at `at`. Whatever follows the last character: an account
// is one too when a word is glued to it.
bool IbanAt(std::string_view text, std::size_t at) {
  constexpr std::size_t kCountry = 2;
  constexpr std::size_t kHead = 4;
  // Of every account known; a sentence of words has none.
  constexpr std::ptrdiff_t kFewestDigits = 6;
  const auto length = LengthIn(text.substr(at, kCountry));
  if (!length) return false;
  std::string compact;
  for (std::size_t i = at; i < text.size() && compact.size() < *length; ++i) {
    if (Separates(text[i])) continue;
    if (!IsWord(text[i]) || text[i] == kOtherLetter) return false;
    compact.push_back(text[i]);
    const bool check = compact.size() > kCountry && compact.size() <= kHead;
    if (check && !IsDigit(text[i])) return false;
  }
  return compact.size() == *length &&
         std::count_if(compact.begin() + kHead, compact.end(), IsDigit) >=
             kFewestDigits &&
         LeavesOne(compact);
}

}  // namespace

std::optional<std::size_t> FindIban(std::string_view seen) {
  for (std::size_t at = 0; at < seen.size(); ++at) {
    const bool begins = at == 0 || !IsWord(seen[at - 1]);
    if (begins && IsLetter(seen[at]) && IbanAt(seen, at)) return at;
  }
  return std::nullopt;
}

}  // namespace limpid::algoregister
