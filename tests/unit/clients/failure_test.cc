#include "clients/cli/failure.h"

#include "gtest/gtest.h"

namespace limpid::cli {
namespace {

TEST(Failure, TellsItsKindsApartByExitCode) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), ExitCode::kOk);
  EXPECT_EQ(ExitCodeOf(absl::NotFoundError("x")), ExitCode::kFailed);
  EXPECT_EQ(ExitCodeOf(absl::UnavailableError("x")), ExitCode::kCannotConnect);
  EXPECT_EQ(ExitCodeOf(absl::DataLossError("x")),
            ExitCode::kVerificationFailed);
  EXPECT_EQ(ExitCodeOf(WrongUsage(absl::InvalidArgumentError("x"))),
            ExitCode::kUsage);
  // A damaged file of ours says nothing about the server.
  EXPECT_EQ(ExitCodeOf(StateBroken(absl::DataLossError("x"))),
            ExitCode::kStateBroken);
}

TEST(Failure, SaysWhatToDoNext) {
  EXPECT_NE(NextStep(absl::UnavailableError("x")).find("limpid up"),
            std::string::npos);
  EXPECT_EQ(NextStep(WithNext(absl::UnavailableError("x"), "wait")), "wait");
  EXPECT_EQ(NextStep(absl::OkStatus()), "");
}

}  // namespace
}  // namespace limpid::cli
