#include "consent/ledger/stop_ledger.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/crypto/random.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kFileLabel = "limpid/stop-ledger/1";
constexpr std::string_view kEntryLabel = "limpid/stop-entry/1";
// Name of the mark beside the file.
constexpr const char* kFreshSuffix = "-fresh";
constexpr std::size_t kHeaderBytes = 1 + kFileLabel.size() + 16;
// sequence, kind, subject, revision, time.
constexpr std::size_t kBodyBytes = 8 + 1 + 16 + 4 + 8;
constexpr std::size_t kEntryBytes = 4 + kBodyBytes + 32;
// Read at once: the file grows with every stop for ever, memory must not.
constexpr std::size_t kReadBytes = 4'096 * kEntryBytes;

absl::Status Damaged() {
  return absl::DataLossError(
      "the stop ledger is damaged or under another key; nobody can say any "
      "more what was withdrawn");
}

bool IsZero(base::ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](std::uint8_t byte) { return byte == 0; });
}

base::Bytes EncodeBody(const StopEntry& entry) {
  base::ByteWriter out;
  out.U64(entry.sequence)
      .U8(static_cast<std::uint8_t>(entry.kind))
      .Raw(entry.subject)
      .U32(entry.revision)
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(entry.time)));
  return out.Take();
}

StopEntry DecodeBody(base::ByteView body) {
  base::ByteReader reader(body);
  StopEntry out;
  out.sequence = reader.U64();
  out.kind = static_cast<StopKind>(reader.U8());
  out.subject = reader.Array<16>();
  out.revision = reader.U32();
  out.time = absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
  return out;
}

class FileStopLedger final : public StopLedger {
 public:
  FileStopLedger(std::filesystem::path path, base::SecretBytes key)
      : path_(std::move(path)),
        mark_(path_.string() + kFreshSuffix),
        key_(std::move(key)) {}
  ~FileStopLedger() override {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  FileStopLedger(const FileStopLedger&) = delete;
  FileStopLedger& operator=(const FileStopLedger&) = delete;

  absl::Status Open();

  [[nodiscard]] std::uint64_t last() const override { return entries_.size(); }
  [[nodiscard]] bool fresh() const override { return fresh_; }
  absl::Status Settle() override;
  [[nodiscard]] std::vector<StopEntry> After(
      std::uint64_t after) const override {
    if (after >= entries_.size()) return {};
    return {entries_.begin() + static_cast<std::ptrdiff_t>(after),
            entries_.end()};
  }
  absl::Status Append(std::span<const StopEntry> entries) override;

 private:
  [[nodiscard]] base::Digest32 Mac(base::ByteView body) const {
    base::ByteWriter label(kEntryLabel);
    return crypto::HmacSha256(key_.Reveal(base::SecretAccess::Get()),
                              {label.bytes(), previous_, body});
  }
  absl::Status CreateFile();
  absl::Status OpenFile();
  absl::Status Read();
  absl::Status ReadHeader();
  absl::Status ReadEntry(base::ByteView entry);
  // Fills `buffer` from `at` on; the end of the file makes it shorter.
  absl::StatusOr<base::ByteView> ReadAt(std::uint64_t at,
                                        base::Bytes& buffer) const;
  // Ends the file at `at` if what follows was never a whole entry.
  absl::Status CutAt(std::uint64_t at, base::Bytes& buffer) const;
  absl::Status WriteAll(base::ByteView bytes) const;

  const std::filesystem::path path_;
  // Stands while fresh_.
  const std::filesystem::path mark_;
  const base::SecretBytes key_;
  int descriptor_ = -1;
  bool fresh_ = false;
  bool broken_ = false;
  base::Digest32 previous_{};
  std::vector<StopEntry> entries_;
};

absl::Status FileStopLedger::CreateFile() {
  base::ByteWriter header(kFileLabel);
  header.Raw(crypto::RandomArray<16>());
  // Before the file: a crash from here on must not make the loss forgotten.
  LIMPID_RETURN_IF_ERROR(base::WriteFileAtomically(mark_, {}, 0600));
  return base::WriteFileAtomically(path_, header.bytes(), 0600);
}

absl::Status FileStopLedger::Settle() {
  if (!fresh_) return absl::OkStatus();
  std::error_code error;
  std::filesystem::remove(mark_, error);
  if (error) return absl::UnavailableError("the stop ledger's mark stays");
  LIMPID_RETURN_IF_ERROR(base::SyncDirectory(mark_.parent_path()));
  fresh_ = false;
  return absl::OkStatus();
}

absl::Status FileStopLedger::ReadEntry(base::ByteView entry) {
  base::ByteReader reader(entry);
  if (reader.U32() != kBodyBytes) return Damaged();
  const base::ByteView body = reader.Raw(kBodyBytes);
  const base::Digest32 mac = reader.Array<32>();
  if (!base::ConstantTimeEqual(mac, Mac(body))) return Damaged();
  const StopEntry decoded = DecodeBody(body);
  if (decoded.sequence != entries_.size() + 1) return Damaged();
  entries_.push_back(decoded);
  previous_ = mac;
  return absl::OkStatus();
}

absl::StatusOr<base::ByteView> FileStopLedger::ReadAt(
    std::uint64_t at, base::Bytes& buffer) const {
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t got =
        ::pread(descriptor_, buffer.data() + size, buffer.size() - size,
                static_cast<off_t>(at + size));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return absl::UnavailableError("the stop ledger cannot be read");
    }
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  return base::ByteView(buffer).first(size);
}

