#include "common/crypto/chained_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/crypto/random.h"

namespace limpid::crypto {
namespace {

// Name of the mark beside the file.
constexpr const char* kFreshSuffix = "-fresh";
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kMacBytes = 32;
constexpr std::size_t kSizeBytes = 4;
// Read at once: the file grows for ever, memory must not.
constexpr std::size_t kEntriesRead = 4'096;

bool IsZero(base::ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

ChainedFile::ChainedFile(std::filesystem::path path, base::SecretBytes key,
                         const ChainedFormat& format)
    : path_(std::move(path)),
      mark_(path_.string() + kFreshSuffix),
      key_(std::move(key)),
      format_(format) {}

ChainedFile::~ChainedFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::size_t ChainedFile::header_bytes() const {
  return 1 + format_.file_label.size() + kIdBytes;
}

std::size_t ChainedFile::entry_bytes() const {
  return kSizeBytes + format_.body_bytes + kMacBytes;
}

absl::Status ChainedFile::Damaged() const {
  return absl::DataLossError(
      absl::StrCat(base::ToAbsl(format_.name),
                   " is damaged or under another key; nobody can say any more ",
                   base::ToAbsl(format_.loss)));
}

absl::Status ChainedFile::Unavailable(std::string_view what) const {
  return absl::UnavailableError(
      absl::StrCat(base::ToAbsl(format_.name), " ", base::ToAbsl(what)));
}

absl::Status ChainedFile::FailedBefore() const {
  return Unavailable("failed before; start again to read what it holds");
}

ChainedFile::Mac ChainedFile::MacOf(const Mac& previous,
                                    base::ByteView body) const {
  base::ByteWriter label(format_.entry_label);
  return HmacSha256(key_.Reveal(base::SecretAccess::Get()),
                    {label.bytes(), previous, body});
}

absl::Status ChainedFile::CreateFile() {
  base::ByteWriter header(format_.file_label);
  header.Raw(RandomArray<kIdBytes>());
  // Before the file: a crash from here on must not make the loss forgotten.
  LIMPID_RETURN_IF_ERROR(base::WriteFileAtomically(mark_, {}, 0600));
  return base::WriteFileAtomically(path_, header.bytes(), 0600);
}

absl::Status ChainedFile::Settle() {
  if (!fresh_) return absl::OkStatus();
  std::error_code error;
  std::filesystem::remove(mark_, error);
  if (error) return Unavailable("keeps its mark: the disk failed");
  LIMPID_RETURN_IF_ERROR(base::SyncDirectory(mark_.parent_path()));
  fresh_ = false;
  return absl::OkStatus();
}

absl::Status ChainedFile::ReadEntry(base::ByteView bytes, Mac& previous,
                                    EntryCallback entry) const {
  base::ByteReader reader(bytes);
  if (reader.U32() != format_.body_bytes) return Damaged();
  const base::ByteView body = reader.Raw(format_.body_bytes);
  const auto mac = reader.Array<kMacBytes>();
  if (!base::ConstantTimeEqual(mac, MacOf(previous, body))) return Damaged();
  previous = mac;
  return entry(body);
}

absl::StatusOr<base::ByteView> ChainedFile::ReadAt(std::uint64_t at,
                                                   base::Bytes& buffer) const {
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t got =
        ::pread(descriptor_, buffer.data() + size, buffer.size() - size,
                static_cast<off_t>(at + size));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Unavailable("cannot be read");
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  return base::ByteView(buffer).first(size);
}

absl::StatusOr<ChainedFile::Mac> ChainedFile::ReadHeader() const {
  base::Bytes buffer(header_bytes());
  LIMPID_ASSIGN_OR_RETURN(const base::ByteView bytes, ReadAt(0, buffer));
  base::ByteReader header(bytes);
  header.Label(format_.file_label);
  (void)header.Raw(kIdBytes);
  if (header.failed()) return Damaged();
  return Sha256(bytes);
}

absl::StatusOr<std::uint64_t> ChainedFile::ReadEntries(
    Mac& previous, EntryCallback entry) const {
  const std::size_t one = entry_bytes();
  base::Bytes buffer(kEntriesRead * one);
  std::uint64_t at = header_bytes();
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(base::ByteView some, ReadAt(at, buffer));
    const std::uint64_t before = at;
    while (some.size() >= one && !IsZero(some.first(one))) {
      LIMPID_RETURN_IF_ERROR(ReadEntry(some.first(one), previous, entry));
      some = some.subspan(one);
      at += one;
    }
    if (at == before) return at;
  }
}

absl::Status ChainedFile::Read(EntryCallback entry) {
  LIMPID_ASSIGN_OR_RETURN(previous_, ReadHeader());
  LIMPID_ASSIGN_OR_RETURN(
      const std::uint64_t end, ReadEntries(previous_, [&](base::ByteView body) {
        return entry(body).ok() ? absl::OkStatus() : Damaged();
      }));
  return CutAt(end);
}

absl::Status ChainedFile::ReadAgain(EntryCallback entry) const {
  if (broken_) return FailedBefore();
  LIMPID_ASSIGN_OR_RETURN(Mac last, ReadHeader());
  LIMPID_RETURN_IF_ERROR(ReadEntries(last, entry).status());
  // Whole entries were cut off behind this process's back.
  return last == previous_ ? absl::OkStatus() : Damaged();
}

absl::Status ChainedFile::CutAt(std::uint64_t at) const {
  base::Bytes buffer(kEntriesRead * entry_bytes());
  std::uint64_t end = at;
  bool zero = true;
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(const base::ByteView some, ReadAt(end, buffer));
    if (some.empty()) break;
    zero = zero && IsZero(some);
    end += some.size();
  }
  if (end == at) return absl::OkStatus();
  // A crash can leave zeros where the file had grown before its bytes came.
  if (end - at >= entry_bytes() && !zero) return Damaged();
  // Whatever is left was never acknowledged.
  if (::ftruncate(descriptor_, static_cast<off_t>(at)) != 0 ||
      ::fsync(descriptor_) != 0) {
    return Unavailable("cannot be repaired");
  }
  return absl::OkStatus();
}

absl::Status ChainedFile::OpenFile() {
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_APPEND | O_CLOEXEC);
  if (descriptor_ >= 0) return absl::OkStatus();
  if (errno == ENOENT) return absl::NotFoundError("no file");
  if (errno == EACCES || errno == EPERM) {
    return absl::PermissionDeniedError(
        absl::StrCat(base::ToAbsl(format_.name), " cannot be opened"));
  }
  return Unavailable("cannot be opened");
}

