#include "common/tlog/tree.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <utility>

#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"

namespace limpid::tlog {
namespace {

constexpr std::array<std::uint8_t, 1> kLeafPrefix = {0x00};
constexpr std::uint8_t kNodePrefix = 0x01;

absl::Status NotIncluded() {
  return absl::DataLossError("the inclusion proof does not verify");
}

absl::Status NotConsistent() {
  return absl::DataLossError("the consistency proof does not verify");
}

bool IsOdd(std::uint64_t value) { return (value & 1) != 0; }

// One step of the climb that RFC 9162 sections 2.1.3.2 and 2.1.4.2 share:
// where the node and the last node of a level stand.
struct Climb {
  std::uint64_t node;
  std::uint64_t last;

  // Whether the sibling stands on the left. If so, skips the levels on which a
  // right-most node has no sibling.
  bool TakeSibling() {
    const bool left = IsOdd(node) || node == last;
    if (left) {
      while (!IsOdd(node) && node != 0) Up();
    }
    Up();
    return left;
  }
  void Up() {
    node >>= 1;
    last >>= 1;
  }
};

// The half-open range [begin, end) as complete subtrees, left to right. The
// recursions of RFC 6962 only ask for ranges that start at a multiple of the
// largest power of two that fits, so each subtree is at least as wide as the
// next.
void AddRange(std::uint64_t begin, std::uint64_t end,
              std::vector<NodeId>& out) {
  while (begin < end) {
    const std::uint64_t width = std::bit_floor(end - begin);
    out.push_back(
        {static_cast<unsigned>(std::countr_zero(width)), begin / width});
    begin += width;
  }
}

// The largest power of two below `size`, which is at least 2.
std::uint64_t SplitPoint(std::uint64_t size) {
  return std::bit_floor(size - 1);
}

// The subtrees whose roots a proof lists, in proof order: one range each.
struct Range {
  std::uint64_t begin;
  std::uint64_t end;
};

// Reads the nodes of all ranges at once and folds each range to its root.
absl::StatusOr<std::vector<Digest32>> RangeRoots(
    const std::vector<Range>& ranges, NodeReader read) {
  std::vector<NodeId> nodes;
  std::vector<std::size_t> ends;
  for (const Range& range : ranges) {
    AddRange(range.begin, range.end, nodes);
    ends.push_back(nodes.size());
  }
  LIMPID_ASSIGN_OR_RETURN(const std::vector<Digest32> hashes, read(nodes));
  LIMPID_CHECK(hashes.size() == nodes.size());
  std::vector<Digest32> roots;
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    Digest32 root = hashes[end - 1];
    for (std::size_t i = end - 1; i > begin; --i) {
      root = NodeHash(hashes[i - 1], root);
    }
    roots.push_back(root);
    begin = end;
  }
  return roots;
}

}  // namespace

Digest32 EmptyRoot() { return crypto::Sha256(ByteView{}); }

Digest32 LeafHash(ByteView entry) {
  return crypto::Sha256({kLeafPrefix, entry});
}

Digest32 NodeHash(const Digest32& left, const Digest32& right) {
  std::array<std::uint8_t, 1 + 2 * sizeof(Digest32)> input{};
  input[0] = kNodePrefix;
  std::copy(left.begin(), left.end(), input.begin() + 1);
  std::copy(right.begin(), right.end(),
            input.begin() + 1 + std::ptrdiff_t{sizeof(Digest32)});
  return crypto::Sha256(input);
}

absl::StatusOr<CompactRange> CompactRange::FromPeaks(
    std::uint64_t size, std::vector<Digest32> peaks) {
  if (peaks.size() != static_cast<std::size_t>(std::popcount(size))) {
    return absl::InvalidArgumentError("the peaks do not fit the tree size");
  }
  CompactRange range;
  range.size_ = size;
  range.peaks_ = std::move(peaks);
  return range;
}

void CompactRange::Append(const Digest32& leaf_hash) {
  Digest32 hash = leaf_hash;
  for (std::uint64_t bits = size_; IsOdd(bits); bits >>= 1) {
    hash = NodeHash(peaks_.back(), hash);
    peaks_.pop_back();
  }
  peaks_.push_back(hash);
  ++size_;
}

