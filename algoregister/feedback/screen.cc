#include "algoregister/feedback/screen.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::algoregister {
namespace {

using base::ToAbsl;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || c == '~'; }
bool IsWord(char c) { return IsDigit(c) || IsLetter(c); }

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

// Not seen: soft hyphen, zero width, joiners, byte-order mark, variation
// selectors, combining marks.
constexpr auto kInvisible = std::to_array<Span>({{0xad, 0xad},
                                                 {0x300, 0x36f},
                                                 {0x34f, 0x34f},
                                                 {0x200b, 0x200f},
                                                 {0x2060, 0x2064},
                                                 {0xfe00, 0xfe0f},
                                                 {0xfeff, 0xfeff}});
constexpr auto kBlank = std::to_array<Span>({{0x09, 0x0d},
                                             {0x20, 0x20},
                                             {0xa0, 0xa0},
                                             {0x2000, 0x200a},
                                             {0x202f, 0x202f},
                                             {0x205f, 0x205f},
                                             {0x3000, 0x3000}});
constexpr auto kDash = std::to_array<Span>(
    {{'-', '-'}, {0x2010, 0x2015}, {0x2212, 0x2212}, {0xfe63, 0xfe63}});
// Zero of the scripts whose digits people write.
constexpr auto kZeros = std::to_array<char32_t>(
    {0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xe50, 0xff10, 0x1d7ce, 0x1d7d8,
     0x1d7e2, 0x1d7ec, 0x1d7f6});
constexpr char32_t kFullWidth = 0xff01;
constexpr char32_t kFullWidthEnd = 0xff5e;
constexpr char32_t kAscii = 0x80;

// What a character looks like, in lower-case ASCII; '~' for a letter of another
// script, '\0' for nothing.
char Seen(char32_t c) {
  constexpr int kDigits = 10;
  if (In(kInvisible, c)) return '\0';
  if (In(kBlank, c)) return ' ';
  for (const char32_t zero : kZeros) {
    if (c >= zero && c < zero + kDigits)
      return static_cast<char>('0' + c - zero);
  }
  if (c >= kFullWidth && c <= kFullWidthEnd) c = c - kFullWidth + '!';
  if (In(kDash, c)) return '-';
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  if (c < kAscii) return static_cast<char>(c);
  return '~';
}

// A text as it is seen, with the place of each of its characters.
struct Plain {
  std::string text;
  std::vector<std::size_t> position;
};

Plain AsSeen(std::string_view text) {
  Plain out;
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

bool IsMailChar(char c) {
  return IsWord(c) || c == '.' || c == '_' || c == '-' || c == '+' || c == '%';
}

// Where a mail address begins whose '@' is at `at`.
std::optional<std::size_t> MailAt(std::string_view text, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0 && IsMailChar(text[begin - 1])) --begin;
  std::size_t end = at + 1;
  std::size_t dots = 0;
  while (end < text.size() &&
         (IsWord(text[end]) || text[end] == '-' || text[end] == '.')) {
    const bool inner = end + 1 < text.size() && IsWord(text[end + 1]);
    if (text[end] == '.' && inner && end > at + 1) ++dots;
    ++end;
  }
  if (begin == at || dots == 0) return std::nullopt;
  return begin;
}

std::optional<std::size_t> FindMail(std::string_view text) {
  for (std::size_t at = text.find('@'); at != std::string_view::npos;
       at = text.find('@', at + 1)) {
    if (const auto begin = MailAt(text, at)) return begin;
  }
  return std::nullopt;
}

// Digits that stand together, and where.
struct Group {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view digits;
};

bool Separates(char c) {
  return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')';
}

// What stands between groups of one number: at most three separators.
bool Joined(std::string_view text, const Group& left, const Group& right) {
  constexpr std::size_t kMostBetween = 3;
  const std::string_view between =
      text.substr(left.end, right.begin - left.end);
  return between.size() <= kMostBetween &&
         std::all_of(between.begin(), between.end(), Separates);
}

// Digits inside a word, "a4", are none.
std::vector<Group> GroupsOf(std::string_view text) {
  std::vector<Group> out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!IsDigit(text[at])) continue;
    std::size_t end = at;
    while (end < text.size() && IsDigit(text[end])) ++end;
    const bool word = (at > 0 && IsLetter(text[at - 1])) ||
                      (end < text.size() && IsLetter(text[end]));
    if (!word) out.push_back({at, end, text.substr(at, end - at)});
    at = end;
  }
  return out;
}

