#include "algoregister/feedback/numbers.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "algoregister/feedback/dates.h"
#include "algoregister/feedback/seen_text.h"

namespace limpid::algoregister {
namespace {

// Groups [first, end) of a list of groups; never empty. Those of a date in
// digits are three, of one with its month in words two or fewer: digits glued
// to a word are in no group.
struct Range {
  std::size_t first = 0;
  std::size_t end = 0;
};
constexpr std::size_t kGroupsOfDigitDate = 3;

std::string_view Between(std::string_view seen, const DigitGroup& left,
                         const DigitGroup& right) {
  return seen.substr(left.end, right.begin - left.end);
}

Range GroupsIn(const std::vector<DigitGroup>& groups, const DateInText& date) {
  const auto place_of = [&groups](std::size_t at) {
    const auto found = std::partition_point(
        groups.begin(), groups.end(),
        [at](const DigitGroup& group) { return group.begin < at; });
    return static_cast<std::size_t>(found - groups.begin());
  };
  return {.first = place_of(date.begin), .end = place_of(date.end)};
}

std::string WithoutBlanks(std::string_view text) {
  std::string out(text);
  std::erase(out, ' ');
  return out;
}

// "0010-10-2024" and "06) 12-2024" are dates to who looks for a birth, who
// would rather see too many; their digits are a number's all the same.
bool IsWrittenAsDate(std::string_view seen,
                     const std::vector<DigitGroup>& groups, const Range& date) {
  constexpr std::size_t kYear = 4;
  constexpr std::size_t kDayOrMonth = 2;
  std::size_t years = 0;
  for (std::size_t i = date.first; i < date.end; ++i) {
    const std::size_t size = groups[i].digits.size();
    if (size == kYear) {
      ++years;
    } else if (size > kDayOrMonth) {
      return false;
    }
  }
  if (years > 1 || IsBehindPlus(seen, groups[date.first])) return false;
  if (date.end - date.first < kGroupsOfDigitDate) return true;
  const DigitGroup& middle = groups[date.first + 1];
  return WithoutBlanks(Between(seen, groups[date.first], middle)) ==
         WithoutBlanks(Between(seen, middle, groups[date.first + 2]));
}

std::vector<Range> WrittenDates(std::string_view seen,
                                const std::vector<DigitGroup>& groups,
                                const std::vector<DateInText>& dates) {
  std::vector<Range> out;
  for (const DateInText& date : dates) {
    const Range range = GroupsIn(groups, date);
    if (range.first == range.end) continue;
    if (IsWrittenAsDate(seen, groups, range)) out.push_back(range);
  }
  return out;
}

// "10" and "30" of "10:30", "1" and "000" of "1,000".
bool IsOfTimeOrAmount(std::string_view seen, const DigitGroup& group) {
  const auto is_mark = [seen](std::size_t at) {
    return seen[at] == ':' || seen[at] == ',';
  };
  const bool before = group.begin > 1 && is_mark(group.begin - 1) &&
                      IsDigit(seen[group.begin - 2]);
  const bool behind = group.end + 1 < seen.size() && is_mark(group.end) &&
                      IsDigit(seen[group.end + 1]);
  return before || behind;
}

// Whether one number can go on from the group at `left` to the one behind it.
bool GoesOn(std::string_view seen, const std::vector<DigitGroup>& groups,
            std::size_t left) {
  return left + 1 < groups.size() &&
         AreJoined(seen, groups[left], groups[left + 1]) &&
         !IsOfTimeOrAmount(seen, groups[left]) &&
         !IsOfTimeOrAmount(seen, groups[left + 1]);
}

// Whether the group at `left` and the one behind it, of which one is of `date`
// and one is not, stand as close together as digits of one number do.
bool IsTight(std::string_view seen, const std::vector<DigitGroup>& groups,
             const Range& date, std::size_t left) {
  if (!GoesOn(seen, groups, left)) return false;
  const std::string_view between =
      Between(seen, groups[left], groups[left + 1]);
  if (between.size() == 1 && between != " ") return true;
  return date.end - date.first == kGroupsOfDigitDate &&
         between == Between(seen, groups[date.first], groups[date.first + 1]);
}

// Whether `date` and every digit before and behind it that can be of one number
// with it are a phone number.
bool IsPhoneWithAllBeside(std::string_view seen,
                          const std::vector<DigitGroup>& groups,
                          const Range& date) {
  std::size_t first = date.first;
  while (first > 0 && GoesOn(seen, groups, first - 1)) --first;
  std::string digits(groups[first].digits);
  for (std::size_t i = first; GoesOn(seen, groups, i); ++i) {
    digits += groups[i + 1].digits;
  }
  if (!IsPhone(digits, IsBehindPlus(seen, groups[first]))) return false;
  // A count or an hour behind a date is common, and one date in three begins
  // with 0. No number that people use begins with the other days.
  return first < date.first || digits.starts_with("06");
}

bool IsOfNumber(std::string_view seen, const std::vector<DigitGroup>& groups,
                const Range& date, const std::vector<Range>& dates) {
  const auto is_date = [&dates](auto is_it) {
    return std::any_of(dates.begin(), dates.end(), is_it);
  };
  const bool before =
      date.first > 0 && IsTight(seen, groups, date, date.first - 1) &&
      !is_date([&date](const Range& one) { return one.end == date.first; });
  const bool behind =
      IsTight(seen, groups, date, date.end - 1) &&
      !is_date([&date](const Range& one) { return one.first == date.end; });
  return before || behind || IsPhoneWithAllBeside(seen, groups, date);
}

}  // namespace

std::vector<DigitGroup> GroupsOf(std::string_view seen) {
  std::vector<DigitGroup> out;
  for (std::size_t at = 0; at < seen.size(); ++at) {
    if (!IsDigit(seen[at])) continue;
    std::size_t end = at;
    while (end < seen.size() && IsDigit(seen[end])) ++end;
    const bool word = (at > 0 && IsLetter(seen[at - 1])) ||
                      (end < seen.size() && IsLetter(seen[end]));
    if (!word) out.push_back({at, end, seen.substr(at, end - at)});
    at = end;
  }
  return out;
}

bool AreJoined(std::string_view seen, const DigitGroup& left,
               const DigitGroup& right) {
  constexpr std::size_t kMostBetween = 3;
  const std::string_view between = Between(seen, left, right);
  return between.size() <= kMostBetween &&
         std::all_of(between.begin(), between.end(), Separates);
}

bool IsBehindPlus(std::string_view seen, const DigitGroup& group) {
  return group.begin > 0 && seen[group.begin - 1] == '+';
}

bool IsPhone(std::string_view digits, bool plus) {
  constexpr std::size_t kFewest = 9;
  constexpr std::size_t kNational = 10;
  if (plus || digits.starts_with("00")) {
    return digits.size() >= kFewest && digits.size() <= kMostDigitsOfNumber;
  }
  return digits.front() == '0' && digits.size() == kNational;
}

std::vector<DigitGroup> WithoutDates(std::string_view seen,
                                     const std::vector<DigitGroup>& groups,
                                     const std::vector<DateInText>& dates) {
  const std::vector<Range> written = WrittenDates(seen, groups, dates);
  std::vector<bool> taken_out(groups.size(), false);
  for (const Range& date : written) {
    if (IsOfNumber(seen, groups, date, written)) continue;
    for (std::size_t i = date.first; i < date.end; ++i) taken_out[i] = true;
  }
  std::vector<DigitGroup> out;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (!taken_out[i]) out.push_back(groups[i]);
  }
  return out;
}

}  // namespace limpid::algoregister
