#include "algoregister/search/word_tables.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace limpid::algoregister::search {
namespace {

// Dutch first, then English, alphabetically by the first word.
constexpr auto kPrivacy = std::to_array<std::string_view>(
    {"anonimiseren", "geanonimiseerd", "anonimisering", "lakken", "zwartlakken",
     "anonymise", "anonymize", "redact", "redaction"});
constexpr auto kBenefit = std::to_array<std::string_view>(
    {"bijstand", "uitkering", "bijstandsuitkering", "benefit", "welfare"});
constexpr auto kObjection = std::to_array<std::string_view>(
    {"bezwaar", "bezwaarschrift", "beroep", "objection", "appeal"});
constexpr auto kCitizen = std::to_array<std::string_view>(
    {"burger", "inwoner", "citizen", "resident"});
constexpr auto kCamera =
    std::to_array<std::string_view>({"camera", "videobeeld", "cctv"});
constexpr auto kDebt = std::to_array<std::string_view>(
    {"schuld", "schulden", "schuldhulp", "debt"});
constexpr auto kChild = std::to_array<std::string_view>(
    {"kind", "jeugd", "jeugdige", "child", "children", "youth"});
constexpr auto kEnforcement = std::to_array<std::string_view>(
    {"handhaving", "handhaven", "toezicht", "enforcement", "inspection"});
constexpr auto kFace = std::to_array<std::string_view>(
    {"gezicht", "gezichtsherkenning", "gelaat", "face", "facial"});
constexpr auto kFraud =
    std::to_array<std::string_view>({"fraude", "misbruik", "fraud", "abuse"});
constexpr auto kHealth = std::to_array<std::string_view>(
    {"gezondheid", "zorg", "health", "healthcare", "care"});
constexpr auto kHouse = std::to_array<std::string_view>(
    {"huis", "woning", "house", "housing", "dwelling"});
constexpr auto kPlate =
    std::to_array<std::string_view>({"kenteken", "kentekenplaat", "nummerplaat",
                                     "licenceplate", "numberplate"});
constexpr auto kClimate = std::to_array<std::string_view>(
    {"klimaat", "milieu", "climate", "environment"});
constexpr auto kSchool = std::to_array<std::string_view>(
    {"onderwijs", "school", "leerling", "education", "pupil"});
constexpr auto kParking = std::to_array<std::string_view>(
    {"parkeren", "parkeer", "geparkeerd", "geparkeerde", "parkeerder",
     "parking", "parked"});
constexpr auto kPolice = std::to_array<std::string_view>(
    {"politie", "opsporing", "police", "policing"});
constexpr auto kRisk =
    std::to_array<std::string_view>({"risico", "risicoprofiel", "risk"});
constexpr auto kSpeech = std::to_array<std::string_view>(
    {"spraak", "spraakherkenning", "speech", "voice"});
constexpr auto kGrant = std::to_array<std::string_view>(
    {"subsidie", "toelage", "subsidy", "grant"});
constexpr auto kTax = std::to_array<std::string_view>(
    {"belasting", "heffing", "aanslag", "tax", "taxation", "levy"});
constexpr auto kTranslation = std::to_array<std::string_view>(
    {"vertaling", "vertalen", "translation", "translate"});
constexpr auto kPermit = std::to_array<std::string_view>(
    {"vergunning", "ontheffing", "permit", "licence", "license"});
constexpr auto kTraffic = std::to_array<std::string_view>(
    {"verkeer", "mobiliteit", "traffic", "mobility"});
constexpr auto kWork = std::to_array<std::string_view>(
    {"werk", "baan", "vacature", "job", "employment", "vacancy"});
constexpr auto kChat =
    std::to_array<std::string_view>({"chatbot", "gespreksassistent", "chat"});

constexpr auto kGroups = std::to_array<SynonymGroup>(
    {kPrivacy,     kBenefit, kObjection, kCitizen, kCamera, kDebt,  kChild,
     kEnforcement, kFace,    kFraud,     kHealth,  kHouse,  kPlate, kClimate,
     kSchool,      kParking, kPolice,    kRisk,    kSpeech, kGrant, kTax,
     kTranslation, kPermit,  kTraffic,   kWork,    kChat});

// Sorted.
constexpr auto kStopWords = std::to_array<std::string_view>(
    {"a",      "aan",  "al",   "als",    "an",    "and",  "are",   "as",
     "at",     "be",   "bij",  "but",    "by",    "can",  "daar",  "dan",
     "dat",    "de",   "deze", "die",    "dit",   "door", "een",   "en",
     "er",     "for",  "from", "had",    "has",   "have", "heeft", "het",
     "hun",    "ik",   "in",   "is",     "it",    "its",  "je",    "kan",
     "kunnen", "maar", "met",  "mijn",   "naar",  "niet", "not",   "nu",
     "of",     "om",   "on",   "ons",    "onze",  "ook",  "op",    "or",
     "over",   "s",    "t",    "te",     "that",  "the",  "their", "then",
     "these",  "they", "this", "to",     "tot",   "uit",  "van",   "voor",
     "waar",   "was",  "wat",  "we",     "were",  "when", "which", "wie",
     "wij",    "will", "with", "worden", "wordt", "you",  "your",  "ze",
     "zich",   "zijn", "zo"});
static_assert(std::is_sorted(kStopWords.begin(), kStopWords.end()));

}  // namespace

std::span<const SynonymGroup> Synonyms() { return kGroups; }

bool IsStopWord(std::string_view word) {
  // Most words are longer than any of them.
  static constexpr std::size_t kLongest =
      std::max_element(kStopWords.begin(), kStopWords.end(),
                       [](std::string_view left, std::string_view right) {
                         return left.size() < right.size();
                       })
          ->size();
  if (word.size() > kLongest) return false;
  return std::binary_search(kStopWords.begin(), kStopWords.end(), word);
}

}  // namespace limpid::algoregister::search