// Where the first number begins that `is_one` takes, of one group or of several
// that are joined. `is_one` is (digits, place) -> bool.
template <typename IsOne>
std::optional<std::size_t> FindNumber(std::string_view text,
                                      const std::vector<Group>& groups,
                                      IsOne is_one) {
  constexpr std::size_t kMostDigits = 15;
  for (std::size_t first = 0; first < groups.size(); ++first) {
    std::string digits;
    for (std::size_t i = first; i < groups.size(); ++i) {
      if (i > first && !Joined(text, groups[i - 1], groups[i])) break;
      digits += groups[i].digits;
      if (digits.size() > kMostDigits) break;
      if (is_one(digits, groups[first].begin)) return groups[first].begin;
    }
  }
  return std::nullopt;
}

bool IsPhone(std::string_view digits, bool plus) {
  constexpr std::size_t kFewest = 9;
  constexpr std::size_t kNational = 10;
  if (plus || digits.starts_with("00")) return digits.size() >= kFewest;
  return digits.front() == '0' && digits.size() == kNational;
}

// The test of eleven of the Dutch citizen service number: weights 9 to 2, and
// -1 for the last digit.
bool PassesElevenTest(std::string_view digits) {
  constexpr std::size_t kLength = 9;
  constexpr int kModulus = 11;
  if (digits.size() != kLength ||
      digits.find_first_not_of('0') == std::string_view::npos) {
    return false;
  }
  int sum = 0;
  for (std::size_t i = 0; i + 1 < kLength; ++i) {
    sum += static_cast<int>(kLength - i) * (digits[i] - '0');
  }
  sum -= digits.back() - '0';
  return sum % kModulus == 0;
}

// ISO 13616: the first four to the end, letters as 10 to 35, rest 1 of 97.
bool IsIban(std::string_view compact) {
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

// Whether an IBAN begins at `at`.
bool IbanAt(std::string_view text, std::size_t at) {
  constexpr std::size_t kFewest = 15;
  constexpr std::size_t kMost = 34;
  std::string compact;
  for (std::size_t i = at; i < text.size() && compact.size() < kMost; ++i) {
    if (text[i] == ' ' || text[i] == '-' || text[i] == '.') continue;
    if (!IsWord(text[i]) || text[i] == '~') break;
    compact.push_back(text[i]);
    // Two letters of the country, two digits of the check.
    const std::size_t count = compact.size();
    if (count <= 2 && IsDigit(text[i])) return false;
    if ((count == 3 || count == 4) && !IsDigit(text[i])) return false;
    if (compact.size() >= kFewest && IsIban(compact)) return true;
  }
  return false;
}

std::optional<std::size_t> FindIban(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool begins = at == 0 || !IsWord(text[at - 1]);
    if (begins && IsLetter(text[at]) && IbanAt(text, at)) return at;
  }
  return std::nullopt;
}

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

// Months of the languages that people here write in: what they begin with.
constexpr auto kMonths = std::to_array<std::pair<std::string_view, int>>({
    {"jan", 1},  {"feb", 2},  {"mar", 3},  {"maa", 3},  {"mrt", 3},
    {"m~r", 3},  {"apr", 4},  {"avr", 4},  {"mei", 5},  {"may", 5},
    {"mai", 5},  {"jun", 6},  {"juin", 6}, {"jul", 7},  {"juil", 7},
    {"aug", 8},  {"ao~", 8},  {"sep", 9},  {"oct", 10}, {"okt", 10},
    {"nov", 11}, {"dec", 12}, {"dez", 12}, {"d~c", 12},
});

// A month in words at `at`, which moves behind the word; 0 for none.
int MonthWord(std::string_view text, std::size_t& at) {
  std::size_t end = at;
  while (end < text.size() && IsLetter(text[end])) ++end;
  const std::string_view word = text.substr(at, end - at);
  for (const auto& [begin, month] : kMonths) {
    if (word.starts_with(begin)) {
      at = end;
      return month;
    }
  }
  return 0;
}

void SkipBetween(std::string_view text, std::size_t& at) {
  constexpr std::string_view kBetween = "-/., ";
  constexpr std::size_t kMost = 2;
  for (std::size_t i = 0; i < kMost && at < text.size(); ++i) {
    if (kBetween.find(text[at]) != std::string_view::npos) ++at;
  }
}

bool Exists(int year, int month, int day) {
  const absl::CivilDay civil(year, month, day);
  return civil.year() == year && civil.month() == month && civil.day() == day;
}

// A whole date at `at`: "7-4-1980", "1980-04-07", "7 april 1980",
// "April 7, 1980".
std::optional<absl::CivilDay> DateAt(std::string_view text, std::size_t at) {
  constexpr int kFirstYear = 1900;
  constexpr int kLastYear = 2100;
  constexpr int kLongYear = 1000;
  std::array<int, 3> parts = {};
  int month_word = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) SkipBetween(text, at);
    const int word = i < 2 && month_word == 0 ? MonthWord(text, at) : 0;
    if (word != 0) month_word = word;
    parts.at(i) = word != 0 ? -word : SmallNumber(text, at);
    if (word == 0 && parts.at(i) < 0) return std::nullopt;
  }
  if (at < text.size() && IsDigit(text[at])) return std::nullopt;
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

