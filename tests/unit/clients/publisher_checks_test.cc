#include "clients/cli/publisher_checks.h"

#include "clients/cli/failure.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::cli {
namespace {

using testing::IsOk;
using testing::StatusIs;

// `limpid register publish $F --id sys_x`, with $F unset.
TEST(CheckPublish, RetiresNothingUnlessToldSo) {
  EXPECT_EQ(ExitCodeOf(CheckPublish("", "sys_x", false)), ExitCode::kUsage);
  EXPECT_EQ(ExitCodeOf(CheckPublish("", "", false)), ExitCode::kUsage);
  EXPECT_THAT(CheckPublish("", "sys_x", true), IsOk());
  EXPECT_EQ(ExitCodeOf(CheckPublish("", "", true)), ExitCode::kUsage);
  EXPECT_EQ(ExitCodeOf(CheckPublish("f.json", "sys_x", true)),
            ExitCode::kUsage);
  EXPECT_THAT(CheckPublish("f.json", "sys_x", false), IsOk());
  EXPECT_THAT(CheckPublish("f.json", "", false), IsOk());
}

// What a server says of one that it does not have.
TEST(AboutProfile, NamesTheCommandThatListsThem) {
  EXPECT_NE(
      NextStep(AboutProfile(absl::InvalidArgumentError("profile: unknown")))
          .find("limpid register profiles"),
      std::string::npos);
  EXPECT_EQ(NextStep(AboutProfile(absl::InvalidArgumentError("reason: empty"))),
            "");
  EXPECT_THAT(AboutProfile(absl::OkStatus()), IsOk());
}

TEST(CheckCommitted, FailsWhenRowsWereGivenUp) {
  client::ImportReport report;
  EXPECT_THAT(CheckCommitted(report), IsOk());
  // The stream ended before it said anything.
  report.summary.set_draft_count(3);
  EXPECT_THAT(CheckCommitted(report), StatusIs(absl::StatusCode::kAborted));
  report.committed.set_total_row_count(3);
  report.committed.set_committed_row_count(3);
  EXPECT_THAT(CheckCommitted(report), IsOk());
  // The stream ended early.
  report.committed.set_committed_row_count(2);
  EXPECT_THAT(CheckCommitted(report), StatusIs(absl::StatusCode::kAborted));
  report.committed.set_failed_row_count(1);
  report.failures.emplace_back();
  EXPECT_THAT(CheckCommitted(report), StatusIs(absl::StatusCode::kAborted));
}

}  // namespace
}  // namespace limpid::cli
