#include "common/base/day.h"

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "common/base/status_macros.h"

namespace limpid::base {
namespace {

constexpr Day kYear = 10'000;
constexpr Day kMonth = 100;
constexpr Day kLastDay = 99'991'231;
constexpr std::string_view kForm = "dddd-dd-dd";

absl::Status NoDay() {
  return absl::InvalidArgumentError("a day is written like 2026-01-31");
}

}  // namespace

bool IsDay(Day day) {
  if (day < kYear || day > kLastDay) return false;
  const absl::CivilDay civil(day / kYear, day / kMonth % kMonth, day % kMonth);
  // What the calendar does not have is carried over.
  return static_cast<Day>(civil.year()) == day / kYear &&
         static_cast<Day>(civil.month()) == day / kMonth % kMonth &&
         static_cast<Day>(civil.day()) == day % kMonth;
}

absl::StatusOr<Day> ParseDay(std::string_view text) {
  if (text.size() != kForm.size()) return NoDay();
  Day day = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (kForm[i] == '-') {
      if (c != '-') return NoDay();
      continue;
    }
    if (c < '0' || c > '9') return NoDay();
    day = day * 10 + static_cast<Day>(c - '0');
  }
  if (!IsDay(day)) return NoDay();
  return day;
}

std::string DayText(Day day) {
  if (day == 0) return "";
  return absl::StrFormat("%04d-%02d-%02d", day / kYear, day / kMonth % kMonth,
                         day % kMonth);
}

bool Days::valid() const {
  const bool ends = (from == 0 || IsDay(from)) && (to == 0 || IsDay(to));
  return ends && (to == 0 || from <= to);
}

bool Days::Contain(const Days& inner) const {
  const bool begins = from == 0 || inner.from >= from;
  const bool ends = to == 0 || (inner.to != 0 && inner.to <= to);
  return begins && ends;
}

absl::StatusOr<Days> ParseDays(std::string_view from, std::string_view to) {
  Days days;
  if (!from.empty()) {
    LIMPID_ASSIGN_OR_RETURN(days.from, ParseDay(from));
  }
  if (!to.empty()) {
    LIMPID_ASSIGN_OR_RETURN(days.to, ParseDay(to));
  }
  if (!days.valid()) {
    return absl::InvalidArgumentError("the last day is before the first");
  }
  return days;
}

}  // namespace limpid::base
