#include "algoregister/matching/title_words.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "algoregister/registration/registration_store.h"

namespace limpid::algoregister {
namespace {

bool IsCapital(char c) { return c >= 'A' && c <= 'Z'; }
bool IsSmall(char c) { return c >= 'a' && c <= 'z'; }
bool IsWordByte(char c) {
  return IsCapital(c) || IsSmall(c) || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Seen at least twice in the list of 9 June 2026 and by several bodies, or so
// plain that they will be.
constexpr auto kGeneric = std::to_array<std::string_view>({
    "anonimiseren",
    "anonimiseringssoftware",
    "anonimiseringstool",
    "belastingen",
    "burgerzaken ediensten",
    "chatbot",
    "factuurverwerking",
    "meldingen openbare ruimte",
    "parkeercontrole",
    "risicomodel",
    "scanauto",
    "speech to text",
    "tekstanalyse",
    "transcriptie",
    "veilig e mailen",
    "veilig mailen",
    "vertalen",
    "zaaksysteem",
});

constexpr auto kVendors = std::to_array<std::string_view>({
    "bmconsultants",
    "brickyard",
    "centric",
    "contec",
    "docdirekt",
    "edata",
    "nelen",
    "octobox",
    "oribi",
    "pinkroccade",
    "procura",
    "tygron",
    "xxllnc",
    "zivver",
    "zylab",
});

template <typename List>
bool Has(const List& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// "iBurgerzaken", "ReadSpeaker", but neither "WOZ" nor "eDiensten", which is
// "e-services" in one word.
bool HasInnerCapital(std::string_view word) {
  bool small = false;
  for (const char c : word) {
    if (IsCapital(c) && small) return true;
    small = small || IsSmall(c);
  }
  return false;
}

bool IsAcronym(std::string_view word) {
  constexpr std::size_t kLongest = 5;
  return word.size() <= kLongest &&
         std::none_of(word.begin(), word.end(), IsSmall);
}

// Whether a sentence begins behind `before`.
bool BeginsSentence(std::string_view before) {
  while (!before.empty() && (before.back() == ' ' || before.back() == '\t')) {
    before.remove_suffix(1);
  }
  constexpr std::string_view kEnds = ".!?:;\n\r\"'(-*>";
  return before.empty() || kEnds.find(before.back()) != std::string_view::npos;
}

}  // namespace

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> out;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at;
    while (end < text.size() && IsWordByte(text[end])) ++end;
    if (end > at) out.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::string NormalTitle(std::string_view title) {
  std::string out;
  for (const std::string& word : WordsOf(title)) {
    if (!out.empty()) out += ' ';
    out += FoldTitle(word);
  }
  return out;
}

bool IsKnownGenericTitle(std::string_view normal_title) {
  return Has(kGeneric, normal_title);
}

bool IsKnownVendorWord(std::string_view word) { return Has(kVendors, word); }

void WordUse::Read(std::string_view prose) {
  if (!read_.try_emplace(std::string(prose), true).second) return;
  std::size_t at = 0;
  while (at < prose.size()) {
    std::size_t end = at;
    while (end < prose.size() && IsWordByte(prose[end])) ++end;
    if (end > at && !BeginsSentence(prose.substr(0, at))) {
      const std::string_view word = prose.substr(at, end - at);
      Count& count = counts_[FoldTitle(word)];
      ++(IsCapital(word.front()) ? count.capital : count.small);
    }
    at = end + 1;
  }
}

bool WordUse::IsName(std::string_view word) const {
  constexpr std::size_t kShortest = 4;
  if (word.size() < kShortest || IsAcronym(word)) return false;
  const std::string folded = FoldTitle(word);
  if (folded == "ediensten") return false;
  if (IsKnownVendorWord(folded) || HasInnerCapital(word)) return true;
  const auto found = counts_.find(folded);
  if (found == counts_.end()) return false;
  // Three times, and hardly ever otherwise.
  constexpr int kOften = 3;
  constexpr int kShare = 4;
  return found->second.capital >= kOften &&
         found->second.capital >= kShare * found->second.small;
}

}  // namespace limpid::algoregister
