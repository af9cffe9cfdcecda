// Time as an argument. Domain code takes an absl::Time; what runs asks a Clock
// that was given to it, so that no test sleeps.

#ifndef LIMPID_COMMON_BASE_CLOCK_H_
#define LIMPID_COMMON_BASE_CLOCK_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace limpid::base {

// A larger difference between wall and monotonic time is a jump: somebody set
// the clock, and what had ended could come back or end before its time.
inline constexpr absl::Duration kMaxClockJump = absl::Minutes(5);

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall time.
  [[nodiscard]] virtual absl::Time Now() const = 0;
  // Time since some fixed point that never goes back, for leases.
  [[nodiscard]] virtual absl::Duration Monotonic() const = 0;
  // Whether Now() is what the machine's clock says, and not what a clock that
  // doubts it reckons instead (guarded_clock.h). Ask it before Now(): what was
  // believed then still holds.
  [[nodiscard]] virtual bool Believed() const { return true; }
  // What the machine says, believed or not: to judge how fresh something is
  // that another machine has just signed, and for nothing that is kept.
  [[nodiscard]] virtual absl::Time Machine() const { return Now(); }

 protected:
  Clock() = default;
  Clock(const Clock&) = default;
  Clock& operator=(const Clock&) = default;
};

// The machine's clocks (CLOCK_REALTIME and CLOCK_BOOTTIME, which also counts
// suspended time, so that a lease does not survive a closed lid).
class SystemClock final : public Clock {
 public:
  [[nodiscard]] absl::Time Now() const override;
  [[nodiscard]] absl::Duration Monotonic() const override;
};

// RFC 3339 in UTC with milliseconds, "2026-11-20T11:00:00.000Z": the one text
// form of a time in JSON, receipts and statements.
std::string TimeText(absl::Time time);
// Errors:
//   kInvalidArgument  any other form, so that each time has one text.
absl::StatusOr<absl::Time> ParseTimeText(std::string_view text);

}  // namespace limpid::base

#endif  // LIMPID_COMMON_BASE_CLOCK_H_
