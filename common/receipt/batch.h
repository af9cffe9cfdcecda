// One signature for a whole batch: a Merkle root over its items and a path for
// each. Knows nothing of what the items mean, only their kind.
// docs/formats/batch.md

#ifndef LIMPID_COMMON_RECEIPT_BATCH_H_
#define LIMPID_COMMON_RECEIPT_BATCH_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"

namespace limpid::receipt {

// Signed: append, never renumber.
enum class BatchKind : std::uint8_t { kPermits = 1, kReceipts = 2 };

// What one signature covers.
struct BatchHead {
  BatchKind kind = BatchKind::kPermits;
  // Fencing epoch of the writer that decided the batch.
  std::uint64_t epoch = 0;
  // Millisecond precision.
  absl::Time time;
  std::uint32_t size = 0;
  base::Digest32 root{};

  friend bool operator==(const BatchHead&, const BatchHead&) = default;
};

// A batch's signature with the place of one item in it.
struct BatchProof {
  BatchHead head;
  base::ByteArray<64> signature{};
  std::uint32_t index = 0;
  // Inclusion path, leaf side first (RFC 6962 section 2.1.1).
  std::vector<base::Digest32> path;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kInvalidArgument  not exactly one proof.
  static absl::StatusOr<BatchProof> Decode(base::ByteView bytes);
};

// Signs `items` in order; the result has one proof per item. Costs one
// signature and about two hashes per item. `items` is not empty.
std::vector<BatchProof> SignBatch(BatchKind kind, std::uint64_t epoch,
                                  absl::Time time,
                                  std::span<const base::Bytes> items,
                                  const crypto::Ed25519PrivateKey& key);

// Checks that `item` is in the batch. Says nothing about the signature: a
// caller that verified one head need not verify it again for each item.
[[nodiscard]] bool ProofCoversItem(const BatchProof& proof,
                                   base::ByteView item);

// Checks the head's signature.
[[nodiscard]] bool HeadIsSigned(const BatchProof& proof,
                                const crypto::Ed25519PublicKey& key);

// Both, and the kind.
//
// Errors:
//   kDataLoss  any of them fails; the message does not say which.
absl::Status VerifyBatchItem(const BatchProof& proof, BatchKind kind,
                             base::ByteView item,
                             const crypto::Ed25519PublicKey& key);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_BATCH_H_
