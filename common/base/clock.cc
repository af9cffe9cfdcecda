#include "common/base/clock.h"

#include <ctime>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/check.h"
#include "common/base/text.h"

namespace limpid::base {
namespace {

constexpr std::string_view kTimeFormat = "%Y-%m-%dT%H:%M:%E3SZ";

timespec ReadClock(clockid_t id) {
  timespec value{};
  LIMPID_CHECK(clock_gettime(id, &value) == 0);
  return value;
}

}  // namespace

absl::Time SystemClock::Now() const {
  return absl::TimeFromTimespec(ReadClock(CLOCK_REALTIME));
}

absl::Duration SystemClock::Monotonic() const {
  return absl::DurationFromTimespec(ReadClock(CLOCK_BOOTTIME));
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime(ToAbsl(kTimeFormat), time, absl::UTCTimeZone());
}

absl::StatusOr<absl::Time> ParseTimeText(std::string_view text) {
  absl::Time time;
  std::string error;
  // Abseil reads "infinite-future" and writes it again, whatever the format.
  if (!absl::ParseTime(ToAbsl(kTimeFormat), ToAbsl(text), &time, &error) ||
      time == absl::InfiniteFuture() || time == absl::InfinitePast() ||
      TimeText(time) != text) {
    return absl::InvalidArgumentError(
        "a time is written 2026-11-20T11:00:00.000Z");
  }
  return time;
}

}  // namespace limpid::base
