// A tick of the access log, recomputed.

#include "common/receipt/tick.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/text.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::receipt {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;

Tick Example() {
  Tick out{0, 4, 1, {}};
  out.seed.fill(1);
  return out;
}

TEST(Tick, WorkedExampleOfTheFormatPage) {
  EXPECT_EQ(TickOrder(Example().seed, 4),
            (std::vector<std::uint64_t>{3, 0, 2, 1}));
  EXPECT_EQ(
      base::HexEncode(TickPadding(Example().seed, 1)),
      "0175244b3525c41110aaa8fe08acb37077a49663c4e1f159e4f2e028e857dfa660");
}

TEST(Tick, PaddingIsProvenAndNothingElsePasses) {
  const Tick tick = Example();
  std::vector<base::Bytes> leaves;
  for (const std::uint64_t item : TickOrder(tick.seed, 4)) {
    leaves.push_back(item == 0 ? base::Bytes(33, 9)
                               : TickPadding(tick.seed, item));
  }
  EXPECT_THAT(CheckTick(tick, leaves), IsOk());
  Tick fewer = tick;
  fewer.entry_count = 0;
  EXPECT_THAT(CheckTick(fewer, leaves), StatusIs(absl::StatusCode::kDataLoss));
  Tick other = tick;
  other.seed[3] ^= 1U;
  EXPECT_THAT(CheckTick(other, leaves), StatusIs(absl::StatusCode::kDataLoss));
  auto swapped = leaves;
  std::swap(swapped[0], swapped[1]);
  EXPECT_THAT(CheckTick(tick, swapped), StatusIs(absl::StatusCode::kDataLoss));
  swapped = leaves;
  swapped.pop_back();
  EXPECT_THAT(CheckTick(tick, swapped),
              StatusIs(absl::StatusCode::kInvalidArgument));
  Tick more = tick;
  more.entry_count = 5;
  EXPECT_THAT(CheckTick(more, leaves),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace limpid::receipt
