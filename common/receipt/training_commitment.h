// What an operator of consent publishes in the register log when a snapshot is
// sealed: the root of a tree in which each person whose data were released for
// its training can find her own leaf, and nobody else's. What a device
// verifies; where entry, opening and path come from is the caller's.
// docs/formats/training-commitment.md

#ifndef LIMPID_COMMON_RECEIPT_TRAINING_COMMITMENT_H_
#define LIMPID_COMMON_RECEIPT_TRAINING_COMMITMENT_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"

namespace limpid::receipt {

// Every entry has this size.
inline constexpr std::size_t kTrainingCommitmentBytes = 186;
// Leaves of the smallest tree, padding included: fewer would tell how few
// persons there are. As a tick of the access log.
inline constexpr std::uint32_t kMinTrainingLeaves = 64;
// Of the largest.
inline constexpr std::uint32_t kMaxTrainingLeaves = std::uint32_t{1} << 24U;
// Reads that one leaf stands for; further ones are in another leaf.
inline constexpr std::size_t kMaxTrainingReads = 1'024;

// An entry without its signature.
struct TrainingCommitment {
  base::ByteArray<16> snapshot{};
  // The evidence key of the consent role that releases were decided by.
  crypto::Ed25519PublicKey operator_key;
  // When the tree was built; millisecond resolution.
  absl::Time time;
  // Leaves, a power of two from kMinTrainingLeaves to kMaxTrainingLeaves.
  std::uint32_t size = kMinTrainingLeaves;
  // RFC 6962, over the leaves in ascending order.
  base::Digest32 root{};

  friend bool operator==(const TrainingCommitment&,
                         const TrainingCommitment&) = default;
};

// What one leaf says about one person.
struct TrainingRelease {
  base::ByteArray<16> snapshot{};
  base::ByteArray<16> system{};
  // What the service that read calls her.
  base::ByteArray<16> pseudonym{};
  // Commitments of her access entries, in the order of her log: 1 to
  // kMaxTrainingReads.
  std::vector<base::Digest32> reads;

  friend bool operator==(const TrainingRelease&,
                         const TrainingRelease&) = default;
};

// The leaf, which says nothing without `opening` (32 random bytes).
base::Digest32 TrainingLeaf(const base::ByteArray<32>& opening,
                            const TrainingRelease& release);

// The entry of the log. `commitment` must keep the rules of the format page;
// its operator key is filled in.
base::Bytes SignTrainingCommitment(
    TrainingCommitment commitment,
    const crypto::Ed25519PrivateKey& operator_key);

// Whether an entry of the register log is one of these, by its first byte.
[[nodiscard]] bool IsTrainingCommitment(base::ByteView entry);

// Checks size, fields and signature, by the key inside.
//
// Errors:
//   kDataLoss  not such an entry.
absl::StatusOr<TrainingCommitment> ParseTrainingCommitment(
    base::ByteView entry);

// Whether the release is in the tree of `commitment`, at `index`.
//
// Errors:
//   kDataLoss  it is about another snapshot, names no read or too many, or is
//              not there.
absl::Status VerifyTrainingRelease(const TrainingCommitment& commitment,
                                   const TrainingRelease& release,
                                   const base::ByteArray<32>& opening,
                                   std::uint32_t index,
                                   std::span<const base::Digest32> path);

// What an auditor remembers of a whole log. Thread-compatible.
class TrainingCommitments {
 public:
  // Takes the next entry in the order of the log.
  //
  // Errors:
  //   kDataLoss  it does not parse, or its operator published another one for
  //              this snapshot: two persons could be shown two trees.
  absl::Status Take(base::ByteView entry);

 private:
  std::set<std::pair<base::ByteArray<16>, base::ByteArray<32>>> seen_;
};

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_TRAINING_COMMITMENT_H_
