#include "common/tlog/edge.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/base/check.h"
#include "common/base/status_macros.h"

namespace limpid::tlog {
namespace {

absl::Status EdgeBroken() {
  return absl::DataLossError(
      "the right edge of the log does not hash to its head");
}

absl::Status WrittenWrong() {
  return absl::DataLossError(
      "what was read back from disk is not what was written");
}

// The last bundle must hash to its tile, and that tile must lead to the root.
absl::Status CheckLastBundle(const TileReader& reader, const Digest32& root) {
  const std::uint64_t last = reader.size() - 1;
  const std::uint64_t bundle = last / kTileWidth;
  const std::optional<TileId> id =
      TileAt(TileKind::kHashes, /*level=*/0, bundle, reader.size());
  LIMPID_CHECK(id.has_value());
  LIMPID_ASSIGN_OR_RETURN(const std::vector<Digest32> hashes, reader.Tile(*id));
  LIMPID_ASSIGN_OR_RETURN(const std::vector<base::Bytes> entries,
                          reader.Entries(bundle, 0, id->width));
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    if (LeafHash(entries[i]) != hashes[i]) return EdgeBroken();
  }
  const auto nodes = [&](std::span<const NodeId> ids) {
    return reader.Nodes(ids);
  };
  LIMPID_ASSIGN_OR_RETURN(const std::vector<Digest32> proof,
                          MakeInclusionProof(last, reader.size(), nodes));
  if (!VerifyInclusion(last, reader.size(), hashes.back(), proof, root).ok()) {
    return EdgeBroken();
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Edge> Edge::Load(const TileReader& reader,
                                const Digest32& root) {
  Edge edge;
  const std::uint64_t size = reader.size();
  LIMPID_ASSIGN_OR_RETURN(std::vector<Digest32> peaks,
                          reader.Nodes(PeakNodes(size)));
  LIMPID_ASSIGN_OR_RETURN(edge.range_,
                          CompactRange::FromPeaks(size, std::move(peaks)));
  if (edge.range_.Root() != root) return EdgeBroken();
  if (size == 0) return edge;
  LIMPID_RETURN_IF_ERROR(CheckLastBundle(reader, root));
  for (unsigned level = 0; LevelSize(level, size) > 0; ++level) {
    const std::uint64_t index = LevelSize(level, size) / kTileWidth;
    const std::optional<TileId> id =
        TileAt(TileKind::kHashes, level, index, size);
    edge.levels_.emplace_back();
    if (!id) continue;
    LIMPID_ASSIGN_OR_RETURN(edge.levels_.back(), reader.Tile(*id));
  }
  if (edge.BundleWidth() == 0) return edge;
  LIMPID_ASSIGN_OR_RETURN(
      const std::vector<base::Bytes> entries,
      reader.Entries(size / kTileWidth, 0, edge.BundleWidth()));
  for (const base::Bytes& entry : entries) {
    AppendToBundle(edge.bundle_, entry);
  }
  return edge;
}

unsigned Edge::BundleWidth() const {
  return static_cast<unsigned>(size() % kTileWidth);
}

TileFile Edge::TileOf(unsigned level) const {
  const std::vector<Digest32>& hashes = levels_[level];
  // A level that was just filled still holds its 256 hashes here.
  const std::uint64_t index = (LevelSize(level, size()) - 1) / kTileWidth;
  const auto width = static_cast<unsigned>(hashes.size());
  return {{TileKind::kHashes, level, index, width}, EncodeTile(hashes)};
}

void Edge::Add(Digest32 hash, std::vector<TileFile>& files) {
  for (unsigned level = 0;; ++level) {
    if (level == levels_.size()) levels_.emplace_back();
    levels_[level].push_back(hash);
    if (levels_[level].size() < kTileWidth) return;
    files.push_back(TileOf(level));
    hash = SpanRoot(levels_[level]);
    levels_[level].clear();
  }
}

std::vector<TileFile> Edge::Append(std::span<const base::ByteView> entries) {
  std::vector<TileFile> files;
  const std::uint64_t old_size = size();
  for (const base::ByteView entry : entries) {
    const Digest32 hash = LeafHash(entry);
    AppendToBundle(bundle_, entry);
    range_.Append(hash);
    if (BundleWidth() == 0) {
      const std::uint64_t index = size() / kTileWidth - 1;
      files.push_back({{TileKind::kEntries, 0, index, kTileWidth},
                       std::exchange(bundle_, {})});
    }
    Add(hash, files);
  }
  if (BundleWidth() > 0 && size() > old_size) {
    files.push_back(
        {{TileKind::kEntries, 0, size() / kTileWidth, BundleWidth()}, bundle_});
  }
  for (unsigned level = 0; level < levels_.size(); ++level) {
    const bool grown = LevelSize(level, size()) > LevelSize(level, old_size);
    if (grown && !levels_[level].empty()) files.push_back(TileOf(level));
  }
  return files;
}

namespace {

// The entries that the written bundles add to `before`, viewing the bundles.
absl::StatusOr<std::vector<base::ByteView>> NewEntries(
    const Edge& before, std::span<const TileFile> files) {
  std::vector<base::ByteView> entries;
  unsigned skip = before.BundleWidth();
  for (const TileFile& file : files) {
    if (file.id.kind != TileKind::kEntries) continue;
    const base::ByteView bytes = file.contents;
    if (skip > 0) {
      // The first bundle opens with what was there before.
      const base::Bytes& old = before.Bundle();
      if (bytes.size() < old.size() ||
          !std::equal(old.begin(), old.end(), bytes.begin())) {
        return WrittenWrong();
      }
    }
    LIMPID_ASSIGN_OR_RETURN(const std::vector<base::ByteView> bundle,
                            DecodeBundle(bytes, file.id.width));
    entries.insert(entries.end(), bundle.begin() + skip, bundle.end());
    skip = 0;
  }
  return entries;
}

bool SameFiles(std::span<const TileFile> left,
               std::span<const TileFile> right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const TileFile& a, const TileFile& b) {
                      return a.id == b.id && a.contents == b.contents;
                    });
}

}  // namespace

absl::Status CheckWritten(const Edge& before, std::span<const TileFile> files,
                          const TileReader& reader, const Digest32& root) {
  LIMPID_ASSIGN_OR_RETURN(const std::vector<TileFile> found,
                          reader.ReadBack(files));
  LIMPID_ASSIGN_OR_RETURN(const std::vector<base::ByteView> entries,
                          NewEntries(before, found));
  Edge replayed = before;
  if (!SameFiles(replayed.Append(entries), found) ||
      replayed.size() != reader.size() || replayed.Root() != root) {
    return WrittenWrong();
  }
  if (before.size() == 0) return absl::OkStatus();
  const auto nodes = [&](std::span<const NodeId> ids) {
    return reader.Nodes(ids);
  };
  LIMPID_ASSIGN_OR_RETURN(
      const std::vector<Digest32> proof,
      MakeConsistencyProof(before.size(), reader.size(), nodes));
  if (!VerifyConsistency(before.size(), reader.size(), proof, before.Root(),
                         root)
           .ok()) {
    return WrittenWrong();
  }
  return absl::OkStatus();
}

}  // namespace limpid::tlog
