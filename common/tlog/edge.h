// The right edge of a log: the tiles and the bundle that are not full yet. All
// that an append needs to know of the tree, and all that a start reads of it.

#ifndef LIMPID_COMMON_TLOG_EDGE_H_
#define LIMPID_COMMON_TLOG_EDGE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/tlog/tile.h"
#include "common/tlog/tile_reader.h"
#include "common/tlog/tree.h"

namespace limpid::tlog {

// A value; copy it to try a batch. Thread-compatible.
class Edge {
 public:
  // The edge of the empty tree.
  Edge() = default;

  // Reads the edge at `reader.size()` and checks it: the tiles hash to `root`,
  // the last bundle hashes to its tile, the last entry has its proof.
  //
  // Errors:
  //   kDataLoss  they do not, or a file is missing.
  //   kInternal  a file cannot be read.
  static absl::StatusOr<Edge> Load(const TileReader& reader,
                                   const Digest32& root);

  // Adds the entries and returns the files that the grown tree has and this
  // one had not, lower levels first.
  std::vector<TileFile> Append(std::span<const base::ByteView> entries);

  [[nodiscard]] std::uint64_t size() const { return range_.size(); }
  [[nodiscard]] Digest32 Root() const { return range_.Root(); }
  // Entries in the bundle that is not full.
  [[nodiscard]] unsigned BundleWidth() const;
  // The bytes of that bundle.
  [[nodiscard]] const base::Bytes& Bundle() const { return bundle_; }

 private:
  // Adds a leaf hash to its tile and passes full tiles up.
  void Add(Digest32 hash, std::vector<TileFile>& files);
  [[nodiscard]] TileFile TileOf(unsigned level) const;

  CompactRange range_;
  // Per tile level, the hashes of the tile that is not full.
  std::vector<std::vector<Digest32>> levels_;
  base::Bytes bundle_;
};

// Replays a batch from what `reader` finds on disk and compares: the entries in
// the bundles, added to `before`, must give exactly these files with exactly
// these bytes, and `root`; and our own verifier must find the grown tree, read
// from its tiles, consistent with the old one.
//
// Errors:
//   kDataLoss  what was written is not what was meant.
//   kInternal  a file cannot be read.
absl::Status CheckWritten(const Edge& before, std::span<const TileFile> files,
                          const TileReader& reader, const Digest32& root);

}  // namespace limpid::tlog

#endif  // LIMPID_COMMON_TLOG_EDGE_H_
