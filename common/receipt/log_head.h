// The operator's signed word on how far a person's log has come, and what a
// device that kept an earlier one can prove with it.
// docs/formats/log-head.md

#ifndef LIMPID_COMMON_RECEIPT_LOG_HEAD_H_
#define LIMPID_COMMON_RECEIPT_LOG_HEAD_H_

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/batch.h"

namespace limpid::receipt {

struct LogHead {
  std::string operator_name;
  // Pseudonym of the person's log; the same for all her heads.
  base::ByteArray<16> log{};
  // Of the newest entry; 0 for an empty log.
  std::uint64_t sequence = 0;
  // Of that entry; zero for an empty log.
  base::Digest32 commitment{};
  // Entries of the public access log when the head was made.
  std::uint64_t checkpoint_size = 0;
  // Millisecond precision.
  absl::Time time;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kInvalidArgument  not exactly one head.
  static absl::StatusOr<LogHead> Decode(base::ByteView bytes);

  friend bool operator==(const LogHead&, const LogHead&) = default;
};

// The head with its place in a signed batch, as it travels.
base::Bytes SignedHead(base::ByteView encoded_head, const BatchProof& proof);

// Errors:
//   kInvalidArgument  not a signed head.
//   kDataLoss         the signature or the path does not verify.
absl::StatusOr<LogHead> VerifyHead(
    base::ByteView signed_head, const crypto::Ed25519PublicKey& evidence_key);

// What links an entry of the person's log to the one before it.
struct ChainLink {
  std::uint64_t sequence = 0;
  base::Digest32 previous{};
  base::Digest32 commitment{};
};

// Whether `shown`, which was fetched after `kept`, can follow it; says nothing
// about the entries between.
//
// Errors:
//   kInvalidArgument  heads of two logs or operators.
//   kDataLoss         they contradict each other; the message says how.
absl::Status CheckHeads(const LogHead& kept, const LogHead& shown);

// Whether `links` (newest first) lead from `shown` down to `kept`, or to the
// first entry when `kept` is null. Heads as CheckHeads.
//
// Errors: those of CheckHeads, and
//   kDataLoss  an entry is missing, was changed or put in between; the message
//              names its number.
absl::Status CheckChain(const LogHead* kept, std::span<const ChainLink> links,
                        const LogHead& shown);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_LOG_HEAD_H_
