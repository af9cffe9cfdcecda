// Keeps the newest signed end of a person's log that came beside an answer, and
// says when a later one contradicts it. docs/formats/log-head.md

#ifndef LIMPID_CLIENTS_CPP_HEAD_KEEPER_H_
#define LIMPID_CLIENTS_CPP_HEAD_KEEPER_H_

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/device_file.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/mutex.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/log_head.h"

namespace limpid::client {

// Trailing metadata that carries a receipt::SignedHead.
inline constexpr std::string_view kLogHeadMetadata = "limpid-log-head-bin";

// The head in a file of base64url text; none where there is no file.
//
// Errors:
//   kDataLoss  the file holds no head that the key signed: IsAboutOwnFile.
//   any        of reading the file.
absl::StatusOr<std::optional<receipt::LogHead>> ReadHeadFile(
    const std::filesystem::path& file,
    const crypto::Ed25519PublicKey& evidence_key);
// Replaces it, readable by its owner alone; durable on return.
absl::Status WriteHeadFile(const std::filesystem::path& file,
                           base::ByteView signed_head);

// The same when the file holds an older one or none, under the lock beside it:
// of two commands at once the newer head stays.
//
// Errors: those of ReadHeadFile, and
//   kDataLoss     the key did not sign `signed_head`.
//   kUnavailable  another process held the lock all the time: IsLockHeld.
//   others        of writing it: IsAboutOwnFile.
absl::Status KeepNewerHead(const std::filesystem::path& file,
                           base::ByteView signed_head,
                           const crypto::Ed25519PublicKey& evidence_key);

// Thread-safe. Processes share a file: none of them takes it back to an older
// head than another wrote.
class HeadKeeper {
 public:
  // Goes on from the head in `file`, base64url text; an empty path keeps it in
  // memory. "<file>.lock" is locked while it is written, after at most
  // `lock_wait`.
  //
  // Errors:
  //   kDataLoss  the file holds no head that the key signed.
  //   any        of reading the file.
  static absl::StatusOr<std::unique_ptr<HeadKeeper>> Open(
      std::filesystem::path file, const crypto::Ed25519PublicKey& evidence_key,
      absl::Duration lock_wait = kDeviceLockWait);

  // What a call that begins now must not fall behind, whichever process saw it.
  [[nodiscard]] std::optional<receipt::LogHead> kept() const;

  // The answer to a call that began when kept() was `before` came with
  // `signed_head`. Keeps it when it is newer.
  //
  // Errors:
  //   kDataLoss     it does not verify, or contradicts `before`, or is another
  //                 head for the number that is kept now; it is then beside the
  //                 file, as "<file>.contradicted", and what was kept stays.
  //                 Or the file holds no head any more.
  //   kUnavailable  another process held the lock all the time (IsLockHeld), or
  //                 the disk failed, was full or refused (IsAboutOwnFile):
  //                 never another code, which a caller would take for the
  //                 server's.
  absl::Status See(const std::optional<receipt::LogHead>& before,
                   base::ByteView signed_head);

 private:
  HeadKeeper(std::filesystem::path file,
             const crypto::Ed25519PublicKey& evidence_key,
             absl::Duration lock_wait)
      : file_(std::move(file)),
        evidence_key_(evidence_key),
        lock_wait_(lock_wait) {}

  // None when there is no file. Errors: those of Open.
  absl::StatusOr<std::optional<receipt::LogHead>> OnDisk() const;
  // None when nothing is shared.
  absl::StatusOr<std::optional<base::FileLock>> Lock() const;
  absl::Status Contradicted(base::ByteView signed_head,
                            const absl::Status& why) const;

  const std::filesystem::path file_;
  const crypto::Ed25519PublicKey evidence_key_;
  const absl::Duration lock_wait_;
  mutable base::Mutex mutex_;
  std::optional<receipt::LogHead> kept_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_HEAD_KEEPER_H_
