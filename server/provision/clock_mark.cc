#include "server/provision/clock_mark.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "server/config.h"

namespace limpid::server {
namespace {

constexpr std::string_view kFile = "clock-mark";
constexpr std::string_view kLabel = "limpid/clock-mark/1\n";
constexpr std::string_view kBelieved = "believed ";
constexpr std::string_view kConfirmed = "confirmed ";
// kMaxConfirmedGaps lines of 60 bytes, and some.
constexpr std::size_t kMaxBytes = 8'192;
constexpr mode_t kMode = 0600;

bool Skip(std::string_view& text, std::string_view what) {
  if (!text.starts_with(what)) return false;
  text.remove_prefix(what.size());
  return true;
}

// The time before `end`, which goes too.
bool TakeTime(std::string_view& text, char end, absl::Time& time) {
  const std::size_t at = text.find(end);
  if (at == std::string_view::npos) return false;
  const auto parsed = base::ParseTimeText(text.substr(0, at));
  if (!parsed.ok()) return false;
  time = *parsed;
  text.remove_prefix(at + 1);
  return true;
}

absl::Time WholeMillis(absl::Time time) {
  return absl::FromUnixMillis(absl::ToUnixMillis(time));
}

}  // namespace

absl::StatusOr<ClockMark> ParseClockMark(std::string_view text) {
  const absl::Status damaged = absl::DataLossError(
      "the file clock-mark in the data directory is damaged: put it back from "
      "a backup, or look at the machine's clock and remove it");
  ClockMark mark;
  if (!Skip(text, kLabel) || !Skip(text, kBelieved) ||
      !TakeTime(text, '\n', mark.believed)) {
    return damaged;
  }
  while (!text.empty()) {
    ConfirmedGap gap;
    if (!Skip(text, kConfirmed) || !TakeTime(text, ' ', gap.known) ||
        !TakeTime(text, '\n', gap.confirmed) ||
        mark.confirmed.size() == kMaxConfirmedGaps) {
      return damaged;
    }
    mark.confirmed.push_back(gap);
  }
  return mark;
}

std::string FormatClockMark(const ClockMark& mark) {
  std::string out = absl::StrCat(base::ToAbsl(kLabel), base::ToAbsl(kBelieved),
                                 base::TimeText(mark.believed), "\n");
  for (const ConfirmedGap& gap : mark.confirmed) {
    absl::StrAppend(&out, base::ToAbsl(kConfirmed), base::TimeText(gap.known),
                    " ", base::TimeText(gap.confirmed), "\n");
  }
  return out;
}

absl::StatusOr<ClockMark> ReadClockMark(const std::filesystem::path& data) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes,
                          base::ReadFileBytes(data / kFile, kMaxBytes));
  return ParseClockMark(base::AsText(bytes));
}

absl::Status WriteClockMark(const std::filesystem::path& data,
                            const ClockMark& mark) {
  const std::string text = FormatClockMark(mark);
  return base::WriteFileAtomically(data / kFile, base::AsBytes(text), kMode);
}

absl::StatusOr<ConfirmedGap> ConfirmClock(
    const std::filesystem::path& config_file, absl::Time now,
    const base::Clock& machine) {
  LIMPID_ASSIGN_OR_RETURN(const Config config, LoadConfig(config_file));
  const std::filesystem::path data = config.Resolve(config.data_directory);
  const auto lock = base::FileLock::Acquire(data / "limpidd.lock");
  if (absl::IsUnavailable(lock.status())) {
    return absl::UnavailableError(
        "a server is running on the data directory: stop it first");
  }
  LIMPID_RETURN_IF_ERROR(lock.status());
  auto mark = ReadClockMark(data);
  if (absl::IsNotFound(mark.status())) {
    return absl::FailedPreconditionError(
        "no server has noted a time in the data directory: start it first");
  }
  LIMPID_RETURN_IF_ERROR(mark.status());
  const absl::Time machine_now = WholeMillis(machine.Now());
  const absl::Duration off = machine_now - now;
  if (off > base::kMaxClockJump || off < -base::kMaxClockJump) {
    return absl::InvalidArgumentError(absl::StrCat(
        "this machine's clock says ", base::TimeText(machine_now),
        ", which is more than five minutes from the time you gave: set the "
        "clock right, or give the present time in UTC"));
  }
  if (machine_now < mark->believed) {
    return absl::FailedPreconditionError(absl::StrCat(
        "this machine's clock says ", base::TimeText(machine_now),
        ", before the last time that the server knew, ",
        base::TimeText(mark->believed), ": time does not go back"));
  }
  const ConfirmedGap gap{mark->believed, machine_now};
  mark->believed = machine_now;
  if (mark->confirmed.size() == kMaxConfirmedGaps) {
    mark->confirmed.erase(mark->confirmed.begin());
  }
  mark->confirmed.push_back(gap);
  LIMPID_RETURN_IF_ERROR(WriteClockMark(data, *mark));
  return gap;
}

}  // namespace limpid::server
