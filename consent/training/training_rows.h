// The rows of releases for training: single reads while a snapshot is open,
// releases with their openings once it is sealed, and what the operator keeps
// of the snapshot. docs/formats/training-commitment.md

#ifndef LIMPID_CONSENT_TRAINING_TRAINING_ROWS_H_
#define LIMPID_CONSENT_TRAINING_TRAINING_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "consent/ids.h"
#include "consent/ledger/person_state.h"
#include "consent/ledger/store.h"
#include "consent/training/algorithm_register.h"

namespace limpid::consent {

// Who read for what: reads with the same are one release.
struct TrainingTarget {
  SnapshotId snapshot;
  SystemId system;
  ServiceId service;
  RecordId record;
  Pseudonym pseudonym{};

  friend auto operator<=>(const TrainingTarget&,
                          const TrainingTarget&) = default;
  friend bool operator==(const TrainingTarget&,
                         const TrainingTarget&) = default;
};

// One read of which something was released.
struct TrainingRead {
  TrainingTarget use;
  // Of its entry in the person's log.
  base::Digest32 commitment{};
  absl::Time time;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one read.
  static absl::StatusOr<TrainingRead> Decode(base::ByteView bytes);

  friend bool operator==(const TrainingRead&, const TrainingRead&) = default;
};

// The reads that one leaf stands for.
struct StoredRelease {
  TrainingTarget use;
  absl::Time first;
  absl::Time last;
  base::ByteArray<32> opening{};
  // In the order of her log.
  std::vector<base::Digest32> reads;

  [[nodiscard]] base::Digest32 Leaf() const;
  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one release.
  static absl::StatusOr<StoredRelease> Decode(base::ByteView bytes);

  friend bool operator==(const StoredRelease&, const StoredRelease&) = default;
};

// Stored: append, never renumber.
enum class SnapshotStage : std::uint8_t {
  kOpen = 1,
  kSealing = 2,
  kBuilt = 3,
  kPublished = 4,
};

// So many leaves of a tree stand in one row.
inline constexpr std::size_t kLeavesPerChunk = 4'096;

// A row of leaves of a tree.
struct LeafChunk {
  base::Digest32 first{};
  // RFC 6962, of the leaves.
  base::Digest32 root{};

  friend bool operator==(const LeafChunk&, const LeafChunk&) = default;
};

// What the operator keeps of a snapshot that something was released for.
struct TrainingSnapshot {
  SnapshotId id;
  SnapshotStage stage = SnapshotStage::kOpen;
  // None until the register was asked.
  DatasetId dataset;
  // When consent learned of it; the epoch before.
  absl::Time sealed = absl::UnixEpoch();
  // Rows with leaves that no tree has taken over.
  std::uint32_t part_count = 0;
  // From kBuilt on.
  std::uint32_t size = 0;
  std::vector<LeafChunk> chunks;
  base::Bytes entry;
  // Of kPublished.
  std::uint64_t log_index = 0;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one snapshot.
  static absl::StatusOr<TrainingSnapshot> Decode(base::ByteView bytes);

  friend bool operator==(const TrainingSnapshot&,
                         const TrainingSnapshot&) = default;
};

// --- Rows ---

RowKey TrainingReadRowKey(std::uint16_t shard, const PersonId& person,
                          std::uint64_t sequence);
PersonalRow RowOf(const TrainingRead& read, std::uint64_t sequence,
                  const PersonState& person);
// Errors:
//   kDataLoss  not sealed for this row, or no read.
absl::StatusOr<TrainingRead> OpenTrainingRead(
    const base::SecretBytes& person_key, const PersonalRow& row);

// A new row, of a fresh random id.
PersonalRow RowOf(const StoredRelease& release, const PersonState& person,
                  absl::Time now);
absl::StatusOr<StoredRelease> OpenRelease(const base::SecretBytes& person_key,
                                          const PersonalRow& row);

PublicRow RowOf(const base::SecretBytes& row_key,
                const TrainingSnapshot& snapshot);
absl::StatusOr<TrainingSnapshot> OpenSnapshot(const base::SecretBytes& row_key,
                                              const PublicRow& row);

// Leaves that are put aside, or that stand in a tree.
enum class LeavesRow : std::uint8_t { kPart = 'p', kChunk = 'c' };
PublicRow RowOf(const base::SecretBytes& row_key, const SnapshotId& snapshot,
                LeavesRow which, std::uint32_t number,
                const std::vector<base::Digest32>& leaves);
// Errors:
//   kDataLoss  it is not there, or not sealed for its place.
absl::StatusOr<std::vector<base::Digest32>> ReadLeaves(
    const LedgerStore& store, const base::SecretBytes& row_key,
    const SnapshotId& snapshot, LeavesRow which, std::uint32_t number);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_TRAINING_TRAINING_ROWS_H_
