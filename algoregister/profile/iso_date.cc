// The dates of cell.h.

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "algoregister/profile/cell.h"
#include "algoregister/profile/text_list.h"

namespace limpid::algoregister {
namespace {

constexpr std::size_t kYearDigits = 4;
constexpr std::size_t kShortDateBytes = std::string_view("1/1/2026").size();

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsNumber(std::string_view text) {
  return !text.empty() && text.size() <= kYearDigits &&
         std::all_of(text.begin(), text.end(), IsDigit);
}

// "2026-04-07T12:00:00Z", "1/15/2025 0:00" and "01/15/2025 12:00:00 AM" without
// the time of day.
std::string_view WithoutTime(std::string_view text) {
  const std::size_t mark = text.find_first_of(" T");
  if (mark == std::string_view::npos || mark < kShortDateBytes) return text;
  const std::string_view time = text.substr(mark + 1);
  const std::size_t colon = time.find(':');
  const bool is_time =
      (colon == 1 || colon == 2) && IsNumber(time.substr(0, colon)) &&
      time.find_first_not_of("0123456789:.,+-APMZ ") == std::string_view::npos;
  return is_time ? text.substr(0, mark) : text;
}

// "Jul", "July" or "JUL" as "07"; empty for anything else.
std::string MonthOf(std::string_view text) {
  constexpr auto kMonths = std::to_array<std::string_view>(
      {"january", "february", "march", "april", "may", "june", "july", "august",
       "september", "october", "november", "december"});
  constexpr std::size_t kLeast = 3;
  std::string lower;
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    lower.push_back(upper ? static_cast<char>(c - 'A' + 'a') : c);
  }
  if (lower.size() < kLeast) return {};
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (kMonths.at(i).starts_with(lower)) {
      return (i < 9 ? "0" : "") + std::to_string(i + 1);
    }
  }
  return {};
}

// The last year that two digits mean: inventories plan a few years ahead, and
// registers have dates of the last century. What is beyond could be either. No
// clock: a file reads the same whenever it is read.
constexpr std::string_view kLastShortYear = "35";

// "25" as "2025"; empty for two digits that could be of either century.
std::string YearOf(const std::string& number) {
  if (number.size() != 2) return number;
  return number <= kLastShortYear ? "20" + number : std::string();
}

// A day number of a spreadsheet, counted from 30 December 1899; only those of
// 1954 to 2064, which no year is.
std::string OfDayNumber(std::string_view text) {
  constexpr std::size_t kDigits = 5;
  constexpr int kFirst = 20'000;
  constexpr int kLast = 60'000;
  if (text.size() != kDigits ||
      !std::all_of(text.begin(), text.end(), IsDigit)) {
    return {};
  }
  int number = 0;
  for (const char c : text) number = number * 10 + (c - '0');
  if (number < kFirst || number > kLast) return {};
  return absl::FormatCivilTime(absl::CivilDay(1899, 12, 30) + number);
}

std::string TwoDigits(const std::string& number) {
  return number.size() == 1 ? "0" + number : number;
}

std::string Joined(const std::string& year, const std::string& month,
                   const std::string& day) {
  std::string out = year + "-" + TwoDigits(month);
  if (!day.empty()) out += "-" + TwoDigits(day);
  return out;
}

// "Jul-25" and "15-Jul-2025"; empty for anything else.
std::string OfMonthName(const std::vector<std::string>& parts) {
  if (parts.size() != 2 && parts.size() != 3) return {};
  const std::string& number = parts.back();
  const std::string month = MonthOf(parts.at(parts.size() - 2));
  const bool is_year =
      IsNumber(number) && (number.size() == 2 || number.size() == kYearDigits);
  if (month.empty() || !is_year) return {};
  const std::string year = YearOf(number);
  if (year.empty()) return {};
  if (parts.size() == 2) return Joined(year, month, "");
  if (!IsNumber(parts.front()) || parts.front().size() > 2) return {};
  return Joined(year, month, parts.front());
}

}  // namespace

std::string IsoDate(std::string_view text, bool month_first, std::string& how) {
  const std::string_view date = WithoutTime(text);
  if (date.size() != text.size()) how = "the time of day left out";
  if (std::string out = OfDayNumber(date); !out.empty()) {
    how = "a day number of a spreadsheet; written as a date";
    return out;
  }
  const std::size_t mark = date.find_first_of("-/. ");
  if (mark == std::string_view::npos) return std::string(date);
  const auto split = SplitAt(date, date.substr(mark, 1));
  if (!split) return std::string(date);
  const std::vector<std::string>& parts = *split;
  if (std::string out = OfMonthName(parts); !out.empty()) {
    how = "a month by its name; written in digits";
    return out;
  }
  if (parts.size() > 3 || !std::all_of(parts.begin(), parts.end(), IsNumber)) {
    return std::string(date);
  }
  const bool whole = parts.size() == 3;
  std::string out;
  if (parts.front().size() == kYearDigits) {
    out = Joined(parts[0], parts[1], whole ? parts[2] : std::string());
    if (out != date) how = "written with dashes and two digits";
  } else if (parts.back().size() != kYearDigits) {
    return std::string(date);
  } else if (!whole) {
    out = Joined(parts[1], parts[0], "");
    how = "month first; turned round";
  } else if (month_first && date[mark] == '/') {
    out = Joined(parts[2], parts[0], parts[1]);
    how = "month first; turned round";
  } else {
    out = Joined(parts[2], parts[1], parts[0]);
    how = "day first; turned round";
  }
  return out;
}

}  // namespace limpid::algoregister
