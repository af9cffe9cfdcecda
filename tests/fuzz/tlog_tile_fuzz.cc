// Tile paths, tiles and entry bundles. For the last two the first byte is the
// width that the reader expects.

#include <cstddef>
#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/tlog/tile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  namespace tlog = limpid::tlog;
  const limpid::base::ByteView input(data, size);
  const auto id = tlog::ParseTilePath(limpid::base::AsText(input));
  if (id.ok()) {
    LIMPID_CHECK(tlog::TilePath(*id) == limpid::base::AsText(input));
  }
  if (input.empty()) return 0;
  const limpid::base::ByteView rest = input.subspan(1);
  const auto hashes = tlog::DecodeTile(rest, input.front());
  if (hashes.ok()) {
    const limpid::base::Bytes again = tlog::EncodeTile(*hashes);
    LIMPID_CHECK(again == limpid::base::ToBytes(rest));
  }
  const auto entries = tlog::DecodeBundle(rest, input.front());
  if (!entries.ok()) return 0;
  limpid::base::Bytes again;
  for (const auto entry : *entries) tlog::AppendToBundle(again, entry);
  LIMPID_CHECK(again == limpid::base::ToBytes(rest));
  return 0;
}
