// The Merkle tree of RFC 6962: hashes, the compact range that grows it, making
// and checking of proofs. Pure functions over hashes: where nodes are kept
// (tiles, memory) is the NodeReader's business, what an entry means is
// nobody's.

#ifndef LIMPID_COMMON_TLOG_TREE_H_
#define LIMPID_COMMON_TLOG_TREE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"

namespace limpid::tlog {

using base::ByteView;
using base::Digest32;

// SHA-256 of nothing, the root of the tree of size 0.
Digest32 EmptyRoot();
// SHA-256(0x00 || entry) and SHA-256(0x01 || left || right), RFC 6962 section
// 2.1. The digest algorithm is fetched once per process.
Digest32 LeafHash(ByteView entry);
Digest32 NodeHash(const Digest32& left, const Digest32& right);

// The root of the complete subtree over the leaves
// [index << level, (index + 1) << level).
struct NodeId {
  unsigned level = 0;
  std::uint64_t index = 0;
  friend bool operator==(const NodeId&, const NodeId&) = default;
};

// The roots of the complete subtrees of a tree, widest first: one per set bit
// of its size. Enough to append and to know the root. Thread-compatible.
class CompactRange {
 public:
  CompactRange() = default;
  // Errors:
  //   kInvalidArgument  not one peak per set bit of `size`.
  static absl::StatusOr<CompactRange> FromPeaks(std::uint64_t size,
                                                std::vector<Digest32> peaks);

  void Append(const Digest32& leaf_hash);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::vector<Digest32>& peaks() const { return peaks_; }
  // EmptyRoot() at size 0.
  [[nodiscard]] Digest32 Root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest32> peaks_;
};

// The nodes whose roots are the peaks of a tree of `size`, widest first.
std::vector<NodeId> PeakNodes(std::uint64_t size);

// Gives the hash of each node asked for, in that order.
using NodeReader = absl::FunctionRef<absl::StatusOr<std::vector<Digest32>>(
    std::span<const NodeId>)>;

// PATH(index, D[size]) of RFC 6962 section 2.1.1, leaf side first.
//
// Errors:
//   kInvalidArgument  index >= size.
//   whatever `read` answers.
absl::StatusOr<std::vector<Digest32>> MakeInclusionProof(std::uint64_t index,
                                                         std::uint64_t size,
                                                         NodeReader read);

// PROOF(old_size, D[size]) of RFC 6962 section 2.1.2. Empty when the sizes are
// equal and when old_size is 0: there is nothing to prove about the empty tree.
//
// Errors:
//   kInvalidArgument  old_size > size.
//   whatever `read` answers.
absl::StatusOr<std::vector<Digest32>> MakeConsistencyProof(
    std::uint64_t old_size, std::uint64_t size, NodeReader read);

// RFC 9162 section 2.1.3.2.
//
// Errors:
//   kDataLoss  the entry with `leaf_hash` is not at `index` of the tree with
//              `root`, or the sizes make no sense.
absl::Status VerifyInclusion(std::uint64_t index, std::uint64_t size,
                             const Digest32& leaf_hash,
                             std::span<const Digest32> proof,
                             const Digest32& root);

// RFC 9162 section 2.1.4.2. Equal sizes need an empty proof and equal roots.
// From size 0 it always fails: every tree extends the empty one, so a caller
// that means it says so instead of calling it a proof.
//
// Errors:
//   kDataLoss  the tree with `old_root` is not a beginning of the one with
//              `root`, or the sizes make no sense.
absl::Status VerifyConsistency(std::uint64_t old_size, std::uint64_t size,
                               std::span<const Digest32> proof,
                               const Digest32& old_root, const Digest32& root);

}  // namespace limpid::tlog

#endif  // LIMPID_COMMON_TLOG_TREE_H_
