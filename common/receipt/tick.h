// One tick of the access log, as consent makes it and an auditor recomputes it:
// which of its leaves are padding, and in which order they stand.
// docs/formats/access-log-tick.md

#ifndef LIMPID_COMMON_RECEIPT_TICK_H_
#define LIMPID_COMMON_RECEIPT_TICK_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "common/base/bytes.h"

namespace limpid::receipt {

// Most leaves of a tick: the log takes as many at once.
inline constexpr std::uint64_t kMostTickLeaves = 65'536;

// Item i < entry_count is an entry's commitment, every other one padding.
struct Tick {
  std::uint64_t first_index = 0;
  std::uint64_t leaf_count = 0;
  std::uint64_t entry_count = 0;
  base::Digest32 seed{};

  friend bool operator==(const Tick&, const Tick&) = default;
};

// Which item stands at each place.
std::vector<std::uint64_t> TickOrder(const base::Digest32& seed,
                                     std::uint64_t leaf_count);
// The 33-byte leaf of a padding item.
base::Bytes TickPadding(const base::Digest32& seed, std::uint64_t item);

// Whether every leaf of `tick` that is no entry is padding of its seed, and so
// can be the commitment of no entry that anybody could open. `leaves` are those
// of the public log from first_index on.
//
// Errors:
//   kInvalidArgument  more than kMostTickLeaves, or entries than leaves, or
//                     another number of leaves.
//   kDataLoss         a leaf is something else.
absl::Status CheckTick(const Tick& tick, std::span<const base::Bytes> leaves);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_TICK_H_
