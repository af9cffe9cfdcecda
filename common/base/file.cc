#include "common/base/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/file_writer.h"
#include "common/base/id.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"

namespace limpid::base {
namespace {

// Closes on every way out.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) (void)::close(value_);
  }
  Descriptor(Descriptor&& other) noexcept : value_(other.Release()) {}
  Descriptor& operator=(Descriptor&&) = delete;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return value_; }
  int Release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

absl::Status Failed(const char* what, const std::filesystem::path& path,
                    int error) {
  const std::string message = absl::StrCat(what, " ", path.string());
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(absl::StrCat(message, ": no such file"));
    case EISDIR:
      return absl::FailedPreconditionError(
          absl::StrCat(message, ": it is a directory"));
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(
          absl::StrCat(message, ": permission denied"));
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::ResourceExhaustedError(
          absl::StrCat(message, ": no space left"));
    default:
      return absl::UnavailableError(absl::StrCat(
          message, ": ",
          std::error_code(error, std::generic_category()).message()));
  }
}

// For files that do not say how long they are, and those that grow.
constexpr std::size_t kChunk = 64UL * 1024;

// One byte more than the file has, which finds its end.
std::size_t FirstRoom(int descriptor, std::size_t max_bytes) {
  struct stat info {};
  if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) return kChunk;
  return std::min(static_cast<std::size_t>(info.st_size), max_bytes) + 1;
}

// resize would leave a copy of the contents in memory that it gives back.
void Enlarge(Bytes& bytes) {
  Bytes larger(bytes.size() + kChunk);
  std::copy(bytes.begin(), bytes.end(), larger.begin());
  Wipe(bytes);
  bytes.swap(larger);
}

absl::Status WriteAll(int descriptor, ByteView bytes,
                      const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Failed("cannot write", path, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return absl::OkStatus();
}

int OpenNew(const std::filesystem::path& path, mode_t mode) {
  return ::open(path.c_str(),
                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
}

absl::StatusOr<Descriptor> OpenAnew(const std::filesystem::path& path,
                                    mode_t mode) {
  // Whatever a crash left there, or somebody else put there: a link would lead
  // the bytes elsewhere.
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return Failed("cannot replace", path, errno);
  }
  Descriptor file(OpenNew(path, mode));
  if (file.get() < 0) return Failed("cannot create", path, errno);
  // umask may have cut some bits.
  if (::fchmod(file.get(), mode) != 0) {
    return Failed("cannot protect", path, errno);
  }
  return file;
}

absl::Status WriteAnew(const std::filesystem::path& path, ByteView bytes,
                       mode_t mode) {
  LIMPID_ASSIGN_OR_RETURN(const Descriptor file, OpenAnew(path, mode));
  LIMPID_RETURN_IF_ERROR(WriteAll(file.get(), bytes, path));
  if (::fsync(file.get()) != 0) return Failed("cannot sync", path, errno);
  return absl::OkStatus();
}

// A device, a pipe or a directory: a file that took its name would be of use to
// nobody, and what was there is gone for everybody.
absl::Status CheckReplaceable(const std::filesystem::path& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return absl::OkStatus();
  if (S_ISREG(info.st_mode) || S_ISLNK(info.st_mode)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("cannot replace ", path.string(), ": it is ",
                   S_ISDIR(info.st_mode) ? "a directory" : "not a file"));
}

// Renames a file unless something has the new name.
absl::Status GiveNewName(const std::filesystem::path& from,
                         const std::filesystem::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(),
                  RENAME_NOREPLACE) == 0) {
    return absl::OkStatus();
  }
  // Not every file system can: a second name does the same.
  if (errno == EINVAL && ::link(from.c_str(), to.c_str()) == 0) {
    (void)::unlink(from.c_str());
    return absl::OkStatus();
  }
  if (errno == EEXIST) {
    return absl::AlreadyExistsError(absl::StrCat(to.string(), " exists"));
  }
  return Failed("cannot create", to, errno);
}

}  // namespace

absl::StatusOr<Bytes> ReadFileBytes(const std::filesystem::path& path,
                                    std::size_t max_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return Failed("cannot read", path, errno);
  Bytes out(FirstRoom(file.get(), max_bytes));
  std::size_t size = 0;
  for (;;) {
    if (size == out.size()) Enlarge(out);
    const std::span<std::uint8_t> room = std::span(out).subspan(size);
    const ssize_t count = ::read(file.get(), room.data(), room.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error = errno;
      Wipe(out);
      return Failed("cannot read", path, error);
    }
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
    if (size > max_bytes) {
      Wipe(out);
      return absl::ResourceExhaustedError(
          absl::StrCat(path.string(), " is longer than ", max_bytes, " bytes"));
    }
  }
  out.resize(size);
  return out;
}

absl::StatusOr<FileWriter> FileWriter::Open(const std::filesystem::path& path,
                                            mode_t mode) {
  LIMPID_RETURN_IF_ERROR(CheckReplaceable(path));
  std::filesystem::path temporary = path;
  temporary += ".tmp";
  absl::StatusOr<Descriptor> file = OpenAnew(temporary, mode);
  if (!file.ok()) {
    (void)::unlink(temporary.c_str());
    return file.status();
  }
  return FileWriter(path, std::move(temporary), file->Release());
}

FileWriter::FileWriter(FileWriter&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

FileWriter::~FileWriter() {
  if (descriptor_ < 0) return;
  (void)::close(descriptor_);
  (void)::unlink(temporary_.c_str());
}

absl::Status FileWriter::Append(ByteView bytes) {
  return WriteAll(descriptor_, bytes, temporary_);
}

absl::Status FileWriter::Commit() {
  if (::fsync(descriptor_) != 0) return Failed("cannot sync", path_, errno);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    return Failed("cannot replace", path_, errno);
  }
  (void)::close(std::exchange(descriptor_, -1));
  return SyncDirectory(path_.parent_path());
}

absl::Status WriteFileAtomically(const std::filesystem::path& path,
                                 ByteView bytes, mode_t mode) {
  LIMPID_ASSIGN_OR_RETURN(FileWriter file, FileWriter::Open(path, mode));
  LIMPID_RETURN_IF_ERROR(file.Append(bytes));
  return file.Commit();
}

absl::Status WriteNewFile(const std::filesystem::path& path, ByteView bytes,
                          mode_t mode) {
  // Several may make the same file at once, each with a name of its own.
  std::filesystem::path temporary = path;
  temporary += "." + FormatIdText("new", RandomIdBytes());
  absl::Status made = WriteAnew(temporary, bytes, mode);
  if (made.ok()) made = GiveNewName(temporary, path);
  if (!made.ok()) {
    (void)::unlink(temporary.c_str());
    return made;
  }
  return SyncDirectory(path.parent_path());
}

absl::Status SyncDirectory(const std::filesystem::path& directory) {
  const std::filesystem::path here = directory.empty() ? "." : directory;
  const Descriptor file(
      ::open(here.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.get() < 0) return Failed("cannot open", here, errno);
  if (::fsync(file.get()) != 0) return Failed("cannot sync", here, errno);
  return absl::OkStatus();
}

absl::StatusOr<FileLock> FileLock::Acquire(const std::filesystem::path& path) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file.get() < 0) return Failed("cannot open the lock", path, errno);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return Failed("cannot lock", path, errno);
    return absl::UnavailableError(
        absl::StrCat(path.string(), " is locked by another process"));
  }
  return FileLock(file.Release());
}

FileLock::FileLock(FileLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) (void)::close(descriptor_);
}

}  // namespace limpid::base
