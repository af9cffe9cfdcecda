// What the files that `limpid` keeps on a person's device have in common: how a
// broken one is told from a broken answer, and the lock beside them that keeps
// two commands from losing each other's writes. docs/formats/device-files.md

#ifndef LIMPID_CLIENTS_CPP_DEVICE_FILE_H_
#define LIMPID_CLIENTS_CPP_DEVICE_FILE_H_

#include <filesystem>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/file.h"

namespace limpid::client {

// How long a command waits for another one that writes: far longer than one
// write takes.
inline constexpr absl::Duration kDeviceLockWait = absl::Seconds(5);

// `status` as one about a file of this device, not about an answer: whoever
// reports it can say so. The code stays.
absl::Status AboutOwnFile(absl::Status status);
[[nodiscard]] bool IsAboutOwnFile(const absl::Status& status);

// kDataLoss about an own file: "<file> <what>".
absl::Status BrokenFile(const std::filesystem::path& file,
                        std::string_view what);

// Locks "<file>.lock", whose directory must be there; waits for another holder
// until `wait` is over.
//
// Errors:
//   kUnavailable  somebody held it all the time, or the disk failed; says
//                 which file.
absl::StatusOr<base::FileLock> LockBeside(
    const std::filesystem::path& file, absl::Duration wait = kDeviceLockWait);

// Removes a file, durably; one that is not there is no error.
//
// Errors:
//   kUnavailable  it cannot be removed; names it.
absl::Status RemoveFile(const std::filesystem::path& file);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_DEVICE_FILE_H_
