#include "algoregister/feedback/screen.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "algoregister/feedback/dates.h"
#include "algoregister/feedback/iban.h"
#include "algoregister/feedback/numbers.h"
#include "algoregister/feedback/seen_text.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::algoregister {
namespace {

using base::ToAbsl;

bool IsMailChar(char c) {
  return IsWord(c) || c == '.' || c == '_' || c == '-' || c == '+' || c == '%';
}

// The last part of the name with a dot that begins at `at`: "org" of
// "example.org". Empty where none begins.
std::string_view EndOfName(std::string_view text, std::size_t at) {
  std::size_t part = at;
  std::size_t end = at;
  while (end < text.size() &&
         (IsWord(text[end]) || text[end] == '-' || text[end] == '.')) {
    const bool inner = end + 1 < text.size() && IsWord(text[end + 1]);
    if (text[end] == '.' && inner && end > at) part = end + 1;
    ++end;
  }
  if (part == at) return {};
  end = part;
  while (end < text.size() && IsWord(text[end])) ++end;
  return text.substr(part, end - part);
}

// What follows a blank and an '@' is more often somebody's name on a network,
// "@council.utrecht", unless it ends as most names of the net do.
bool IsCommonEnd(std::string_view end) {
  constexpr std::size_t kCountry = 2;
  constexpr auto kCommon = std::to_array<std::string_view>(
      {"com", "edu", "gov", "info", "net", "org"});
  return end.size() == kCountry ||
         std::find(kCommon.begin(), kCommon.end(), end) != kCommon.end();
}

// Whether `end` can be the end of an address with blanks beside its '@':
// "3 @ 4.50" is a price.
bool IsEndBesideBlanks(std::string_view end, bool blank_behind) {
  constexpr std::size_t kFewest = 2;
  return end.size() >= kFewest &&
         std::all_of(end.begin(), end.end(), IsLetter) &&
         (blank_behind || IsCommonEnd(end));
}

// Where a mail address begins whose '@' is at `at`.
std::optional<std::size_t> MailAt(std::string_view text, std::size_t at) {
  std::size_t left = at;
  while (left > 0 && text[left - 1] == ' ') --left;
  std::size_t right = at + 1;
  while (right < text.size() && text[right] == ' ') ++right;
  std::size_t begin = left;
  while (begin > 0 && IsMailChar(text[begin - 1])) --begin;
  const std::string_view end = EndOfName(text, right);
  if (begin == left || end.empty()) return std::nullopt;
  const bool blank_behind = right > at + 1;
  const bool blanks = blank_behind || left < at;
  if (blanks && !IsEndBesideBlanks(end, blank_behind)) return std::nullopt;
  return begin;
}

std::optional<std::size_t> FindMail(std::string_view text) {
  for (std::size_t at = text.find('@'); at != std::string_view::npos;
       at = text.find('@', at + 1)) {
    if (const auto begin = MailAt(text, at)) return begin;
  }
  return std::nullopt;
}

// Where the first number begins that `is_one` takes, of one group or of several
// that are joined. `is_one` is (digits, first group) -> bool.
template <typename IsOne>
std::optional<std::size_t> FindNumber(std::string_view text,
                                      const std::vector<DigitGroup>& groups,
                                      IsOne is_one) {
  for (std::size_t first = 0; first < groups.size(); ++first) {
    std::string digits;
    for (std::size_t i = first; i < groups.size(); ++i) {
      if (i > first && !AreJoined(text, groups[i - 1], groups[i])) break;
      digits += groups[i].digits;
      if (digits.size() > kMostDigitsOfNumber) break;
      if (is_one(digits, groups[first])) return groups[first].begin;
    }
  }
  return std::nullopt;
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

}  // namespace

std::optional<PersonalFinding> FindPersonalData(std::string_view text,
                                                absl::Time now) {
  const SeenText plain = AsSeen(text);
  const std::string_view seen = plain.text;
  const std::vector<DateInText> dates = FindDates(seen);
  const std::vector<DigitGroup> groups =
      WithoutDates(seen, GroupsOf(seen), dates);
  const auto found = [&plain](PersonalKind kind, std::size_t at) {
    return PersonalFinding{kind, plain.position[at]};
  };
  if (const auto at = FindMail(seen)) {
    return found(PersonalKind::kMailAddress, *at);
  }
  if (const auto at = FindIban(seen)) return found(PersonalKind::kIban, *at);
  if (const auto at =
          FindNumber(seen, groups,
                     [](std::string_view digits, const DigitGroup& /*first*/) {
                       return PassesElevenTest(digits);
                     })) {
    return found(PersonalKind::kCitizenNumber, *at);
  }
  const auto is_phone = [seen](std::string_view digits,
                               const DigitGroup& first) {
    return IsPhone(digits, IsBehindPlus(seen, first));
  };
  if (const auto at = FindNumber(seen, groups, is_phone)) {
    return found(PersonalKind::kPhoneNumber, *at);
  }
  if (const auto at = FindBirthDate(seen, dates, now)) {
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
  LIMPID_RETURN_IF_ERROR(CheckShown(field, text));
  const auto found = FindPersonalData(text, now);
  if (!found) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(field), ": character ", found->position,
                   " begins what looks like ", ToAbsl(NameOf(found->kind)),
                   "; tickets are public, leave it out. Nothing was kept"));
}

}  // namespace limpid::algoregister
