#include "common/tlog/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::tlog {
namespace {

// Logs are public files; the umask may take more away.
constexpr mode_t kFileMode = 0644;

// Where the files are is the operator's alone to know. What is internal goes to
// her log and to nobody else; that the disk is full goes to callers too.
absl::Status Failed(std::string_view what, const std::filesystem::path& path,
                    int error) {
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot ", base::ToAbsl(what),
                     " a file of the log: no space is left; free some"));
  }
  return absl::InternalError(
      absl::StrCat("cannot ", base::ToAbsl(what), " ", path.string(), ": ",
                   std::generic_category().message(error)));
}

// Closes what it opened. Close errors are not looked at: durability is asked
// for with fsync before.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

Descriptor OpenFile(const std::filesystem::path& path, int flags) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): open(2) has no other
  // form
  return Descriptor(::open(path.c_str(), flags | O_CLOEXEC, kFileMode));
}

absl::Status WriteAll(int fd, base::ByteView bytes,
                      const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("write", path, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return absl::OkStatus();
}

class PosixLockedDirectory final : public LockedDirectory {
 public:
  PosixLockedDirectory(Descriptor fd, std::filesystem::path path)
      : fd_(std::move(fd)), path_(std::move(path)) {}

  absl::Status SyncFileSystem() override {
    if (::syncfs(fd_.get()) == 0) return absl::OkStatus();
    return Failed("sync", path_, errno);
  }

 private:
  const Descriptor fd_;
  const std::filesystem::path path_;
};

class PosixFiles final : public FileSystem {
 public:
  absl::StatusOr<base::Bytes> Read(const std::filesystem::path& file,
                                   std::size_t max_bytes) override;
  absl::Status Write(const std::filesystem::path& file,
                     base::ByteView contents) override;
  absl::Status WriteDurably(const std::filesystem::path& file,
                            base::ByteView contents) override;
  absl::Status Rename(const std::filesystem::path& from,
                      const std::filesystem::path& to) override;
  absl::Status SyncDirectory(const std::filesystem::path& dir) override;
  absl::Status CreateDirectories(const std::filesystem::path& dir) override;
  absl::Status Remove(const std::filesystem::path& path) override;
  bool Exists(const std::filesystem::path& path) override;
  absl::StatusOr<FileIdentity> Identify(
      const std::filesystem::path& file) override;
  absl::StatusOr<std::unique_ptr<LockedDirectory>> Lock(
      const std::filesystem::path& dir) override;

 private:
  static absl::Status WriteFile(const std::filesystem::path& file,
                                base::ByteView contents, bool durably);
};

absl::StatusOr<base::Bytes> PosixFiles::Read(const std::filesystem::path& file,
                                             std::size_t max_bytes) {
  auto bytes = base::ReadFileBytes(file, max_bytes);
  if (bytes.ok()) return bytes;
  if (absl::IsNotFound(bytes.status())) {
    return absl::NotFoundError("there is no such file of the log");
  }
  if (absl::IsResourceExhausted(bytes.status())) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a file of the log is longer than ", max_bytes, " bytes"));
  }
  return absl::InternalError(bytes.status().message());
}

absl::Status PosixFiles::WriteFile(const std::filesystem::path& file,
                                   base::ByteView contents, bool durably) {
  const Descriptor fd = OpenFile(file, O_WRONLY | O_CREAT | O_TRUNC);
  if (!fd.ok()) return Failed("create", file, errno);
  LIMPID_RETURN_IF_ERROR(WriteAll(fd.get(), contents, file));
  if (durably && ::fsync(fd.get()) != 0) return Failed("sync", file, errno);
  return absl::OkStatus();
}

absl::Status PosixFiles::Write(const std::filesystem::path& file,
                               base::ByteView contents) {
  return WriteFile(file, contents, /*durably=*/false);
}

absl::Status PosixFiles::WriteDurably(const std::filesystem::path& file,
                                      base::ByteView contents) {
  return WriteFile(file, contents, /*durably=*/true);
}

absl::Status PosixFiles::Rename(const std::filesystem::path& from,
                                const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
  return Failed("rename to", to, errno);
}

absl::Status PosixFiles::SyncDirectory(const std::filesystem::path& dir) {
  const Descriptor fd = OpenFile(dir, O_RDONLY | O_DIRECTORY);
  if (!fd.ok()) return Failed("open", dir, errno);
  if (::fsync(fd.get()) != 0) return Failed("sync", dir, errno);
  return absl::OkStatus();
}

absl::Status PosixFiles::CreateDirectories(const std::filesystem::path& dir) {
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (error) return Failed("create", dir, error.value());
  return absl::OkStatus();
}

absl::Status PosixFiles::Remove(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) return Failed("remove", path, error.value());
  return absl::OkStatus();
}

bool PosixFiles::Exists(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

absl::StatusOr<FileIdentity> PosixFiles::Identify(
    const std::filesystem::path& file) {
  struct statx status {};
  if (::statx(AT_FDCWD, file.c_str(), 0, STATX_INO | STATX_BTIME, &status) !=
      0) {
    return Failed("look at", file, errno);
  }
  constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
  FileIdentity identity{status.stx_ino, 0};
  if ((status.stx_mask & STATX_BTIME) != 0) {
    identity.born_ns = status.stx_btime.tv_sec * kNanosecondsPerSecond +
                       status.stx_btime.tv_nsec;
  }
  return identity;
}

absl::StatusOr<std::unique_ptr<LockedDirectory>> PosixFiles::Lock(
    const std::filesystem::path& dir) {
  Descriptor fd = OpenFile(dir, O_RDONLY | O_DIRECTORY);
  if (!fd.ok()) return Failed("open", dir, errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return Failed("lock", dir, errno);
    return absl::FailedPreconditionError(
        absl::StrCat("another process has ", dir.string(), " in use"));
  }
  return std::make_unique<PosixLockedDirectory>(std::move(fd), dir);
}

}  // namespace

FileSystem& PosixFileSystem() {
  static PosixFiles files;
  return files;
}

absl::Status ReplaceDurably(FileSystem& files,
                            const std::filesystem::path& file,
                            base::ByteView contents) {
  std::filesystem::path temporary = file;
  temporary += ".tmp";
  LIMPID_RETURN_IF_ERROR(files.WriteDurably(temporary, contents));
  LIMPID_RETURN_IF_ERROR(files.Rename(temporary, file));
  return files.SyncDirectory(file.parent_path());
}

}  // namespace limpid::tlog
