#include "algoregister/feedback/dates.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "algoregister/feedback/seen_text.h"

namespace limpid::algoregister {
namespace {

// A number of one to four digits at `at`, which moves behind it; -1 for none.
int SmallNumber(std::string_view text, std::size_t& at) {
  constexpr std::size_t kMostDigits = 4;
  constexpr int kTen = 10;
  const std::size_t begin = at;
  int out = 0;
  while (at < text.size() && IsDigit(text[at])) {
    if (at - begin == kMostDigits) return -1;
    out = out * kTen + (text[at++] - '0');
  }
  return at == begin ? -1 : out;
}

// Names of months in the languages that people here write in, whole words: a
// beginning of one would find "december" in "decision". '~' is a letter
// outside ASCII.
constexpr auto kMonths = std::to_array<std::pair<std::string_view, int>>({
    {"jan", 1},       {"january", 1},    {"januari", 1},   {"januar", 1},
    {"j~nner", 1},    {"janvier", 1},    {"janv", 1},      {"enero", 1},
    {"gennaio", 1},   {"feb", 2},        {"february", 2},  {"februari", 2},
    {"februar", 2},   {"fevrier", 2},    {"f~vrier", 2},   {"f~vr", 2},
    {"febrero", 2},   {"febbraio", 2},   {"mar", 3},       {"march", 3},
    {"maart", 3},     {"m~r", 3},        {"mrt", 3},       {"marz", 3},
    {"m~rz", 3},      {"mars", 3},       {"marzo", 3},     {"apr", 4},
    {"april", 4},     {"avr", 4},        {"avril", 4},     {"abril", 4},
    {"aprile", 4},    {"may", 5},        {"mei", 5},       {"mai", 5},
    {"mayo", 5},      {"maggio", 5},     {"jun", 6},       {"june", 6},
    {"juni", 6},      {"juin", 6},       {"junio", 6},     {"giugno", 6},
    {"jul", 7},       {"july", 7},       {"juli", 7},      {"juillet", 7},
    {"juil", 7},      {"julio", 7},      {"luglio", 7},    {"aug", 8},
    {"august", 8},    {"augustus", 8},   {"aout", 8},      {"ao~t", 8},
    {"agosto", 8},    {"sep", 9},        {"sept", 9},      {"september", 9},
    {"septembre", 9}, {"septiembre", 9}, {"settembre", 9}, {"oct", 10},
    {"okt", 10},      {"october", 10},   {"oktober", 10},  {"octobre", 10},
    {"octubre", 10},  {"ottobre", 10},   {"nov", 11},      {"november", 11},
    {"novembre", 11}, {"noviembre", 11}, {"dec", 12},      {"dez", 12},
    {"december", 12}, {"dezember", 12},  {"decembre", 12}, {"d~cembre", 12},
    {"d~c", 12},      {"diciembre", 12}, {"dicembre", 12},
});

// The letters at `at`.
std::string_view LettersAt(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && IsLetter(text[end])) ++end;
  return text.substr(at, end - at);
}

// A month in words at `at`, which moves behind the word; 0 for none.
int MonthWord(std::string_view text, std::size_t& at) {
  const std::string_view word = LettersAt(text, at);
  for (const auto& [name, month] : kMonths) {
    if (word == name) {
      at += word.size();
      return month;
    }
  }
  return 0;
}

void SkipBetween(std::string_view text, std::size_t& at) {
  constexpr std::size_t kMost = 2;
  for (std::size_t i = 0; i < kMost && at < text.size(); ++i) {
    if (text[at] == ',' || Separates(text[at])) ++at;
  }
}

bool Exists(int year, int month, int day) {
  const absl::CivilDay civil(year, month, day);
  return civil.year() == year && civil.month() == month && civil.day() == day;
}

// Three numbers as they stand; the month of words below zero.
std::optional<absl::CivilDay> DayOf(const std::array<int, 3>& parts) {
  constexpr int kFirstYear = 1900;
  constexpr int kLastYear = 2100;
  constexpr int kLongYear = 1000;
  int year = parts[2];
  int month = parts[1] < 0 ? -parts[1] : parts[1];
  int day = parts[0];
  if (parts[0] < 0) {
    month = -parts[0];
    day = parts[1];
  } else if (parts[0] >= kLongYear) {
    year = parts[0];
    day = parts[2];
  }
  if (year < kFirstYear || year > kLastYear) return std::nullopt;
  // 04/07/1980 and 07/04/1980 are both dates of somebody.
  if (Exists(year, month, day)) return absl::CivilDay(year, month, day);
  std::swap(day, month);
  if (Exists(year, month, day)) return absl::CivilDay(year, month, day);
  return std::nullopt;
}

std::optional<DateInText> DateAt(std::string_view text, std::size_t begin) {
  std::size_t at = begin;
  std::array<int, 3> parts = {};
  bool in_words = false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) SkipBetween(text, at);
    const int month = i < 2 && !in_words ? MonthWord(text, at) : 0;
    in_words = in_words || month != 0;
    parts.at(i) = month != 0 ? -month : SmallNumber(text, at);
    if (month == 0 && parts.at(i) < 0) return std::nullopt;
  }
  if (at < text.size() && IsDigit(text[at])) return std::nullopt;
  const auto day = DayOf(parts);
  if (!day) return std::nullopt;
  return DateInText{.begin = begin, .end = at, .day = *day};
}

// Whole words: "gebruik" and "reborn" tell of no birth.
constexpr auto kBirthWords = std::to_array<std::string_view>(
    {"born",       "birth",     "birthday",     "birthdate",     "dob",
     "geb",        "geboren",   "geboorte",     "geboortedatum", "geboortedag",
     "verjaardag", "geburt",    "geburtsdatum", "geburtstag",    "n~",
     "n~e",        "naissance", "nacido",       "nacida",        "nacimiento",
     "nascita"});

bool BehindBirthWord(std::string_view text, std::size_t at) {
  constexpr std::size_t kLookBack = 24;
  std::size_t from = at > kLookBack ? at - kLookBack : 0;
  while (from < at) {
    const bool begins = from == 0 || !IsWord(text[from - 1]);
    const std::string_view word = LettersAt(text.substr(0, at), from);
    const std::size_t behind = from + word.size();
    const bool ends = behind >= text.size() || !IsDigit(text[behind]);
    if (begins && ends &&
        std::find(kBirthWords.begin(), kBirthWords.end(), word) !=
            kBirthWords.end()) {
      return true;
    }
    from = behind + 1;
  }
  return false;
}

}  // namespace

std::vector<DateInText> FindDates(std::string_view seen) {
  std::vector<DateInText> out;
  for (std::size_t at = 0; at < seen.size(); ++at) {
    if (!IsWord(seen[at]) || (at > 0 && IsWord(seen[at - 1]))) continue;
    if (const auto date = DateAt(seen, at)) out.push_back(*date);
  }
  return out;
}

std::optional<std::size_t> FindBirthDate(std::string_view seen,
                                         const std::vector<DateInText>& dates,
                                         absl::Time now) {
  // Who files is hardly younger than that, and the dates of the system are
  // mostly later; laws are older, and are named by their year.
  constexpr int kYears = 10;
  const absl::CivilDay today = absl::ToCivilDay(now, absl::UTCTimeZone());
  const absl::CivilDay limit(today.year() - kYears, today.month(), today.day());
  for (const DateInText& date : dates) {
    if (date.day <= limit || BehindBirthWord(seen, date.begin)) {
      return date.begin;
    }
  }
  return std::nullopt;
}

}  // namespace limpid::algoregister
