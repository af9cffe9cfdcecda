// The tree of a sealed snapshot: leaves padded and sorted, kept in rows of
// kLeavesPerChunk, so that one person's path costs one row and not the whole
// tree. Pure. docs/formats/training-commitment.md

#ifndef LIMPID_CONSENT_TRAINING_TRAINING_TREE_H_
#define LIMPID_CONSENT_TRAINING_TRAINING_TREE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/crypto/random.h"
#include "consent/training/training_rows.h"

namespace limpid::consent {

// `leaves` with random ones up to the next power of two, kMinTrainingLeaves at
// least, ascending: a permutation that nobody without the openings can undo.
//
// Errors:
//   kResourceExhausted  more than kMaxTrainingLeaves.
absl::StatusOr<std::vector<base::Digest32>> PaddedLeaves(
    std::vector<base::Digest32> leaves, crypto::RandomSource& random);

// The rows of a padded tree, in order.
std::vector<std::vector<base::Digest32>> ChunksOf(
    const std::vector<base::Digest32>& padded);
LeafChunk SummaryOf(const std::vector<base::Digest32>& chunk);
base::Digest32 RootOf(std::span<const LeafChunk> chunks);

// Which chunk holds `leaf`, if any does.
std::size_t ChunkFor(std::span<const LeafChunk> chunks,
                     const base::Digest32& leaf);

struct LeafPlace {
  std::uint32_t index = 0;
  // Leaf side first.
  std::vector<base::Digest32> path;
};

// Where `leaf` is in the tree; `chunk` holds the leaves of number `number`.
//
// Errors:
//   kNotFound  it is not there.
absl::StatusOr<LeafPlace> PlaceOf(std::span<const LeafChunk> chunks,
                                  std::size_t number,
                                  const std::vector<base::Digest32>& chunk,
                                  const base::Digest32& leaf);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_TRAINING_TRAINING_TREE_H_
