#include "common/tlog/tile_reader.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace limpid::tlog {

absl::StatusOr<TileReader::Found> TileReader::Find(const TileId& id) const {
  const std::size_t limit =
      id.kind == TileKind::kEntries ? kMaxBundleBytes : kMaxTileBytes;
  auto bytes = files_.Read(directory_ / TilePath(id), limit);
  if (bytes.ok()) return Found{*std::move(bytes), id.width};
  TileId full = id;
  full.width = kTileWidth;
  if (absl::IsNotFound(bytes.status()) && full != id) {
    bytes = files_.Read(directory_ / TilePath(full), limit);
    if (bytes.ok()) return Found{*std::move(bytes), kTileWidth};
  }
  // What was written was not too long.
  if (absl::IsResourceExhausted(bytes.status())) {
    return absl::DataLossError(
        absl::StrCat("the log's file ", TilePath(id), " is too long"));
  }
  if (!absl::IsNotFound(bytes.status())) return bytes.status();
  return absl::DataLossError(
      absl::StrCat("the log has no file ", TilePath(id)));
}

absl::StatusOr<std::vector<Digest32>> TileReader::Tile(const TileId& id) const {
  LIMPID_ASSIGN_OR_RETURN(const Found found, Find(id));
  LIMPID_ASSIGN_OR_RETURN(std::vector<Digest32> hashes,
                          DecodeTile(found.bytes, found.width));
  hashes.resize(id.width);
  return hashes;
}

absl::StatusOr<std::vector<Digest32>> TileReader::Nodes(
    std::span<const NodeId> nodes) const {
  // Neighbours in a proof often share a tile; keep the last one.
  std::optional<TileId> held;
  std::vector<Digest32> tile;
  std::vector<Digest32> hashes;
  hashes.reserve(nodes.size());
  for (const NodeId& node : nodes) {
    const TileSpan span = TileSpanOf(node, size_);
    if (held != span.tile) {
      LIMPID_ASSIGN_OR_RETURN(tile, Tile(span.tile));
      held = span.tile;
    }
    hashes.push_back(
        SpanRoot(std::span(tile).subspan(span.begin, span.end - span.begin)));
  }
  return hashes;
}

absl::StatusOr<std::vector<base::Bytes>> TileReader::Entries(
    std::uint64_t index, unsigned first, unsigned end) const {
  const std::optional<TileId> id =
      TileAt(TileKind::kEntries, /*level=*/0, index, size_);
  if (!id || first > end || end > id->width) {
    return absl::InvalidArgumentError("no such entries");
  }
  LIMPID_ASSIGN_OR_RETURN(const Found found, Find(*id));
  LIMPID_ASSIGN_OR_RETURN(const std::vector<base::ByteView> entries,
                          DecodeBundle(found.bytes, found.width));
  std::vector<base::Bytes> out;
  for (unsigned i = first; i < end; ++i) {
    out.push_back(base::ToBytes(entries[i]));
  }
  return out;
}

absl::StatusOr<std::vector<TileFile>> TileReader::ReadBack(
    std::span<const TileFile> files) const {
  std::vector<TileFile> found;
  found.reserve(files.size());
  for (const TileFile& file : files) {
    auto contents =
        files_.Read(directory_ / TilePath(file.id), file.contents.size());
    if (absl::IsResourceExhausted(contents.status())) {
      return absl::DataLossError("a file is longer than it was written");
    }
    if (absl::IsNotFound(contents.status())) {
      return absl::DataLossError(
          "a file that was just written is not there any more");
    }
    if (!contents.ok()) return contents.status();
    found.push_back({file.id, *std::move(contents)});
  }
  return found;
}

}  // namespace limpid::tlog
