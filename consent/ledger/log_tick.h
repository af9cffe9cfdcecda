// Carries commitments from the store into the public access log: on a tick,
// padded to a power of two and shuffled, so that the log tells neither who, nor
// when exactly, nor how much. A plan is stored first; a crash at any point is
// finished at the next tick, and nothing is logged twice.
// docs/formats/access-log-tick.md

#ifndef LIMPID_CONSENT_LEDGER_LOG_TICK_H_
#define LIMPID_CONSENT_LEDGER_LOG_TICK_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "consent/ledger/ports.h"
#include "consent/ledger/sealing.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Least leaves of a tick.
inline constexpr std::uint64_t kMinTickLeaves = 64;
// Most real leaves of a tick: the log takes 65,536 at once.
inline constexpr std::uint64_t kMaxTickLeaves = 32'768;

// The seed of the tick that begins at `first_index` of the log: random to
// everybody but the operator, who can show it to an auditor later, also for a
// tick of which no plan is left.
base::Digest32 TickSeedOf(const Blinder& blinder, std::uint64_t first_index);

// The leaves of a plan in the log's order, commitments and padding.
// `commitments` are those of its positions, in order.
std::vector<base::Bytes> LeavesOf(const PlanRow& plan,
                                  std::span<const LeafRow> commitments);

// Runs ticks. One call at a time.
class LogTick {
 public:
  // All must outlive it. `epoch` is the sequencer's; `most_leaves` is for
  // tests.
  LogTick(LedgerStore& store, AccessLog& log, const Blinder& blinder,
          std::uint64_t epoch, std::uint64_t most_leaves = kMaxTickLeaves)
      : store_(store),
        log_(log),
        blinder_(blinder),
        epoch_(epoch),
        most_leaves_(most_leaves) {}

  // Finishes an unfinished plan, then makes and finishes the next one.
  // `even_if_empty` publishes padding alone when nothing waits. Returns the
  // number of commitments that reached the log: with `most_leaves` or more,
  // others may wait for the next one.
  //
  // Errors: those of the ports, and
  //   kFailedPrecondition  the log is neither where the plan begins nor where
  //                        it ends: somebody else wrote to it.
  absl::StatusOr<std::size_t> RunOnce(bool even_if_empty);

  [[nodiscard]] std::uint64_t most_leaves() const { return most_leaves_; }

 private:
  absl::StatusOr<std::size_t> Finish(PlanRow plan);

  LedgerStore& store_;
  AccessLog& log_;
  const Blinder& blinder_;
  const std::uint64_t epoch_;
  const std::uint64_t most_leaves_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_LOG_TICK_H_
