// limpid admin confirm-clock: an administrator says that a stopped server's
// clock is right although the server was off for long.

#include <string>
#include <utility>

#include "absl/time/time.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "common/base/clock.h"
#include "common/base/day_or_time.h"
#include "server/provision/clock_mark.h"

namespace limpid::cli {
namespace {

struct ConfirmOptions {
  std::string config_file;
  std::string now;
};

absl::StatusOr<Report> Confirm(const ConfirmOptions& options,
                               Session& session) {
  const auto now = base::ParseDayOrTime(options.now);
  // A day alone is no present time.
  if (!now.ok() || options.now.find('T') == std::string::npos) {
    return WrongUsage(absl::InvalidArgumentError(
        "--now: write the present time like 2026-11-29T10:40:00Z"));
  }
  const auto gap =
      server::ConfirmClock(options.config_file, *now, session.clock());
  if (!gap.ok()) return OfThisMachine(gap.status());
  const std::string known = base::TimeText(gap->known);
  const std::string confirmed = base::TimeText(gap->confirmed);
  json::Value out = json::Value::Object();
  out.Set("known", known);
  out.Set("confirmed", confirmed);
  return Report{
      std::move(out), [known, confirmed](Terminal& shown) {
        shown.Line("Confirmed: the last time known was " + known + ", now is " +
                   confirmed + ".");
        shown.Line("Start the server: what ended in between ends now.");
      }};
}

}  // namespace

void AddConfirmClockCommand(CLI::App& group, Session& session) {
  auto [confirm, how] = AddCommand<ConfirmOptions>(
      group, session, "confirm-clock",
      "Say that a stopped server's clock is right after a long time off; looks "
      "at the clock-mark in its data directory, not at its logs",
      Confirm);
  confirm
      ->add_option("config", how->config_file,
                   "the server's configuration file")
      ->required();
  confirm
      ->add_option("--now", how->now,
                   "the present time, like 2026-11-29T10:40:00Z, read from a "
                   "clock that is not this machine's")
      ->required();
}

}  // namespace limpid::cli
