// Texts that a spreadsheet would run.

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "algoregister/profile/cell.h"

namespace limpid::algoregister {
namespace {

// Whether a spreadsheet takes what begins like `text` for a formula. Some read
// signs of full width as those of ASCII: U+FF1D "=", U+FF0B "+", U+FF0D "-",
// U+FF20 "@".
bool StartsFormula(std::string_view text) {
  constexpr std::string_view kStarts = "=+-@\t\r";
  constexpr auto kFullWidth =
      std::to_array<std::string_view>({"\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"});
  return kStarts.find(text.front()) != std::string_view::npos ||
         std::any_of(
             kFullWidth.begin(), kFullWidth.end(),
             [text](std::string_view sign) { return text.starts_with(sign); });
}

// Where a spreadsheet would find a formula, each with the apostrophes before
// it.
std::vector<std::size_t> FormulasOf(std::string_view text) {
  constexpr std::string_view kEnds = ";\t\r\n";
  std::vector<std::size_t> out;
  std::size_t begin = 0;
  while (begin < text.size()) {
    // Quotes there do not quote: the file doubles them.
    if (begin > 0) begin = text.find_first_not_of(" \"", begin);
    const std::size_t at = text.find_first_not_of('\'', begin);
    if (at == std::string_view::npos) break;
    if (StartsFormula(text.substr(at))) out.push_back(begin);
    const std::size_t end = text.find_first_of(kEnds, at);
    if (end == std::string_view::npos) break;
    begin = end + 1;
  }
  return out;
}

}  // namespace

std::string Neutralise(std::string_view text) {
  std::string out;
  std::size_t written = 0;
  for (const std::size_t at : FormulasOf(text)) {
    out.append(text.substr(written, at - written)).push_back('\'');
    written = at;
  }
  return out.append(text.substr(written));
}

std::string WithoutApostrophes(std::string_view text) {
  std::string out;
  std::size_t written = 0;
  for (const std::size_t at : FormulasOf(text)) {
    if (text[at] != '\'') continue;
    out.append(text.substr(written, at - written));
    written = at + 1;
  }
  return out.append(text.substr(written));
}

}  // namespace limpid::algoregister
