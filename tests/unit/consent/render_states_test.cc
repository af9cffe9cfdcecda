// The renderings of receipts know consent's states by name only: these hold
// the two tables together, both ways.

#include <algorithm>
#include <string_view>

#include "common/receipt/render/source.h"
#include "consent/record/state.h"
#include "gtest/gtest.h"

namespace limpid::consent {
namespace {

TEST(RenderStates, EveryStateHasItsRowAndEveryRowItsState) {
  const auto rows = receipt::StateMappings();
  EXPECT_EQ(rows.size(), kAllStates.size());
  for (const RecordState state : kAllStates) {
    const auto row = std::find_if(
        rows.begin(), rows.end(),
        [&](const auto& mapping) { return mapping.name == StateName(state); });
    ASSERT_NE(row, rows.end()) << StateName(state);
    EXPECT_EQ(row->final, IsFinal(state)) << StateName(state);
    EXPECT_EQ(row->opt_in, state == RecordState::kGranted) << StateName(state);
  }
}

}  // namespace
}  // namespace limpid::consent
