#include "common/base/day_or_time.h"

#include <string>

#include "absl/status/status.h"
#include "common/base/text.h"

namespace limpid::base {

absl::StatusOr<absl::Time> ParseDayOrTime(std::string_view text) {
  absl::Time time;
  std::string error;
  const bool read =
      absl::ParseTime("%Y-%m-%d", ToAbsl(text), absl::UTCTimeZone(), &time,
                      &error) ||
      absl::ParseTime(absl::RFC3339_full, ToAbsl(text), &time, &error);
  if (!read || time == absl::InfiniteFuture() || time == absl::InfinitePast()) {
    return absl::InvalidArgumentError(
        "write a day (2026-11-28, UTC) or a time like 2026-11-28T09:30:00Z");
  }
  return time;
}

}  // namespace limpid::base