Digest32 CompactRange::Root() const {
  if (peaks_.empty()) return EmptyRoot();
  Digest32 root = peaks_.back();
  for (std::size_t i = peaks_.size() - 1; i > 0; --i) {
    root = NodeHash(peaks_[i - 1], root);
  }
  return root;
}

std::vector<NodeId> PeakNodes(std::uint64_t size) {
  std::vector<NodeId> nodes;
  AddRange(0, size, nodes);
  return nodes;
}

absl::StatusOr<std::vector<Digest32>> MakeInclusionProof(std::uint64_t index,
                                                         std::uint64_t size,
                                                         NodeReader read) {
  if (index >= size) {
    return absl::InvalidArgumentError("the index is not in the tree");
  }
  std::vector<Range> ranges;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end - begin > 1) {
    const std::uint64_t middle = begin + SplitPoint(end - begin);
    if (index < middle) {
      ranges.push_back({middle, end});
      end = middle;
    } else {
      ranges.push_back({begin, middle});
      begin = middle;
    }
  }
  std::reverse(ranges.begin(), ranges.end());
  return RangeRoots(ranges, read);
}

absl::StatusOr<std::vector<Digest32>> MakeConsistencyProof(
    std::uint64_t old_size, std::uint64_t size, NodeReader read) {
  if (old_size > size) {
    return absl::InvalidArgumentError("the old size is larger than the tree");
  }
  if (old_size == 0 || old_size == size) return std::vector<Digest32>();
  std::vector<Range> ranges;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (old_size != end) {
    const std::uint64_t middle = begin + SplitPoint(end - begin);
    if (old_size <= middle) {
      ranges.push_back({middle, end});
      end = middle;
    } else {
      ranges.push_back({begin, middle});
      begin = middle;
    }
  }
  // What is left is a complete part of the old tree. The verifier knows its
  // root when it is the whole old tree, and is told otherwise.
  if (begin != 0) ranges.push_back({begin, end});
  std::reverse(ranges.begin(), ranges.end());
  return RangeRoots(ranges, read);
}

absl::Status VerifyInclusion(std::uint64_t index, std::uint64_t size,
                             const Digest32& leaf_hash,
                             std::span<const Digest32> proof,
                             const Digest32& root) {
  if (index >= size) return NotIncluded();
  Climb climb{index, size - 1};
  Digest32 hash = leaf_hash;
  for (const Digest32& sibling : proof) {
    if (climb.last == 0) return NotIncluded();
    hash =
        climb.TakeSibling() ? NodeHash(sibling, hash) : NodeHash(hash, sibling);
  }
  if (climb.last != 0 || hash != root) return NotIncluded();
  return absl::OkStatus();
}

absl::Status VerifyConsistency(std::uint64_t old_size, std::uint64_t size,
                               std::span<const Digest32> proof,
                               const Digest32& old_root, const Digest32& root) {
  if (old_size == 0 || old_size > size) return NotConsistent();
  if (old_size == size) {
    return proof.empty() && old_root == root ? absl::OkStatus()
                                             : NotConsistent();
  }
  if (proof.empty()) return NotConsistent();
  Digest32 old_hash = old_root;
  if (!std::has_single_bit(old_size)) {
    old_hash = proof.front();
    proof = proof.subspan(1);
  }
  Digest32 hash = old_hash;
  Climb climb{old_size - 1, size - 1};
  while (IsOdd(climb.node)) climb.Up();
  for (const Digest32& sibling : proof) {
    if (climb.last == 0) return NotConsistent();
    if (climb.TakeSibling()) {
      old_hash = NodeHash(sibling, old_hash);
      hash = NodeHash(sibling, hash);
    } else {
      hash = NodeHash(hash, sibling);
    }
  }
  const bool ok = climb.last == 0 && old_hash == old_root && hash == root;
  return ok ? absl::OkStatus() : NotConsistent();
}

}  // namespace limpid::tlog
