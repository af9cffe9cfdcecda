#include "common/receipt/tick.h"

#include <algorithm>
#include <numeric>
#include <string_view>

#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/tlog/leaf.h"

namespace limpid::receipt {
namespace {

base::Digest32 Derive(const base::Digest32& seed, std::string_view label,
                      std::uint64_t number) {
  base::ByteWriter out(label);
  out.U64(number);
  return crypto::HmacSha256(seed, {out.bytes()});
}

}  // namespace

// Items sorted by a keyed hash of their number.
std::vector<std::uint64_t> TickOrder(const base::Digest32& seed,
                                     std::uint64_t leaf_count) {
  std::vector<base::Digest32> keys(leaf_count);
  for (std::uint64_t i = 0; i < leaf_count; ++i) {
    keys[i] = Derive(seed, "limpid/tick-order/1", i);
  }
  std::vector<std::uint64_t> order(leaf_count);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](std::uint64_t left, std::uint64_t right) {
              return keys[left] < keys[right];
            });
  return order;
}

base::Bytes TickPadding(const base::Digest32& seed, std::uint64_t item) {
  return tlog::CommitmentLeaf(tlog::LeafKind::kAccess,
                              Derive(seed, "limpid/tick-padding/1", item));
}

absl::Status CheckTick(const Tick& tick, std::span<const base::Bytes> leaves) {
  if (tick.leaf_count > kMostTickLeaves || tick.entry_count > tick.leaf_count ||
      leaves.size() != tick.leaf_count) {
    return absl::InvalidArgumentError("not the leaves of this tick");
  }
  const std::vector<std::uint64_t> order =
      TickOrder(tick.seed, tick.leaf_count);
  for (std::size_t place = 0; place < order.size(); ++place) {
    if (order[place] < tick.entry_count) continue;
    if (leaves[place] != TickPadding(tick.seed, order[place])) {
      return absl::DataLossError("a leaf that should be padding is not");
    }
  }
  return absl::OkStatus();
}

}  // namespace limpid::receipt
