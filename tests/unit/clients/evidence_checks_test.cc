#include "clients/cli/evidence_checks.h"

#include "clients/cli/failure.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::cli {
namespace {

using testing::IsOk;
using testing::StatusIs;

TEST(CheckMarks, FailsOnWhatDiffersAndOnWhatCannotBeRead) {
  constexpr auto kDataLoss = absl::StatusCode::kDataLoss;
  EXPECT_THAT(CheckMarks(0, {}), IsOk());
  EXPECT_THAT(CheckMarks(1, {}), StatusIs(kDataLoss));
  EXPECT_THAT(CheckMarks(0, {.counts = true}), StatusIs(kDataLoss));
  EXPECT_THAT(CheckMarks(0, {.settings = true}), StatusIs(kDataLoss));
  EXPECT_THAT(CheckMarks(0, {.unreadable = true}), StatusIs(kDataLoss));
  EXPECT_EQ(ExitCodeOf(CheckMarks(0, {.unreadable = true})),
            ExitCode::kVerificationFailed);
}

}  // namespace
}  // namespace limpid::cli