// Without the digits of whole dates: "01-01-2026 10.00" is no phone number.
std::vector<Group> WithoutDates(std::string_view text,
                                const std::vector<Group>& groups) {
  constexpr std::size_t kGroupsOfADate = 3;
  std::vector<Group> out;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const bool date = DateAt(text, groups[i].begin).has_value();
    if (date) {
      i += std::min(kGroupsOfADate, groups.size() - i) - 1;
    } else {
      out.push_back(groups[i]);
    }
  }
  return out;
}

bool BehindBirthWord(std::string_view text, std::size_t at) {
  constexpr std::size_t kLookBack = 24;
  constexpr auto kWords = std::to_array<std::string_view>(
      {"born", "birth", "geb", "n~e", "n~ ", "naissance", "dob"});
  const std::size_t from = at > kLookBack ? at - kLookBack : 0;
  const std::string_view before = text.substr(from, at - from);
  return std::any_of(kWords.begin(), kWords.end(),
                     [before](std::string_view word) {
                       return before.find(word) != std::string_view::npos;
                     });
}

std::optional<std::size_t> FindBirthDate(std::string_view text,
                                         absl::Time now) {
  // Who files is hardly younger than that, and the dates of the system are
  // mostly later; laws are older, and are named by their year.
  constexpr int kYears = 10;
  const absl::CivilDay today = absl::ToCivilDay(now, absl::UTCTimeZone());
  const absl::CivilDay limit(today.year() - kYears, today.month(), today.day());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!IsWord(text[at]) || (at > 0 && IsWord(text[at - 1]))) continue;
    const auto date = DateAt(text, at);
    if (!date) continue;
    if (*date <= limit || BehindBirthWord(text, at)) return at;
  }
  return std::nullopt;
}

std::string_view NameOf(PersonalKind kind) {
  switch (kind) {
    case PersonalKind::kMailAddress:
      return "a mail address";
    case PersonalKind::kPhoneNumber:
      return "a phone number";
    case PersonalKind::kCitizenNumber:
      return "a citizen service number";
    case PersonalKind::kIban:
      return "a bank account";
    case PersonalKind::kBirthDate:
      return "a date of birth";
  }
  return "personal data";
}

// Turn the direction of writing, so that a text shows something else than it
// is.
constexpr auto kDirection =
    std::to_array<Span>({{0x202a, 0x202e}, {0x2066, 0x2069}});

absl::Status CheckCharacters(std::string_view field, std::string_view text) {
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

}  // namespace

std::optional<PersonalFinding> FindPersonalData(std::string_view text,
                                                absl::Time now) {
  const Plain plain = AsSeen(text);
  const std::string_view seen = plain.text;
  const std::vector<Group> groups = GroupsOf(seen);
  const auto found = [&plain](PersonalKind kind, std::size_t at) {
    return PersonalFinding{kind, plain.position[at]};
  };
  if (const auto at = FindMail(seen)) {
    return found(PersonalKind::kMailAddress, *at);
  }
  if (const auto at = FindIban(seen)) return found(PersonalKind::kIban, *at);
  if (const auto at = FindNumber(
          seen, groups, [](std::string_view digits, std::size_t /*place*/) {
            return PassesElevenTest(digits);
          })) {
    return found(PersonalKind::kCitizenNumber, *at);
  }
  const auto is_phone = [seen](std::string_view digits, std::size_t place) {
    return IsPhone(digits, place > 0 && seen[place - 1] == '+');
  };
  if (const auto at = FindNumber(seen, WithoutDates(seen, groups), is_phone)) {
    return found(PersonalKind::kPhoneNumber, *at);
  }
  if (const auto at = FindBirthDate(seen, now)) {
    return found(PersonalKind::kBirthDate, *at);
  }
  return std::nullopt;
}

absl::Status CheckPublicText(std::string_view field, std::string_view text,
                             std::size_t max_bytes, absl::Time now) {
  if (text.empty() || text.size() > max_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(ToAbsl(field), ": must have 1 to ", max_bytes, " bytes"));
  }
  if (!base::IsUtf8(text)) {
    return absl::InvalidArgumentError(
        absl::StrCat(ToAbsl(field), ": is not UTF-8"));
  }
  LIMPID_RETURN_IF_ERROR(CheckCharacters(field, text));
  const auto found = FindPersonalData(text, now);
  if (!found) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(field), ": character ", found->position,
                   " begins what looks like ", ToAbsl(NameOf(found->kind)),
                   "; tickets are public, leave it out. Nothing was kept"));
}

}  // namespace limpid::algoregister
