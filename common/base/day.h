// A day of the calendar as one number, and a stretch of days: what a limit on
// the days of the data, a permit and a stored value say in the same way.
// docs/formats/canonical-bytes.md

#ifndef LIMPID_COMMON_BASE_DAY_H_
#define LIMPID_COMMON_BASE_DAY_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace limpid::base {

// year * 10,000 + month * 100 + day of the Gregorian calendar, from 1-01-01
// to 9999-12-31, so that days sort as their numbers. 0 is no day.
using Day = std::uint32_t;

// Whether the calendar has `day`; false for 0.
[[nodiscard]] bool IsDay(Day day);

// "2026-01-31".
//
// Errors:
//   kInvalidArgument  another form, or no day of the calendar.
absl::StatusOr<Day> ParseDay(std::string_view text);

// The reverse of ParseDay; "" for 0. `day` is a day or 0.
std::string DayText(Day day);

// From `from` to `to`, both included; an end that is 0 is open.
struct Days {
  Day from = 0;
  Day to = 0;

  // No end at all: every day.
  [[nodiscard]] bool open() const { return from == 0 && to == 0; }
  // Each end is a day or open, and the first is not after the last.
  [[nodiscard]] bool valid() const;
  // Whether every day of `inner` is one of these. Both valid.
  [[nodiscard]] bool Contain(const Days& inner) const;

  friend bool operator==(const Days&, const Days&) = default;
};

// As ParseDay, "" for an open end.
//
// Errors:
//   kInvalidArgument  one is no day, or the last is before the first.
absl::StatusOr<Days> ParseDays(std::string_view from, std::string_view to);

}  // namespace limpid::base

#endif  // LIMPID_COMMON_BASE_DAY_H_
