// Reads tiles, bundles and tree nodes of a log's directory as of one tree size.
// Checks lengths only: whoever relies on a hash checks it against a root.

#ifndef LIMPID_COMMON_TLOG_TILE_READER_H_
#define LIMPID_COMMON_TLOG_TILE_READER_H_

#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/tlog/files.h"
#include "common/tlog/tile.h"
#include "common/tlog/tree.h"

namespace limpid::tlog {

// A tile or bundle as a file. Its path says its width, so different contents
// of a committed tree never share a path.
struct TileFile {
  TileId id;
  base::Bytes contents;
};

// Thread-safe; nothing is cached. A partial tile that went because the full one
// came is read from the full one.
class TileReader {
 public:
  TileReader(FileSystem& files, std::filesystem::path directory,
             std::uint64_t size)
      : files_(files), directory_(std::move(directory)), size_(size) {}

  [[nodiscard]] std::uint64_t size() const { return size_; }

  // As a NodeReader. Every node must be complete at size().
  //
  // Errors, here and below:
  //   kDataLoss  a file is missing or malformed.
  //   kInternal  a file cannot be read.
  [[nodiscard]] absl::StatusOr<std::vector<Digest32>> Nodes(
      std::span<const NodeId> nodes) const;

  // The first `id.width` hashes of a tile.
  [[nodiscard]] absl::StatusOr<std::vector<Digest32>> Tile(
      const TileId& id) const;

  // Entries [first, end) of the bundle `index`, counted inside the bundle.
  [[nodiscard]] absl::StatusOr<std::vector<base::Bytes>> Entries(
      std::uint64_t index, unsigned first, unsigned end) const;

  // The same files, with the contents they have on disk now.
  [[nodiscard]] absl::StatusOr<std::vector<TileFile>> ReadBack(
      std::span<const TileFile> files) const;

 private:
  struct Found {
    base::Bytes bytes;
    unsigned width;
  };
  // The tile as wide as asked, else the full one.
  [[nodiscard]] absl::StatusOr<Found> Find(const TileId& id) const;

  FileSystem& files_;
  const std::filesystem::path directory_;
  const std::uint64_t size_;
};

}  // namespace limpid::tlog

#endif  // LIMPID_COMMON_TLOG_TILE_READER_H_
