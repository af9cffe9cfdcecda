// What the files that `limpid` keeps on a person's device have in common: how a
// broken one is told from a broken answer, how they are written so that a crash
// takes none away, and the lock beside them that keeps two commands from losing
// each other's writes. docs/formats/device-files.md

#ifndef LIMPID_CLIENTS_CPP_DEVICE_FILE_H_
#define LIMPID_CLIENTS_CPP_DEVICE_FILE_H_

#include <cstddef>
#include <filesystem>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
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
// Errors, which name the lock:
//   kUnavailable  somebody held it all the time: IsLockHeld.
//   others        it cannot be made or opened: IsAboutOwnFile.
absl::StatusOr<base::FileLock> LockBeside(
    const std::filesystem::path& file, absl::Duration wait = kDeviceLockWait);

// Whether another command held a lock of this device all the time. Nothing is
// wrong then, with a file or with a server: the code alone would say so.
[[nodiscard]] bool IsLockHeld(const absl::Status& status);

// Makes a directory and those above it that are missing, each for its owner
// alone. Durable on return, so that no crash takes what is written into it
// afterwards.
//
// Errors:
//   kUnavailable  one cannot be made; names it, IsAboutOwnFile.
absl::Status MakeDirectories(const std::filesystem::path& directory);

// base::ReadFileBytes of a file of this device.
//
// Errors:
//   kNotFound  no such file.
//   others     of ReadFileBytes, IsAboutOwnFile.
absl::StatusOr<base::Bytes> ReadDeviceFile(const std::filesystem::path& file,
                                           std::size_t max_bytes);

// Replaces a file (base::WriteFileAtomically), readable by its owner alone.
//
// Errors: those of WriteFileAtomically, IsAboutOwnFile.
absl::Status WriteDeviceFile(const std::filesystem::path& file,
                             base::ByteView bytes);

// Removes a file, durably; one that is not there is no error.
//
// Errors:
//   kUnavailable  it cannot be removed; names it.
absl::Status RemoveFile(const std::filesystem::path& file);

// Gives a file its own name and ".erased", in place of an earlier one of that
// name, durably; one that is not there is no error.
//
// Errors:
//   kUnavailable  it cannot be renamed; names it, IsAboutOwnFile.
absl::Status SetFileAside(const std::filesystem::path& file);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_DEVICE_FILE_H_