absl::Status FileStopLedger::ReadHeader() {
  base::Bytes buffer(kHeaderBytes);
  LIMPID_ASSIGN_OR_RETURN(const base::ByteView bytes, ReadAt(0, buffer));
  base::ByteReader header(bytes);
  header.Label(kFileLabel);
  (void)header.Raw(16);
  if (header.failed()) return Damaged();
  previous_ = crypto::Sha256(bytes);
  return absl::OkStatus();
}

absl::Status FileStopLedger::Read() {
  LIMPID_RETURN_IF_ERROR(ReadHeader());
  base::Bytes buffer(kReadBytes);
  std::uint64_t at = kHeaderBytes;
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(base::ByteView some, ReadAt(at, buffer));
    const std::uint64_t before = at;
    while (some.size() >= kEntryBytes && !IsZero(some.first(kEntryBytes))) {
      LIMPID_RETURN_IF_ERROR(ReadEntry(some.first(kEntryBytes)));
      some = some.subspan(kEntryBytes);
      at += kEntryBytes;
    }
    if (at == before) return CutAt(at, buffer);
  }
}

absl::Status FileStopLedger::CutAt(std::uint64_t at,
                                   base::Bytes& buffer) const {
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
  if (end - at >= kEntryBytes && !zero) return Damaged();
  // Whatever is left was never acknowledged.
  if (::ftruncate(descriptor_, static_cast<off_t>(at)) != 0 ||
      ::fsync(descriptor_) != 0) {
    return absl::UnavailableError("the stop ledger cannot be repaired");
  }
  return absl::OkStatus();
}

absl::Status FileStopLedger::OpenFile() {
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_APPEND | O_CLOEXEC);
  if (descriptor_ >= 0) return absl::OkStatus();
  if (errno == ENOENT) return absl::NotFoundError("there is no stop ledger");
  if (errno == EACCES || errno == EPERM) {
    return absl::PermissionDeniedError("the stop ledger cannot be opened");
  }
  return absl::UnavailableError("the stop ledger cannot be opened");
}

absl::Status FileStopLedger::Open() {
  absl::Status opened = OpenFile();
  if (absl::IsNotFound(opened)) {
    LIMPID_RETURN_IF_ERROR(CreateFile());
    opened = OpenFile();
  }
  LIMPID_RETURN_IF_ERROR(opened);
  std::error_code error;
  fresh_ = std::filesystem::exists(mark_, error);
  if (error) return absl::UnavailableError("the stop ledger's mark is unclear");
  return Read();
}

absl::Status FileStopLedger::WriteAll(base::ByteView bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      return absl::UnavailableError("the stop ledger cannot be written");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  if (::fdatasync(descriptor_) != 0) {
    return absl::UnavailableError("the stop ledger cannot be synced");
  }
  return absl::OkStatus();
}

absl::Status FileStopLedger::Append(std::span<const StopEntry> entries) {
  if (entries.empty()) return absl::OkStatus();
  if (broken_) {
    return absl::UnavailableError(
        "the stop ledger failed before; start again to read what it holds");
  }
  base::ByteWriter out;
  std::uint64_t expected = entries_.size() + 1;
  for (const StopEntry& entry : entries) {
    if (entry.sequence != expected++) {
      return absl::InvalidArgumentError("the stop ledger would have a gap");
    }
  }
  for (const StopEntry& entry : entries) {
    const base::Bytes body = EncodeBody(entry);
    const base::Digest32 mac = Mac(body);
    out.Lp(body).Raw(mac);
    previous_ = mac;
    entries_.push_back(entry);
  }
  absl::Status written = WriteAll(out.bytes());
  broken_ = !written.ok();
  return written;
}

}  // namespace

absl::StatusOr<std::unique_ptr<StopLedger>> OpenStopLedger(
    const std::filesystem::path& path, base::SecretBytes key) {
  auto out = std::make_unique<FileStopLedger>(path, std::move(key));
  LIMPID_RETURN_IF_ERROR(out->Open());
  return out;
}

}  // namespace limpid::consent
