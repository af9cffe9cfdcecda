// The newest time at which the server of a data directory believed its clock,
// and the gaps that an administrator confirmed: a file, because a register or a
// vault alone may write nothing else for weeks. docs/formats/clock-mark.md

#ifndef LIMPID_SERVER_PROVISION_CLOCK_MARK_H_
#define LIMPID_SERVER_PROVISION_CLOCK_MARK_H_

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"

namespace limpid::server {

// Oldest ones are dropped: one a year is many.
inline constexpr std::size_t kMaxConfirmedGaps = 64;

struct ConfirmedGap {
  absl::Time known;
  absl::Time confirmed;
  friend bool operator==(const ConfirmedGap&, const ConfirmedGap&) = default;
};

// Whole milliseconds.
struct ClockMark {
  absl::Time believed;
  // Oldest first.
  std::vector<ConfirmedGap> confirmed;
};

// Errors:
//   kDataLoss  anything but what FormatClockMark writes.
absl::StatusOr<ClockMark> ParseClockMark(std::string_view text);
std::string FormatClockMark(const ClockMark& mark);

// Errors: those of ParseClockMark and ReadFileBytes; kNotFound means none yet.
absl::StatusOr<ClockMark> ReadClockMark(const std::filesystem::path& data);
// Errors: those of WriteFileAtomically.
absl::Status WriteClockMark(const std::filesystem::path& data,
                            const ClockMark& mark);

// An administrator's word that the machine's clock is right, for a stopped
// server: its next start believes the clock. Holds for this gap only, because
// the mark goes on to the present.
//
// `now` is what she reads from a clock that is not this machine's; it must be
// within kMaxClockJump of `machine`.
//
// Looks at the mark alone and opens no log: one that was signed after `now`
// refuses to open all the same.
//
// Errors:
//   kInvalidArgument     `now` is another time than the machine's: one of the
//                        two is wrong.
//   kFailedPrecondition  the clock stands before the mark, or there is none:
//                        no confirmation helps.
//   kUnavailable         a server is running on the data directory.
//   others               those of LoadConfig, ReadClockMark, WriteClockMark.
absl::StatusOr<ConfirmedGap> ConfirmClock(
    const std::filesystem::path& config_file, absl::Time now,
    const base::Clock& machine);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_PROVISION_CLOCK_MARK_H_
