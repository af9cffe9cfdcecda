// Tiles and entry bundles of c2sp.org/tlog-tiles: which ones a tree of a given
// size has, how their paths are spelt, how their bytes are laid out. Knows
// neither disk nor network. docs/formats/log-files.md

#ifndef LIMPID_COMMON_TLOG_TILE_H_
#define LIMPID_COMMON_TLOG_TILE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/tlog/tree.h"

namespace limpid::tlog {

// A full tile holds 256 hashes and spans eight levels of the tree.
inline constexpr unsigned kTileHeight = 8;
inline constexpr unsigned kTileWidth = 256;
// Tile levels are 0..63 on the wire; a 64-bit size never reaches past 7.
inline constexpr unsigned kMaxTileLevel = 63;
// An entry's length is a u16 in its bundle.
inline constexpr std::size_t kMaxEntryBytes = 65'535;
inline constexpr std::size_t kMaxTileBytes =
    std::size_t{kTileWidth} * sizeof(Digest32);
inline constexpr std::size_t kMaxBundleBytes =
    std::size_t{kTileWidth} * (2 + kMaxEntryBytes);

enum class TileKind { kHashes, kEntries };

// Names one tile or bundle. Bundles have level 0.
struct TileId {
  TileKind kind = TileKind::kHashes;
  unsigned level = 0;
  std::uint64_t index = 0;
  // 1..256; 256 is the full tile.
  unsigned width = kTileWidth;
  friend bool operator==(const TileId&, const TileId&) = default;
};

// "tile/0/x001/x234/067", "tile/1/001.p/17", "tile/entries/000.p/8".
std::string TilePath(const TileId& id);
// Errors:
//   kInvalidArgument  anything TilePath would not write.
absl::StatusOr<TileId> ParseTilePath(std::string_view path);

// How many hashes level `level` of a tree of `size` has: size / 256^level.
std::uint64_t LevelSize(unsigned level, std::uint64_t size);
// The tile of a tree of `size` that has this place, as wide as it is at that
// size; nothing when the tree does not reach there.
std::optional<TileId> TileAt(TileKind kind, unsigned level, std::uint64_t index,
                             std::uint64_t size);

// The tile of a tree of `size` that `node` is computed from, and the half-open
// range of its hashes under the node. Requires the subtree to be complete.
struct TileSpan {
  TileId tile;
  unsigned begin = 0;
  unsigned end = 0;
};
TileSpan TileSpanOf(const NodeId& node, std::uint64_t size);
// The root over a span whose length is a power of two.
Digest32 SpanRoot(std::span<const Digest32> hashes);

base::Bytes EncodeTile(std::span<const Digest32> hashes);
// Errors:
//   kDataLoss  not exactly `width` hashes.
absl::StatusOr<std::vector<Digest32>> DecodeTile(base::ByteView bytes,
                                                 unsigned width);

// Appends u16be(length) || entry. Requires at most kMaxEntryBytes.
void AppendToBundle(base::Bytes& bundle, base::ByteView entry);
// The entries, viewing `bytes`.
//
// Errors:
//   kDataLoss  not exactly `width` entries, or bytes left over.
absl::StatusOr<std::vector<base::ByteView>> DecodeBundle(base::ByteView bytes,
                                                         unsigned width);

}  // namespace limpid::tlog

#endif  // LIMPID_COMMON_TLOG_TILE_H_
