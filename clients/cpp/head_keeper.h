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
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/log_head.h"

namespace limpid::client {

// Trailing metadata that carries a receipt::SignedHead.
inline constexpr std::string_view kLogHeadMetadata = "limpid-log-head-bin";

// Thread-safe.
class HeadKeeper {
 public:
  // Goes on from the head in `file`, base64url text; an empty path keeps it in
  // memory. One process at a time writes the file.
  //
  // Errors:
  //   kDataLoss  the file holds no head that the key signed.
  //   any        of reading the file.
  static absl::StatusOr<std::unique_ptr<HeadKeeper>> Open(
      std::filesystem::path file, const crypto::Ed25519PublicKey& evidence_key);

  // What a call that begins now must not fall behind.
  [[nodiscard]] std::optional<receipt::LogHead> kept() const;

  // The answer to a call that began when kept() was `before` came with
  // `signed_head`. Keeps it when it is newer.
  //
  // Errors:
  //   kDataLoss  it does not verify, or contradicts `before`; it is then beside
  //              the file, as "<file>.contradicted", and what was kept stays.
  //   any        of writing the file.
  absl::Status See(const std::optional<receipt::LogHead>& before,
                   base::ByteView signed_head);

 private:
  HeadKeeper(std::filesystem::path file,
             const crypto::Ed25519PublicKey& evidence_key)
      : file_(std::move(file)), evidence_key_(evidence_key) {}

  absl::Status Contradicted(base::ByteView signed_head,
                            const absl::Status& why) const;

  const std::filesystem::path file_;
  const crypto::Ed25519PublicKey evidence_key_;
  mutable base::Mutex mutex_;
  std::optional<receipt::LogHead> kept_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_HEAD_KEEPER_H_
