// Files that must survive a crash: whole-file reads with a size cap, atomic
// replacement, and the lock that keeps a second process out. Refuses to know
// what is in them.

#ifndef LIMPID_COMMON_BASE_FILE_H_
#define LIMPID_COMMON_BASE_FILE_H_

#include <sys/types.h>

#include <cstddef>
#include <filesystem>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"

namespace limpid::base {

// The whole contents. Messages name the path, never the contents. What is
// returned is the one copy in memory: whoever reads a secret wipes that one.
//
// Errors:
//   kNotFound           no such file.
//   kPermissionDenied   this process may not read it.
//   kResourceExhausted  it is longer than `max_bytes`.
//   kUnavailable        the disk failed; kFailedPrecondition: a directory.
absl::StatusOr<Bytes> ReadFileBytes(const std::filesystem::path& path,
                                    std::size_t max_bytes);

// Replaces `path` by a file with these bytes and permission bits: written
// beside it as "<path>.tmp", synced, renamed, directory synced. After a crash
// `path` holds the old bytes or the new, and so it does after an error: the
// directory may fail to sync when the new ones have the name already, and then
// nobody knows which outlive a loss of power. One writer per path at a time.
//
// Errors:
//   kFailedPrecondition what is there is neither a file nor a link, which is
//                       replaced and never followed.
//   kPermissionDenied   the directory does not allow it.
//   kResourceExhausted  no space is left.
//   kUnavailable        the disk failed.
absl::Status WriteFileAtomically(const std::filesystem::path& path,
                                 ByteView bytes, mode_t mode);

// Makes a file that was not there, with these bytes and permission bits, by one
// caller of several at once; durable on return. Written beside it, as a file
// "<path>.new_..." that a crash may leave: nobody sees it in part.
//
// Errors:
//   kAlreadyExists  something has that name; it is left as it is.
//   others          as WriteFileAtomically; nothing is left.
absl::Status WriteNewFile(const std::filesystem::path& path, ByteView bytes,
                          mode_t mode);

// Makes names created in, renamed in or removed from `directory` durable.
absl::Status SyncDirectory(const std::filesystem::path& directory);

// An exclusive lock on a file (flock), held until the object goes or the
// process dies. Move-only.
class FileLock {
 public:
  // Creates the file (0600, empty) when it is absent. Never waits.
  //
  // Errors:
  //   kUnavailable  somebody else holds it, in this process or another; or
  //                 the disk failed.
  static absl::StatusOr<FileLock> Acquire(const std::filesystem::path& path);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace limpid::base

#endif  // LIMPID_COMMON_BASE_FILE_H_
