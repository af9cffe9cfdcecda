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
// 10 million stops; a larger file is not ours.
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 30U;

absl::Status Damaged() {
  return absl::DataLossError(
      "the stop ledger is damaged or under another key; nobody can say any "
      "more what was withdrawn");
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
  absl::Status Read(base::ByteView file);
  absl::Status ReadEntry(base::ByteView entry);
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

absl::Status FileStopLedger::Read(base::ByteView file) {
  base::ByteReader header(file);
  header.Label(kFileLabel);
  (void)header.Raw(16);
  if (header.failed()) return Damaged();
  previous_ = crypto::Sha256(file.first(kHeaderBytes));
  std::size_t at = kHeaderBytes;
  for (; at + kEntryBytes <= file.size(); at += kEntryBytes) {
    const base::ByteView rest = file.subspan(at);
    // A crash can leave zeros where the file had grown before its bytes came.
    if (std::all_of(rest.begin(), rest.end(),
                    [](std::uint8_t byte) { return byte == 0; })) {
      break;
    }
    LIMPID_RETURN_IF_ERROR(ReadEntry(rest.first(kEntryBytes)));
  }
  // Whatever is left was never acknowledged.
  if (at == file.size()) return absl::OkStatus();
  if (::ftruncate(descriptor_, static_cast<off_t>(at)) != 0 ||
      ::fsync(descriptor_) != 0) {
    return absl::UnavailableError("the stop ledger cannot be repaired");
  }
  return absl::OkStatus();
}

absl::Status FileStopLedger::Open() {
  auto file = base::ReadFileBytes(path_, kMaxFileBytes);
  if (absl::IsNotFound(file.status())) {
    LIMPID_RETURN_IF_ERROR(CreateFile());
    file = base::ReadFileBytes(path_, kMaxFileBytes);
  }
  LIMPID_RETURN_IF_ERROR(file.status());
  std::error_code error;
  fresh_ = std::filesystem::exists(mark_, error);
  if (error) return absl::UnavailableError("the stop ledger's mark is unclear");
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor_ < 0) {
    return absl::UnavailableError("the stop ledger cannot be opened");
  }
  return Read(*file);
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
