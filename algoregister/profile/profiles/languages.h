// The languages that rows say they are in: ISO 639-1, 639-3 where it differs,
// and what English, Dutch and the language itself call them, of the official
// languages of the Union, Frisian, Norwegian and Icelandic. For the tables of
// this folder alone.

#ifndef LIMPID_ALGOREGISTER_PROFILE_PROFILES_LANGUAGES_H_
#define LIMPID_ALGOREGISTER_PROFILE_PROFILES_LANGUAGES_H_

#include <algorithm>
#include <array>
#include <cstddef>

#include "algoregister/profile/profile.h"

namespace limpid::algoregister::profiles {

inline constexpr auto kDutchWords = std::to_array<CodePair>({
    {"nld", "nl"},
    {"nl", "nl"},
    {"dut", "nl"},
    {"Nederlands", "nl"},
    {"Dutch", "nl"},
});
inline constexpr auto kEnglishWords = std::to_array<CodePair>({
    {"eng", "en"},
    {"en", "en"},
    {"English", "en"},
    {"Engels", "en"},
});
inline constexpr auto kOtherWords = std::to_array<CodePair>({
    {"fry", "fy"},    {"fy", "fy"},        {"Frysk", "fy"},
    {"Fries", "fy"},  {"Frisian", "fy"},   {"bul", "bg"},
    {"bg", "bg"},     {"Bulgarian", "bg"}, {"hrv", "hr"},
    {"hr", "hr"},     {"Croatian", "hr"},  {"ces", "cs"},
    {"cs", "cs"},     {"Czech", "cs"},     {"dan", "da"},
    {"da", "da"},     {"Danish", "da"},    {"est", "et"},
    {"et", "et"},     {"Estonian", "et"},  {"fin", "fi"},
    {"fi", "fi"},     {"Finnish", "fi"},   {"Suomi", "fi"},
    {"fra", "fr"},    {"fre", "fr"},       {"fr", "fr"},
    {"French", "fr"}, {"Frans", "fr"},     {"Français", "fr"},
    {"deu", "de"},    {"ger", "de"},       {"de", "de"},
    {"German", "de"}, {"Duits", "de"},     {"Deutsch", "de"},
    {"ell", "el"},    {"el", "el"},        {"Greek", "el"},
    {"hun", "hu"},    {"hu", "hu"},        {"Hungarian", "hu"},
    {"gle", "ga"},    {"ga", "ga"},        {"Irish", "ga"},
    {"ita", "it"},    {"it", "it"},        {"Italian", "it"},
    {"lav", "lv"},    {"lv", "lv"},        {"Latvian", "lv"},
    {"lit", "lt"},    {"lt", "lt"},        {"Lithuanian", "lt"},
    {"mlt", "mt"},    {"mt", "mt"},        {"Maltese", "mt"},
    {"pol", "pl"},    {"pl", "pl"},        {"Polish", "pl"},
    {"por", "pt"},    {"pt", "pt"},        {"Portuguese", "pt"},
    {"ron", "ro"},    {"ro", "ro"},        {"Romanian", "ro"},
    {"slk", "sk"},    {"sk", "sk"},        {"Slovak", "sk"},
    {"slv", "sl"},    {"sl", "sl"},        {"Slovenian", "sl"},
    {"spa", "es"},    {"es", "es"},        {"Spanish", "es"},
    {"swe", "sv"},    {"sv", "sv"},        {"Swedish", "sv"},
    {"nor", "no"},    {"no", "no"},        {"Norwegian", "no"},
    {"isl", "is"},    {"is", "is"},        {"Icelandic", "is"},
});

template <std::size_t N, std::size_t M>
constexpr std::array<CodePair, N + M> Joined(
    const std::array<CodePair, N>& first,
    const std::array<CodePair, M>& second) {
  std::array<CodePair, N + M> out{};
  std::copy(second.begin(), second.end(),
            std::copy(first.begin(), first.end(), out.begin()));
  return out;
}

// The same words of languages whose rows another profile reads.
template <std::size_t N>
constexpr std::array<CodePair, N> OfAnotherProfile(
    std::array<CodePair, N> languages) {
  for (CodePair& pair : languages) pair.ours = {};
  return languages;
}

}  // namespace limpid::algoregister::profiles

#endif  // LIMPID_ALGOREGISTER_PROFILE_PROFILES_LANGUAGES_H_
