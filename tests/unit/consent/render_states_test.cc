// The renderings of receipts know consent's states by name only: these hold
// the two tables together, both ways.

#include <algorithm>
#include <string>

#include "common/receipt/render/source.h"
#include "consent/record/state.h"
#include "consent/record/state_mapping.h"
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

// One product, one answer: a rendering says what every other export says.
TEST(RenderStates, AgreesWithTheTablesOfTheOtherVocabularies) {
  for (const receipt::StateMapping& row : receipt::StateMappings()) {
    for (const RecordState state : kAllStates) {
      if (StateName(state) != row.name) continue;
      EXPECT_EQ(ExportState(Vocabulary::kDpv, state).code,
                "https://w3id.org/dpv#" + std::string(row.dpv_status));
      const ForeignState govstack = ExportState(Vocabulary::kGovStack, state);
      EXPECT_EQ(govstack.code, row.opt_in ? "true" : "false") << row.name;
      EXPECT_EQ(govstack.detail, row.govstack_state) << row.name;
    }
  }
}

}  // namespace
}  // namespace limpid::consent