absl::Status ChainedFile::OpenOrMake() {
  absl::Status opened = OpenFile();
  if (absl::IsNotFound(opened)) {
    LIMPID_RETURN_IF_ERROR(CreateFile());
    opened = OpenFile();
  }
  LIMPID_RETURN_IF_ERROR(opened);
  std::error_code error;
  fresh_ = std::filesystem::exists(mark_, error);
  if (error) return Unavailable("has a mark that cannot be read");
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ChainedFile>> ChainedFile::Open(
    const std::filesystem::path& path, base::SecretBytes key,
    const ChainedFormat& format, EntryCallback entry) {
  std::unique_ptr<ChainedFile> out(
      new ChainedFile(path, std::move(key), format));
  LIMPID_RETURN_IF_ERROR(out->OpenOrMake());
  LIMPID_RETURN_IF_ERROR(out->Read(entry));
  return out;
}

absl::Status ChainedFile::WriteAll(base::ByteView bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return Unavailable("cannot be written");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  if (::fdatasync(descriptor_) != 0) return Unavailable("cannot be synced");
  return absl::OkStatus();
}

absl::Status ChainedFile::Append(std::span<const base::Bytes> bodies) {
  if (bodies.empty()) return absl::OkStatus();
  if (broken_) return FailedBefore();
  for (const base::Bytes& body : bodies) {
    if (body.size() != format_.body_bytes) {
      return absl::InvalidArgumentError("an entry has another size");
    }
  }
  base::ByteWriter out;
  for (const base::Bytes& body : bodies) {
    const auto mac = MacOf(previous_, body);
    out.Lp(body).Raw(mac);
    previous_ = mac;
  }
  absl::Status written = WriteAll(out.bytes());
  broken_ = !written.ok();
  return written;
}

}  // namespace limpid::crypto
