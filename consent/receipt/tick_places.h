// Where entries stand in the access log. Every tick is shuffled, and the order
// of one costs a sort of all its leaves: the orders that were asked for last
// are kept.

#ifndef LIMPID_CONSENT_RECEIPT_TICK_PLACES_H_
#define LIMPID_CONSENT_RECEIPT_TICK_PLACES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Thread-safe.
class TickPlaces {
 public:
  // Ticks whose order is kept; at most 256 kB each.
  static constexpr std::size_t kKept = 8;

  // Index in the log of a position that the plan covers.
  std::uint64_t IndexOf(const PlanRow& plan, std::uint64_t position);

  // Orders computed so far, for tests.
  [[nodiscard]] std::size_t computed() const;

 private:
  struct Order {
    base::Digest32 seed{};
    std::uint64_t leaf_count = 0;
    // Where each item stands.
    std::vector<std::uint32_t> places;
  };
  // Shared with who looks into it while it is dropped here.
  using Kept = std::shared_ptr<const Order>;

  Kept OrderOf(const PlanRow& plan);

  mutable base::Mutex mutex_;
  // Newest first.
  std::deque<Kept> kept_ ABSL_GUARDED_BY(mutex_);
  std::size_t computed_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RECEIPT_TICK_PLACES_H_
