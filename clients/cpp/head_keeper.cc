#include "clients/cpp/head_keeper.h"

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/device_file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::client {
namespace {

constexpr std::size_t kMaxFileBytes = 1U << 16U;
// The answer came, and fails for what came with it.
constexpr absl::string_view kMayBeDone =
    ". What you asked for may have been done all the same";

// Whatever this device's disk says: as the answer's code it would be taken for
// the server's, a full disk for a refusal.
absl::Status NotKept(const absl::Status& why) {
  absl::Status out = absl::UnavailableError(absl::StrCat(
      "the end of your log that came with the answer could not be kept: ",
      why.message(),
      IsLockHeld(why) ? "; wait for the other command to end" : "",
      kMayBeDone));
  why.ForEachPayload([&](absl::string_view key, const absl::Cord& value) {
    out.SetPayload(key, value);
  });
  return out;
}

// Whether it says more than `kept`.
bool IsNewer(const receipt::LogHead& shown,
             const std::optional<receipt::LogHead>& kept) {
  if (!kept || shown.sequence != kept->sequence) {
    return !kept || shown.sequence > kept->sequence;
  }
  return shown.checkpoint_size > kept->checkpoint_size;
}

std::optional<receipt::LogHead> Newer(
    const std::optional<receipt::LogHead>& one,
    const std::optional<receipt::LogHead>& other) {
  return one && IsNewer(*one, other) ? one : other;
}

// Whether two heads of one number name one entry. Nothing else can be asked of
// heads of calls that ran at once: either may have been made first.
absl::Status CheckSameEntry(receipt::LogHead kept,
                            const receipt::LogHead& shown) {
  kept.checkpoint_size = 0;
  return receipt::CheckHeads(kept, shown);
}

}  // namespace

absl::StatusOr<std::optional<receipt::LogHead>> ReadHeadFile(
    const std::filesystem::path& file,
    const crypto::Ed25519PublicKey& evidence_key) {
  const auto text = ReadDeviceFile(file, kMaxFileBytes);
  if (absl::IsNotFound(text.status())) return std::optional<receipt::LogHead>();
  LIMPID_RETURN_IF_ERROR(text.status());
  const auto bytes = base::Base64UrlDecode(base::ToText(*text));
  const auto head = bytes.ok()
                        ? receipt::VerifyHead(*bytes, evidence_key)
                        : absl::StatusOr<receipt::LogHead>(bytes.status());
  if (head.ok()) return std::optional<receipt::LogHead>(*head);
  return BrokenFile(file, "is no log head of this operator");
}

absl::Status WriteHeadFile(const std::filesystem::path& file,
                           base::ByteView signed_head) {
  return WriteDeviceFile(file,
                         base::AsBytes(base::Base64UrlEncode(signed_head)));
}

absl::Status KeepNewerHead(const std::filesystem::path& file,
                           base::ByteView signed_head,
                           const crypto::Ed25519PublicKey& evidence_key) {
  LIMPID_ASSIGN_OR_RETURN(const receipt::LogHead head,
                          receipt::VerifyHead(signed_head, evidence_key));
  LIMPID_ASSIGN_OR_RETURN(const base::FileLock lock, LockBeside(file));
  LIMPID_ASSIGN_OR_RETURN(const auto kept, ReadHeadFile(file, evidence_key));
  if (!IsNewer(head, kept)) return absl::OkStatus();
  return WriteHeadFile(file, signed_head);
}

absl::StatusOr<std::unique_ptr<HeadKeeper>> HeadKeeper::Open(
    std::filesystem::path file, const crypto::Ed25519PublicKey& evidence_key,
    absl::Duration lock_wait) {
  std::unique_ptr<HeadKeeper> out(
      new HeadKeeper(std::move(file), evidence_key, lock_wait));
  LIMPID_ASSIGN_OR_RETURN(const auto head, out->OnDisk());
  const base::MutexLock lock(out->mutex_);
  out->kept_ = head;
  return out;
}

absl::StatusOr<std::optional<receipt::LogHead>> HeadKeeper::OnDisk() const {
  if (file_.empty()) return std::optional<receipt::LogHead>();
  return ReadHeadFile(file_, evidence_key_);
}

absl::StatusOr<std::optional<base::FileLock>> HeadKeeper::Lock() const {
  if (file_.empty()) return std::optional<base::FileLock>();
  absl::StatusOr<base::FileLock> lock = LockBeside(file_, lock_wait_);
  if (lock.ok()) return std::optional<base::FileLock>(*std::move(lock));
  return NotKept(lock.status());
}

std::optional<receipt::LogHead> HeadKeeper::kept() const {
  // One that cannot be read says so when the answer comes.
  const auto on_disk = OnDisk();
  const base::MutexLock lock(mutex_);
  return on_disk.ok() ? Newer(*on_disk, kept_) : kept_;
}

absl::Status HeadKeeper::Contradicted(base::ByteView signed_head,
                                      const absl::Status& why) const {
  std::string kept;
  if (!file_.empty()) {
    std::filesystem::path proof = file_;
    proof += ".contradicted";
    const absl::Status written = WriteHeadFile(proof, signed_head);
    // That it contradicts is said either way.
    kept = written.ok() ? absl::StrCat("; give your data protection authority ",
                                       file_.string(), " and ", proof.string(),
                                       ", and move them away to go on")
                        : absl::StrCat("; it could not be kept as evidence: ",
                                       written.message());
  }
  return absl::DataLossError(absl::StrCat(
      "the answer came with an end of your log that contradicts the one this "
      "device saw: ",
      why.message(), kept, kMayBeDone));
}

absl::Status HeadKeeper::See(const std::optional<receipt::LogHead>& before,
                             base::ByteView signed_head) {
  const auto shown = receipt::VerifyHead(signed_head, evidence_key_);
  if (!shown.ok()) {
    return absl::DataLossError(
        "the answer came with an end of your log that does not verify");
  }
  LIMPID_ASSIGN_OR_RETURN(const auto file_lock, Lock());
  if (before) {
    const absl::Status follows = receipt::CheckHeads(*before, *shown);
    if (!follows.ok()) return Contradicted(signed_head, follows);
  }
  const auto on_disk = OnDisk();
  if (!on_disk.ok()) {
    return absl::IsDataLoss(on_disk.status()) ? on_disk.status()
                                              : NotKept(on_disk.status());
  }
  const base::MutexLock lock(mutex_);
  kept_ = Newer(*on_disk, kept_);
  if (kept_ && kept_->sequence == shown->sequence) {
    const absl::Status same = CheckSameEntry(*kept_, *shown);
    if (!same.ok()) return Contradicted(signed_head, same);
  }
  if (!IsNewer(*shown, kept_)) return absl::OkStatus();
  if (!file_.empty()) {
    const absl::Status written = WriteHeadFile(file_, signed_head);
    if (!written.ok()) return NotKept(written);
  }
  kept_ = *shown;
  return absl::OkStatus();
}

}  // namespace limpid::client
