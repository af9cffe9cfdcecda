#include "clients/cpp/device_file.h"

#include <sys/stat.h>
#include <sys/types.h>

#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::client {
namespace {

// Keys of the status payloads.
constexpr const char* kOwnFile = "limpid.client/own-file";
constexpr const char* kLockHeld = "limpid.client/lock-held";
constexpr absl::Duration kLockLook = absl::Milliseconds(10);
constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kOwnersDirectory = 0700;

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
    if (lock.ok()) return lock;
    absl::Status failed = lock.status();
    if (!absl::IsUnavailable(failed)) return AboutOwnFile(std::move(failed));
    if (absl::Now() >= end) {
      failed.SetPayload(kLockHeld, absl::Cord("1"));
      return failed;
    }
    absl::SleepFor(kLockLook);
  }
}

bool IsLockHeld(const absl::Status& status) {
  return status.GetPayload(kLockHeld).has_value();
}

absl::Status MakeDirectories(const std::filesystem::path& directory) {
  std::error_code ignored;
  std::vector<std::filesystem::path> missing;
  for (std::filesystem::path at = directory;
       !at.empty() && !std::filesystem::is_directory(at, ignored);
       at = at.parent_path()) {
    missing.push_back(at);
  }
  for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
    (void)::mkdir(at->c_str(), kOwnersDirectory);
    // Another command may have made it meanwhile; a file in its place is none.
    if (!std::filesystem::is_directory(*at, ignored)) {
      return AboutOwnFile(absl::UnavailableError(
          absl::StrCat(at->string(), " cannot be made")));
    }
    LIMPID_RETURN_IF_ERROR(
        AboutOwnFile(base::SyncDirectory(at->parent_path())));
  }
  return absl::OkStatus();
}

absl::StatusOr<base::Bytes> ReadDeviceFile(const std::filesystem::path& file,
                                           std::size_t max_bytes) {
  auto bytes = base::ReadFileBytes(file, max_bytes);
  if (bytes.ok() || absl::IsNotFound(bytes.status())) return bytes;
  return AboutOwnFile(bytes.status());
}

absl::Status WriteDeviceFile(const std::filesystem::path& file,
                             base::ByteView bytes) {
  return AboutOwnFile(base::WriteFileAtomically(file, bytes, kOwnerOnly));
}

absl::Status RemoveFile(const std::filesystem::path& file) {
  std::error_code failed;
  const bool was_there = std::filesystem::remove(file, failed);
  if (failed) {
    return AboutOwnFile(absl::UnavailableError(
        absl::StrCat(file.string(), " cannot be removed")));
  }
  if (!was_there) return absl::OkStatus();
  return AboutOwnFile(base::SyncDirectory(file.parent_path()));
}

absl::Status SetFileAside(const std::filesystem::path& file) {
  std::filesystem::path aside = file;
  aside += ".erased";
  std::error_code failed;
  std::filesystem::rename(file, aside, failed);
  if (failed == std::errc::no_such_file_or_directory) return absl::OkStatus();
  if (failed) {
    return AboutOwnFile(absl::UnavailableError(
        absl::StrCat(file.string(), " cannot be renamed")));
  }
  return AboutOwnFile(base::SyncDirectory(file.parent_path()));
}

}  // namespace limpid::client
