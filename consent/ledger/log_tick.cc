#include "consent/ledger/log_tick.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/receipt/tick.h"
#include "common/tlog/leaf.h"

namespace limpid::consent {
namespace {

// Separates the two halves of a seed from other blinded values.
constexpr std::uint8_t kSeedBlind = 81;
constexpr std::uint8_t kSeedRestBlind = 82;

}  // namespace

base::Digest32 TickSeedOf(const Blinder& blinder, std::uint64_t first_index) {
  base::ByteWriter index;
  index.U64(first_index);
  base::ByteWriter out;
  out.Raw(blinder.Blind(kSeedBlind, {index.bytes()}))
      .Raw(blinder.Blind(kSeedRestBlind, {index.bytes()}));
  base::Digest32 seed{};
  std::copy(out.bytes().begin(), out.bytes().end(), seed.begin());
  return seed;
}

std::vector<base::Bytes> LeavesOf(const PlanRow& plan,
                                  std::span<const LeafRow> commitments) {
  std::vector<base::Bytes> out;
  out.reserve(plan.padded);
  for (const std::uint64_t item : receipt::TickOrder(plan.seed, plan.padded)) {
    out.push_back(item < commitments.size()
                      ? tlog::CommitmentLeaf(tlog::LeafKind::kAccess,
                                             commitments[item].commitment)
                      : receipt::TickPadding(plan.seed, item));
  }
  return out;
}

absl::StatusOr<std::size_t> LogTick::Finish(PlanRow plan) {
  const std::uint64_t size = log_.size();
  if (size == plan.first_index) {
    LIMPID_ASSIGN_OR_RETURN(
        const auto commitments,
        store_.Leaves(plan.first_position,
                      static_cast<std::size_t>(plan.count)));
    if (commitments.size() != plan.count) {
      return absl::DataLossError("a commitment of the tick is missing");
    }
    const auto appended = log_.Append(LeavesOf(plan, commitments));
    LIMPID_RETURN_IF_ERROR(appended.status());
    if (*appended != plan.first_index) {
      return absl::FailedPreconditionError(
          "somebody else wrote to the access log");
    }
  } else if (size != plan.first_index + plan.padded) {
    return absl::FailedPreconditionError(
        "somebody else wrote to the access log");
  }
  plan.done = true;
  LIMPID_RETURN_IF_ERROR(store_.PutPlan(epoch_, plan));
  return static_cast<std::size_t>(plan.count);
}

absl::StatusOr<std::size_t> LogTick::RunOnce(bool even_if_empty) {
  std::size_t logged = 0;
  LIMPID_ASSIGN_OR_RETURN(const auto last, store_.LastPlan());
  if (last && !last->done) {
    LIMPID_ASSIGN_OR_RETURN(logged, Finish(*last));
  }
  PlanRow plan;
  plan.first_position = last ? last->first_position + last->count : 1;
  LIMPID_ASSIGN_OR_RETURN(const auto waiting,
                          store_.Leaves(plan.first_position, most_leaves_));
  if (waiting.empty() && !even_if_empty) return logged;
  plan.count = waiting.size();
  plan.first_index = log_.size();
  plan.padded = std::bit_ceil(std::max(plan.count, kMinTickLeaves));
  plan.seed = TickSeedOf(blinder_, plan.first_index);
  LIMPID_RETURN_IF_ERROR(store_.PutPlan(epoch_, plan));
  LIMPID_ASSIGN_OR_RETURN(const std::size_t now, Finish(plan));
  return logged + now;
}

}  // namespace limpid::consent
