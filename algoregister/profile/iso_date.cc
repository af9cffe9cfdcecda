// The dates of cell.h.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "algoregister/profile/cell.h"
#include "algoregister/profile/text_list.h"

namespace limpid::algoregister {
namespace {

constexpr std::size_t kYearDigits = 4;
constexpr std::size_t kDateBytes = std::string_view("2026-04-07").size();

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsNumber(std::string_view text) {
  return !text.empty() && text.size() <= kYearDigits &&
         std::all_of(text.begin(), text.end(), IsDigit);
}

// "2026-04-07T12:00:00Z" and "2026-04-07 00:00:00" without the time of day.
std::string_view WithoutTime(std::string_view text) {
  constexpr std::size_t kLeast = kDateBytes + std::string_view("T12:00").size();
  if (text.size() < kLeast) return text;
  const char mark = text[kDateBytes];
  const bool time =
      (mark == 'T' || mark == ' ') && IsDigit(text[kDateBytes + 1]) &&
      IsDigit(text[kDateBytes + 2]) && text[kDateBytes + 3] == ':';
  return time ? text.substr(0, kDateBytes) : text;
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

}  // namespace

std::string IsoDate(std::string_view text, bool month_first, std::string& how) {
  const std::string_view date = WithoutTime(text);
  if (date.size() != text.size()) how = "the time of day left out";
  const std::size_t mark = date.find_first_of("-/.");
  if (mark == std::string_view::npos) return std::string(date);
  const std::vector<std::string> parts = SplitAt(date, date.substr(mark, 1));
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
