#include "server/clock_watch.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/guarded_clock.h"
#include "common/base/status_macros.h"
#include "server/logging.h"
#include "server/provision/clock_mark.h"

namespace limpid::server {
namespace {

constexpr absl::Duration kLookInterval = absl::Seconds(1);
// How much longer than the truth a gap may seem after a crash.
constexpr absl::Duration kNoteInterval = absl::Hours(1);
constexpr absl::Duration kRetryInterval = absl::Minutes(1);

}  // namespace

ClockWatch::ClockWatch(std::filesystem::path data, ClockMark mark,
                       base::GuardedClock& clock, Logger& log)
    : data_(std::move(data)),
      mark_(std::move(mark)),
      clock_(clock),
      log_(log) {}

absl::StatusOr<std::unique_ptr<ClockWatch>> ClockWatch::Begin(
    std::filesystem::path data, std::span<const absl::Time> known,
    absl::Duration max_gap, base::GuardedClock& clock, Logger& log) {
  auto mark = ReadClockMark(data);
  const bool first = absl::IsNotFound(mark.status()) && known.empty();
  if (absl::IsNotFound(mark.status())) mark = ClockMark{absl::UnixEpoch(), {}};
  LIMPID_RETURN_IF_ERROR(mark.status());
  if (!mark->confirmed.empty() &&
      mark->confirmed.back().confirmed == mark->believed) {
    // Nothing has been noted since.
    const ConfirmedGap& gap = mark->confirmed.back();
    log.Write(Severity::kWarn, "an administrator confirmed the clock",
              {{"known", base::TimeText(gap.known)},
               {"confirmed", base::TimeText(gap.confirmed)}});
  }
  absl::Time newest = first ? clock.Now() : mark->believed;
  for (const absl::Time time : known) newest = std::max(newest, time);
  clock.Begin(newest, max_gap);
  mark->believed = std::max(mark->believed, newest);
  return std::unique_ptr<ClockWatch>(
      new ClockWatch(std::move(data), *std::move(mark), clock, log));
}

absl::Status ClockWatch::Run() {
  // Also in doubt: what is confirmed is the gap from this time.
  LIMPID_RETURN_IF_ERROR(Note(mark_.believed));
  Look();
  ticker_.emplace(kLookInterval, [this] { Look(); });
  return absl::OkStatus();
}

ClockWatch::~ClockWatch() {
  if (!ticker_) return;
  ticker_.reset();
  next_note_ = absl::ZeroDuration();
  Look();
}

void ClockWatch::Look() {
  const base::GuardedClock::Reading now = clock_.Read();
  if (believed_ && !now.believed) {
    log_.Write(Severity::kError,
               "the machine's clock is in doubt: consent releases nothing and "
               "ends nothing until it is put right; if it is right and the "
               "server was off that long, stop the server and run `limpid "
               "admin confirm-clock`",
               {{"known", base::TimeText(now.time)},
                {"machine", base::TimeText(now.machine)}});
  } else if (!believed_ && now.believed) {
    log_.Write(Severity::kWarn, "the machine's clock is believed again",
               {{"machine", base::TimeText(now.machine)}});
  }
  believed_ = now.believed;
  const absl::Duration monotonic = clock_.Monotonic();
  if (!now.believed || monotonic < next_note_) return;
  // A time that was used is never forgotten, also when the clock was put back
  // by some minutes.
  const absl::Status noted = Note(std::max(now.time, mark_.believed));
  next_note_ = monotonic + (noted.ok() ? kNoteInterval : kRetryInterval);
  if (noted.ok()) return;
  log_.Write(Severity::kError, "the time was not noted",
             {{"why", std::string(noted.message())}});
}

absl::Status ClockWatch::Note(absl::Time believed) {
  mark_.believed = believed;
  return WriteClockMark(data_, mark_);
}

}  // namespace limpid::server
