// The file operations a log needs, as a seam: tests make each one fail, with
// and without its effect, and look at what a restart finds. Durability is
// spelt out: nothing here syncs unless its name says so.

#ifndef LIMPID_COMMON_TLOG_FILES_H_
#define LIMPID_COMMON_TLOG_FILES_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"

namespace limpid::tlog {

// A directory under an exclusive lock, which goes with the object and with a
// crash.
class LockedDirectory {
 public:
  virtual ~LockedDirectory() = default;

  // Makes everything written so far to the directory's file system durable,
  // contents and names (syncfs): one wait for any number of new files. Reports
  // every write-back error since the lock was taken.
  virtual absl::Status SyncFileSystem() = 0;

 protected:
  LockedDirectory() = default;
  LockedDirectory(const LockedDirectory&) = default;
  LockedDirectory& operator=(const LockedDirectory&) = default;
};

// What tells one file from a copy of it: no copy, restore or clone has the
// same inode number and birth time.
struct FileIdentity {
  std::uint64_t inode = 0;
  // Nanoseconds since 1970; 0 where the file system keeps none.
  std::int64_t born_ns = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

// Thread-safe. Messages of kInternal and kFailedPrecondition name the file, the
// others do not: they reach callers of the server.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // Errors:
  //   kNotFound           no such file.
  //   kResourceExhausted  longer than `max_bytes`.
  //   kInternal           cannot be read.
  virtual absl::StatusOr<base::Bytes> Read(const std::filesystem::path& file,
                                           std::size_t max_bytes) = 0;
  // Creates the file or replaces its contents in place. Not durable, not
  // atomic.
  //
  // Errors:
  //   kResourceExhausted  the disk or the quota is full.
  //   kInternal           any other failure.
  virtual absl::Status Write(const std::filesystem::path& file,
                             base::ByteView contents) = 0;
  // As Write, and fsyncs the file.
  virtual absl::Status WriteDurably(const std::filesystem::path& file,
                                    base::ByteView contents) = 0;
  // Atomic for readers; durable only after SyncDirectory.
  virtual absl::Status Rename(const std::filesystem::path& from,
                              const std::filesystem::path& to) = 0;
  // fsyncs the directory: names in it are durable.
  virtual absl::Status SyncDirectory(const std::filesystem::path& dir) = 0;
  // With parents. Existing ones are fine.
  virtual absl::Status CreateDirectories(const std::filesystem::path& dir) = 0;
  // Removes the file or the directory with all in it. Absent is fine.
  virtual absl::Status Remove(const std::filesystem::path& path) = 0;
  [[nodiscard]] virtual bool Exists(const std::filesystem::path& path) = 0;
  virtual absl::StatusOr<FileIdentity> Identify(
      const std::filesystem::path& file) = 0;
  // Takes the exclusive lock on an existing directory (flock).
  //
  // Errors:
  //   kFailedPrecondition  somebody holds it.
  virtual absl::StatusOr<std::unique_ptr<LockedDirectory>> Lock(
      const std::filesystem::path& dir) = 0;

 protected:
  FileSystem() = default;
  FileSystem(const FileSystem&) = default;
  FileSystem& operator=(const FileSystem&) = default;
};

// The machine's. Lives as long as the process.
FileSystem& PosixFileSystem();

// Replaces `file` durably and atomically: temporary file, fsync, rename, fsync
// of the directory. After an error either the old or the new contents are
// there.
absl::Status ReplaceDurably(FileSystem& files,
                            const std::filesystem::path& file,
                            base::ByteView contents);

}  // namespace limpid::tlog

#endif  // LIMPID_COMMON_TLOG_FILES_H_
