// Looks after the guarded clock of a running server: begins it from what the
// data directory knows, notes every hour that it is believed, and says in the
// log when it is not. docs/adr/2026-11-29-clock-at-a-start.md

#ifndef LIMPID_SERVER_CLOCK_WATCH_H_
#define LIMPID_SERVER_CLOCK_WATCH_H_

#include <filesystem>
#include <memory>
#include <optional>
#include <span>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/guarded_clock.h"
#include "server/logging.h"
#include "server/provision/clock_mark.h"
#include "server/ticker.h"

namespace limpid::server {

class ClockWatch {
 public:
  // Begins `clock` from the newest of the mark in `data` and `known`; without
  // either the machine is believed. Writes nothing. Clock and log must outlive
  // the watch.
  //
  // Errors: those of ReadClockMark.
  static absl::StatusOr<std::unique_ptr<ClockWatch>> Begin(
      std::filesystem::path data, std::span<const absl::Time> known,
      absl::Duration max_gap, base::GuardedClock& clock, Logger& log);
  // Notes the last known time and goes on doing so; once, when the server has
  // started.
  //
  // Errors: those of WriteClockMark.
  absl::Status Run();
  // Notes the time once more if it ran.
  ~ClockWatch();
  ClockWatch(const ClockWatch&) = delete;
  ClockWatch& operator=(const ClockWatch&) = delete;

 private:
  ClockWatch(std::filesystem::path data, ClockMark mark,
             base::GuardedClock& clock, Logger& log);

  // On one thread at a time: Run's, then the ticker's, then the destructor's.
  void Look();
  absl::Status Note(absl::Time believed);

  const std::filesystem::path data_;
  ClockMark mark_;
  base::GuardedClock& clock_;
  Logger& log_;
  bool believed_ = true;
  absl::Duration next_note_ = absl::ZeroDuration();
  std::optional<Ticker> ticker_;
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_CLOCK_WATCH_H_
