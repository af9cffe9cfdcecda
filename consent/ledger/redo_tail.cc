#include "consent/ledger/redo_tail.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/aead.h"
#include "common/crypto/hash.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kLabel = "limpid/redo-tail/1";
constexpr crypto::Suite kSuite = crypto::Suite::kXChaCha20Poly1305;
constexpr std::array<const char*, 2> kNames = {"tail-0", "tail-1"};
// Stands until what was granted in older tables has been paused.
constexpr const char* kOlderMark = "tail-older";
// Size, sequence, predecessor.
constexpr std::size_t kHeaderBytes = 4 + 8 + 32;

absl::Status Damaged() {
  return absl::DataLossError(
      "the redo tail is damaged or under another key; what it promised cannot "
      "be read");
}

absl::Status DiskFailed() {
  if (errno == ENOSPC || errno == EDQUOT) {
    return absl::ResourceExhaustedError("no space is left for the redo tail");
  }
  return absl::UnavailableError("the redo tail cannot be written");
}

base::Bytes AssociatedData(std::uint64_t sequence,
                           const base::Digest32& previous) {
  base::ByteWriter out(kLabel);
  out.U64(sequence).Raw(previous);
  return out.Take();
}

std::size_t BlocksFor(std::size_t envelope_bytes) {
  const std::size_t whole = kHeaderBytes + envelope_bytes;
  return (whole + RedoTail::kBlockBytes - 1) / RedoTail::kBlockBytes *
         RedoTail::kBlockBytes;
}

absl::Status WriteAt(int descriptor, base::ByteView bytes, std::size_t at) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(descriptor, bytes.data(), bytes.size(),
                                     static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return DiskFailed();
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    at += static_cast<std::size_t>(written);
  }
  if (::fdatasync(descriptor) != 0) return DiskFailed();
  return absl::OkStatus();
}

}  // namespace

struct RedoTail::Stored {
  std::uint64_t sequence = 0;
  base::Digest32 previous{};
  // Of its envelope.
  base::Digest32 hash{};
  base::Bytes plaintext;
  std::size_t segment = 0;
  std::size_t begin = 0;
  // Where the next one begins.
  std::size_t end = 0;
  // Nothing that opens lies before it in its segment.
  bool first = false;
  // Of an earlier round: a newer one lies before it in its segment.
  bool leftover = false;
};

absl::StatusOr<std::unique_ptr<RedoTail>> RedoTail::Open(
    const std::filesystem::path& directory, base::SecretBytes key,
    std::uint64_t applied) {
  std::unique_ptr<RedoTail> out(new RedoTail(directory, std::move(key)));
  LIMPID_RETURN_IF_ERROR(out->NoteLoss(directory, applied));
  LIMPID_RETURN_IF_ERROR(out->OpenSegments(directory));
  LIMPID_RETURN_IF_ERROR(out->ReadSegments(applied));
  if (!out->stale_) return out;
  // Before anything moves: a crash from here on must not make it forgotten.
  LIMPID_RETURN_IF_ERROR(
      base::WriteFileAtomically(directory / kOlderMark, {}, 0600));
  LIMPID_RETURN_IF_ERROR(out->SetAside(directory));
  return out;
}

RedoTail::~RedoTail() { CloseSegments(); }

void RedoTail::CloseSegments() {
  for (Segment& segment : segments_) {
    if (segment.descriptor >= 0) ::close(segment.descriptor);
    segment.descriptor = -1;
  }
}

absl::Status RedoTail::NoteLoss(const std::filesystem::path& directory,
                                std::uint64_t applied) {
  std::error_code error;
  if (std::filesystem::exists(directory / kOlderMark, error)) older_ = true;
  const bool lost =
      !std::all_of(kNames.begin(), kNames.end(), [&](const char* name) {
        return std::filesystem::exists(directory / name, error);
      });
  if (applied == 0 || !lost) return absl::OkStatus();
  older_ = true;
  return base::WriteFileAtomically(directory / kOlderMark, {}, 0600);
}

absl::Status RedoTail::Settle() {
  if (!stale()) return absl::OkStatus();
  std::error_code error;
  std::filesystem::remove(directory_ / kOlderMark, error);
  if (error) return absl::UnavailableError("the redo tail's mark stays");
  return base::SyncDirectory(directory_);
}

absl::Status RedoTail::OpenSegments(const std::filesystem::path& directory) {
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    Segment& segment = segments_.at(i);
    segment.path = directory / kNames.at(i);
    std::error_code error;
    if (!std::filesystem::exists(segment.path, error)) {
      LIMPID_RETURN_IF_ERROR(base::WriteFileAtomically(
          segment.path, base::Bytes(kSegmentBytes), 0600));
    }
    segment.descriptor = ::open(segment.path.c_str(), O_RDWR | O_CLOEXEC);
    if (segment.descriptor < 0) return DiskFailed();
  }
  return absl::OkStatus();
}

bool RedoTail::ReadAt(base::ByteView file, std::size_t at, Stored& out) const {
  base::ByteReader in(file.subspan(at));
  const std::uint32_t size = in.U32();
  out.sequence = in.U64();
  out.previous = in.Array<32>();
  if (size == 0 || size > kSegmentBytes) return false;
  const base::ByteView envelope = in.Raw(size);
  if (in.failed()) return false;
  auto opened = crypto::Open(
      key_, {}, AssociatedData(out.sequence, out.previous), envelope);
  if (!opened.ok()) return false;
  out.plaintext = *std::move(opened);
  out.hash = crypto::Sha256(envelope);
  out.end = at + BlocksFor(size);
  return true;
}

