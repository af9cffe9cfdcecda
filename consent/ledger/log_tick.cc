#include "consent/ledger/log_tick.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/crypto/random.h"
#include "common/tlog/leaf.h"

namespace limpid::consent {
namespace {

base::Digest32 Derive(const PlanRow& plan, std::string_view label,
                      std::uint64_t number) {
  base::ByteWriter out(label);
  out.U64(number);
  return crypto::HmacSha256(plan.seed, {out.bytes()});
}

// order[i] is which item stands at place i: items sorted by a keyed hash of
// their number.
std::vector<std::uint64_t> OrderOf(const PlanRow& plan) {
  std::vector<base::Digest32> keys(plan.padded);
  for (std::uint64_t i = 0; i < plan.padded; ++i) {
    keys[i] = Derive(plan, "limpid/tick-order/1", i);
  }
  std::vector<std::uint64_t> order(plan.padded);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](std::uint64_t left, std::uint64_t right) {
              return keys[left] < keys[right];
            });
  return order;
}

}  // namespace

std::vector<base::Bytes> LeavesOf(const PlanRow& plan,
                                  std::span<const LeafRow> commitments) {
  std::vector<base::Bytes> out;
  out.reserve(plan.padded);
  for (const std::uint64_t item : OrderOf(plan)) {
    const base::Digest32 commitment =
        item < commitments.size() ? commitments[item].commitment
                                  : Derive(plan, "limpid/tick-padding/1", item);
    out.push_back(tlog::CommitmentLeaf(tlog::LeafKind::kAccess, commitment));
  }
  return out;
}

std::uint64_t IndexOf(const PlanRow& plan, std::uint64_t position) {
  const std::uint64_t item = position - plan.first_position;
  const std::vector<std::uint64_t> order = OrderOf(plan);
  const auto at = std::find(order.begin(), order.end(), item);
  return plan.first_index + static_cast<std::uint64_t>(at - order.begin());
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
                          store_.Leaves(plan.first_position, kMaxTickLeaves));
  if (waiting.empty() && !even_if_empty) return logged;
  plan.count = waiting.size();
  plan.first_index = log_.size();
  plan.padded = std::bit_ceil(std::max(plan.count, kMinTickLeaves));
  plan.seed = crypto::RandomArray<32>();
  LIMPID_RETURN_IF_ERROR(store_.PutPlan(epoch_, plan));
  LIMPID_ASSIGN_OR_RETURN(const std::size_t now, Finish(plan));
  return logged + now;
}

}  // namespace limpid::consent
