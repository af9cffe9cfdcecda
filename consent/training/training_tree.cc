#include "consent/training/training_tree.h"

#include <algorithm>
#include <bit>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/receipt/training_commitment.h"
#include "common/tlog/tree.h"

namespace limpid::consent {
namespace {

using base::Digest32;

std::vector<Digest32> HashesOf(const std::vector<Digest32>& leaves) {
  std::vector<Digest32> out;
  out.reserve(leaves.size());
  for (const Digest32& leaf : leaves) out.push_back(tlog::LeafHash(leaf));
  return out;
}

// The path of `index` among `nodes`, a power of two of them, appended.
void AddPath(std::vector<Digest32> nodes, std::size_t index,
             std::vector<Digest32>& path) {
  while (nodes.size() > 1) {
    path.push_back(nodes[index ^ 1U]);
    for (std::size_t i = 0; i < nodes.size() / 2; ++i) {
      nodes[i] = tlog::NodeHash(nodes[2 * i], nodes[2 * i + 1]);
    }
    nodes.resize(nodes.size() / 2);
    index /= 2;
  }
}

Digest32 RootOver(const std::vector<Digest32>& hashes) {
  tlog::CompactRange range;
  for (const Digest32& hash : hashes) range.Append(hash);
  return range.Root();
}

}  // namespace

absl::StatusOr<std::vector<Digest32>> PaddedLeaves(
    std::vector<Digest32> leaves, crypto::RandomSource& random) {
  if (leaves.size() > receipt::kMaxTrainingLeaves) {
    return absl::ResourceExhaustedError(
        "a snapshot has more releases than one tree holds");
  }
  const std::size_t size = std::bit_ceil(
      std::max<std::size_t>(leaves.size(), receipt::kMinTrainingLeaves));
  leaves.reserve(size);
  while (leaves.size() < size) {
    Digest32 padding{};
    random.Fill(padding);
    leaves.push_back(padding);
  }
  std::sort(leaves.begin(), leaves.end());
  return leaves;
}

std::vector<std::vector<Digest32>> ChunksOf(
    const std::vector<Digest32>& padded) {
  std::vector<std::vector<Digest32>> out;
  for (auto at = padded.begin(); at != padded.end();) {
    const auto left = static_cast<std::size_t>(padded.end() - at);
    const auto end =
        at + static_cast<std::ptrdiff_t>(std::min(left, kLeavesPerChunk));
    out.emplace_back(at, end);
    at = end;
  }
  return out;
}

LeafChunk SummaryOf(const std::vector<Digest32>& chunk) {
  return {chunk.front(), RootOver(HashesOf(chunk))};
}

Digest32 RootOf(std::span<const LeafChunk> chunks) {
  std::vector<Digest32> roots;
  for (const LeafChunk& chunk : chunks) roots.push_back(chunk.root);
  // Chunks are whole subtrees of one size, so their roots are as leaf hashes.
  return RootOver(roots);
}

std::size_t ChunkFor(std::span<const LeafChunk> chunks, const Digest32& leaf) {
  const auto after =
      std::upper_bound(chunks.begin(), chunks.end(), leaf,
                       [](const Digest32& left, const LeafChunk& right) {
                         return left < right.first;
                       });
  return after == chunks.begin()
             ? 0
             : static_cast<std::size_t>(after - chunks.begin()) - 1;
}

absl::StatusOr<LeafPlace> PlaceOf(std::span<const LeafChunk> chunks,
                                  std::size_t number,
                                  const std::vector<Digest32>& chunk,
                                  const Digest32& leaf) {
  const auto found = std::lower_bound(chunk.begin(), chunk.end(), leaf);
  if (found == chunk.end() || *found != leaf) {
    return absl::NotFoundError("the tree does not have this leaf");
  }
  const auto within = static_cast<std::size_t>(found - chunk.begin());
  LeafPlace out;
  out.index = static_cast<std::uint32_t>(number * kLeavesPerChunk + within);
  AddPath(HashesOf(chunk), within, out.path);
  std::vector<Digest32> roots;
  for (const LeafChunk& one : chunks) roots.push_back(one.root);
  AddPath(std::move(roots), number, out.path);
  return out;
}

}  // namespace limpid::consent