// Every record that opens, wherever it begins: what a crash cut short, and what
// an earlier round left behind, lies between them.
std::vector<RedoTail::Stored> RedoTail::Scan(base::ByteView file,
                                             std::size_t segment) const {
  std::vector<Stored> out;
  std::uint64_t newest = 0;
  std::size_t at = 0;
  while (at + kHeaderBytes <= file.size()) {
    Stored record;
    if (ReadAt(file, at, record)) {
      record.segment = segment;
      record.begin = at;
      record.first = out.empty();
      record.leftover = record.sequence < newest;
      newest = std::max(newest, record.sequence);
      at = record.end;
      out.push_back(std::move(record));
    } else {
      at += kBlockBytes;
    }
  }
  return out;
}

// Whether what is missing before `next` was in the file once: then it was
// damaged. Otherwise the numbers are of another time than the tables.
bool RedoTail::IsDamage(const Stored* before, const Stored& next,
                        std::uint64_t applied) {
  if (next.first && next.begin != 0) return true;
  if (before == nullptr) return false;
  if (before->segment == next.segment && before->end < next.begin) return true;
  // Tables that are older than `before` or just have it would find what came
  // between, too. Only commits that went past the tail leave no record, and
  // then the next one names `before` or, after a start, nothing.
  return before->sequence >= applied && !before->leftover &&
         next.previous != before->hash && next.previous != base::Digest32{};
}

absl::Status RedoTail::CheckNumbers(const std::vector<Stored>& records,
                                    std::uint64_t applied) {
  const Stored* before = nullptr;
  for (const Stored& record : records) {
    if (before != nullptr && before->sequence == record.sequence) {
      return Damaged();
    }
    const std::uint64_t expected =
        before == nullptr ? applied + 1
                          : std::max(applied, before->sequence) + 1;
    if (record.sequence > applied) {
      if (record.sequence != expected) {
        if (IsDamage(before, record, applied)) return Damaged();
        stale_ = true;
      } else if (before != nullptr && before->sequence + 1 == expected &&
                 record.previous != before->hash) {
        return Damaged();
      }
    }
    before = &record;
  }
  return absl::OkStatus();
}

absl::Status RedoTail::ReadSegments(std::uint64_t applied) {
  std::vector<Stored> records;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    LIMPID_ASSIGN_OR_RETURN(
        const base::Bytes file,
        base::ReadFileBytes(segments_.at(i).path, kSegmentBytes));
    if (file.size() != kSegmentBytes) return Damaged();
    std::vector<Stored> some = Scan(file, i);
    std::move(some.begin(), some.end(), std::back_inserter(records));
  }
  last_ = applied;
  if (records.empty()) return absl::OkStatus();
  std::sort(records.begin(), records.end(),
            [](const Stored& left, const Stored& right) {
              return left.sequence < right.sequence;
            });
  LIMPID_RETURN_IF_ERROR(CheckNumbers(records, applied));
  const Stored& newest = records.back();
  last_ = std::max(applied, newest.sequence);
  if (stale_) return absl::OkStatus();
  if (newest.sequence == last_) previous_ = newest.hash;
  active_ = newest.segment;
  at_ = newest.end;
  for (const Stored& record : records) {
    segments_.at(record.segment).last = record.sequence;
  }
  for (Stored& record : records) {
    if (record.sequence <= applied) continue;
    found_.push_back({record.sequence, std::move(record.plaintext)});
  }
  return absl::OkStatus();
}

absl::Status RedoTail::SetAside(const std::filesystem::path& directory) {
  CloseSegments();
  for (Segment& segment : segments_) {
    std::filesystem::path aside = segment.path;
    aside += ".set-aside";
    std::error_code error;
    std::filesystem::rename(segment.path, aside, error);
    if (error) return absl::UnavailableError("the redo tail cannot be moved");
    segment = {};
  }
  LIMPID_RETURN_IF_ERROR(base::SyncDirectory(directory));
  return OpenSegments(directory);
}

bool RedoTail::HasRoom(std::size_t plaintext_bytes,
                       std::uint64_t applied) const {
  const std::size_t size =
      BlocksFor(plaintext_bytes + crypto::EnvelopeOverhead(kSuite));
  if (at_ + size <= kSegmentBytes) return true;
  return segments_.at(1 - active_).last <= applied;
}

absl::Status RedoTail::Usable() const {
  if (!broken_) return absl::OkStatus();
  return absl::UnavailableError(
      "the redo tail failed before; start again to read what it holds");
}

absl::Status RedoTail::Skip(absl::Status stored) {
  if (stored.ok()) {
    ++last_;
  } else if (!absl::IsAborted(stored) && !absl::IsAlreadyExists(stored) &&
             !absl::IsResourceExhausted(stored)) {
    broken_ = true;
  }
  return stored;
}

absl::Status RedoTail::Append(base::ByteView plaintext) {
  LIMPID_RETURN_IF_ERROR(Usable());
  const std::uint64_t sequence = last_ + 1;
  const base::Bytes envelope = crypto::Seal(
      kSuite, key_, {}, AssociatedData(sequence, previous_), plaintext);
  const std::size_t size = BlocksFor(envelope.size());
  if (at_ + size > kSegmentBytes) {
    active_ = 1 - active_;
    at_ = 0;
  }
  base::ByteWriter out;
  out.U32(static_cast<std::uint32_t>(envelope.size()))
      .U64(sequence)
      .Raw(previous_)
      .Raw(envelope);
  base::Bytes record = out.Take();
  record.resize(size);
  Segment& segment = segments_.at(active_);
  absl::Status written = WriteAt(segment.descriptor, record, at_);
  if (!written.ok()) {
    broken_ = true;
    return written;
  }
  at_ += size;
  last_ = sequence;
  segment.last = sequence;
  previous_ = crypto::Sha256(envelope);
  return absl::OkStatus();
}

}  // namespace limpid::consent
