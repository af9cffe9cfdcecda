#include "common/tlog/tile.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/check.h"
#include "common/base/wire.h"

namespace limpid::tlog {
namespace {

constexpr std::string_view kTileRoot = "tile/";
constexpr std::string_view kEntriesLevel = "entries";
constexpr std::uint64_t kPathBase = 1'000;
constexpr std::size_t kHashBytes = sizeof(Digest32);

absl::Status BadPath() {
  return absl::InvalidArgumentError("not the path of a tile or bundle");
}

// 1234067 -> "x001/x234/067".
std::string IndexPath(std::uint64_t index) {
  std::string path = absl::StrFormat("%03d", index % kPathBase);
  for (index /= kPathBase; index > 0; index /= kPathBase) {
    path = absl::StrFormat("x%03d/%s", index % kPathBase, path);
  }
  return path;
}

// Takes decimal digits off the front of `text` without judging leading zeros:
// the caller compares with what it would have written.
bool TakeNumber(std::string_view& text, std::uint64_t& value) {
  std::size_t used = 0;
  for (; used < text.size() && text[used] >= '0' && text[used] <= '9'; ++used) {
    const auto digit = static_cast<std::uint64_t>(text[used] - '0');
    if (value > (UINT64_MAX - digit) / 10) return false;
    value = value * 10 + digit;
  }
  text.remove_prefix(used);
  return used > 0;
}

bool Take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Takes the index groups: "x001/x234/067".
bool TakeIndex(std::string_view& text, std::uint64_t& index) {
  for (bool more = true; more;) {
    more = Take(text, "x");
    std::uint64_t group = 0;
    if (!TakeNumber(text, group) || group >= kPathBase) return false;
    if (index > (UINT64_MAX - group) / kPathBase) return false;
    index = index * kPathBase + group;
    if (more && !Take(text, "/")) return false;
  }
  return true;
}

}  // namespace

std::string TilePath(const TileId& id) {
  std::string path(kTileRoot);
  if (id.kind == TileKind::kEntries) {
    path.append(kEntriesLevel);
  } else {
    absl::StrAppend(&path, id.level);
  }
  absl::StrAppend(&path, "/", IndexPath(id.index));
  if (id.width != kTileWidth) absl::StrAppend(&path, ".p/", id.width);
  return path;
}

absl::StatusOr<TileId> ParseTilePath(std::string_view path) {
  TileId id;
  std::string_view rest = path;
  if (!Take(rest, kTileRoot)) return BadPath();
  if (Take(rest, kEntriesLevel)) {
    id.kind = TileKind::kEntries;
  } else {
    std::uint64_t level = 0;
    if (!TakeNumber(rest, level) || level > kMaxTileLevel) return BadPath();
    id.level = static_cast<unsigned>(level);
  }
  if (!Take(rest, "/") || !TakeIndex(rest, id.index)) return BadPath();
  if (Take(rest, ".p/")) {
    std::uint64_t width = 0;
    if (!TakeNumber(rest, width) || width == 0 || width >= kTileWidth) {
      return BadPath();
    }
    id.width = static_cast<unsigned>(width);
  }
  // One spelling per tile: whatever differs from ours is refused.
  if (!rest.empty() || TilePath(id) != path) return BadPath();
  return id;
}

std::uint64_t LevelSize(unsigned level, std::uint64_t size) {
  const unsigned shift = level * kTileHeight;
  return shift >= 64 ? 0 : size >> shift;
}

std::optional<TileId> TileAt(TileKind kind, unsigned level, std::uint64_t index,
                             std::uint64_t size) {
  const std::uint64_t hashes = LevelSize(level, size);
  if (index > hashes / kTileWidth) return std::nullopt;
  TileId id{kind, level, index, kTileWidth};
  if (index == hashes / kTileWidth) {
    id.width = static_cast<unsigned>(hashes % kTileWidth);
  }
  if (id.width == 0) return std::nullopt;
  return id;
}

TileSpan TileSpanOf(const NodeId& node, std::uint64_t size) {
  const unsigned level = node.level / kTileHeight;
  const unsigned height = node.level % kTileHeight;
  const std::uint64_t first = node.index << height;
  const std::optional<TileId> tile =
      TileAt(TileKind::kHashes, level, first / kTileWidth, size);
  LIMPID_CHECK(tile.has_value());
  TileSpan span;
  span.tile = *tile;
  span.begin = static_cast<unsigned>(first % kTileWidth);
  span.end = span.begin + (1U << height);
  LIMPID_CHECK(span.end <= span.tile.width);
  return span;
}

Digest32 SpanRoot(std::span<const Digest32> hashes) {
  LIMPID_CHECK(!hashes.empty());
  if (hashes.size() == 1) return hashes.front();
  std::vector<Digest32> level(hashes.begin(), hashes.end());
  while (level.size() > 1) {
    LIMPID_CHECK(level.size() % 2 == 0);
    for (std::size_t i = 0; i < level.size() / 2; ++i) {
      level[i] = NodeHash(level[2 * i], level[2 * i + 1]);
    }
    level.resize(level.size() / 2);
  }
  return level.front();
}

base::Bytes EncodeTile(std::span<const Digest32> hashes) {
  base::Bytes bytes;
  bytes.reserve(hashes.size() * kHashBytes);
  for (const Digest32& hash : hashes) {
    bytes.insert(bytes.end(), hash.begin(), hash.end());
  }
  return bytes;
}

absl::StatusOr<std::vector<Digest32>> DecodeTile(base::ByteView bytes,
                                                 unsigned width) {
  if (bytes.size() != std::size_t{width} * kHashBytes) {
    return absl::DataLossError("a tile has the wrong length");
  }
  std::vector<Digest32> hashes(width);
  for (Digest32& hash : hashes) {
    std::copy_n(bytes.begin(), kHashBytes, hash.begin());
    bytes = bytes.subspan(kHashBytes);
  }
  return hashes;
}

void AppendToBundle(base::Bytes& bundle, base::ByteView entry) {
  LIMPID_CHECK(entry.size() <= kMaxEntryBytes);
  constexpr unsigned kByteBits = 8;
  bundle.push_back(static_cast<std::uint8_t>(entry.size() >> kByteBits));
  bundle.push_back(static_cast<std::uint8_t>(entry.size()));
  bundle.insert(bundle.end(), entry.begin(), entry.end());
}

absl::StatusOr<std::vector<base::ByteView>> DecodeBundle(base::ByteView bytes,
                                                         unsigned width) {
  std::vector<base::ByteView> entries;
  entries.reserve(width);
  base::ByteReader reader(bytes);
  while (entries.size() < width) entries.push_back(reader.Raw(reader.U16()));
  if (!reader.Finish().ok()) {
    return absl::DataLossError("an entry bundle is malformed");
  }
  return entries;
}

}  // namespace limpid::tlog
