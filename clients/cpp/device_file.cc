#include "clients/cpp/device_file.h"

#include <system_error>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/text.h"

namespace limpid::client {
namespace {

// Key of the status payload.
constexpr const char* kOwnFile = "limpid.client/own-file";
constexpr absl::Duration kLockLook = absl::Milliseconds(10);

}  // namespace

absl::Status AboutOwnFile(absl::Status status) {
  status.SetPayload(kOwnFile, absl::Cord("1"));
  return status;
}

bool IsAboutOwnFile(const absl::Status& status) {
  return status.GetPayload(kOwnFile).has_value();
}

absl::Status BrokenFile(const std::filesystem::path& file,
                        std::string_view what) {
  return AboutOwnFile(absl::DataLossError(
      absl::StrCat(file.string(), " ", base::ToAbsl(what))));
}

absl::StatusOr<base::FileLock> LockBeside(const std::filesystem::path& file,
                                          absl::Duration wait) {
  std::filesystem::path beside = file;
  beside += ".lock";
  const absl::Time end = absl::Now() + wait;
  for (;;) {
    absl::StatusOr<base::FileLock> lock = base::FileLock::Acquire(beside);
    if (lock.ok() || !absl::IsUnavailable(lock.status()) ||
        absl::Now() >= end) {
      return lock;
    }
    absl::SleepFor(kLockLook);
  }
}

absl::Status RemoveFile(const std::filesystem::path& file) {
  std::error_code failed;
  const bool was_there = std::filesystem::remove(file, failed);
  if (failed) {
    return AboutOwnFile(absl::UnavailableError(
        absl::StrCat(file.string(), " cannot be removed")));
  }
  return was_there ? base::SyncDirectory(file.parent_path()) : absl::OkStatus();
}

}  // namespace limpid::client
