#include "clients/cli/failure.h"

#include <sstream>
#include <string>

#include "clients/cli/session.h"
#include "clients/cpp/device_file.h"
#include "common/base/clock.h"
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

TEST(Failure, AFileThatCannotBeUsedIsNotOneToPutBack) {
  const absl::Status full =
      client::AboutOwnFile(absl::ResourceExhaustedError("x"));
  EXPECT_EQ(ExitCodeOf(full), ExitCode::kStateBroken);
  EXPECT_NE(NextStep(full).find("room"), std::string::npos);
  EXPECT_EQ(NextStep(full).find("put the file back"), std::string::npos);
  EXPECT_NE(NextStep(client::BrokenFile("f", "is none")).find("put the file"),
            std::string::npos);
}

TEST(Failure, SaysWhatToDoNext) {
  EXPECT_NE(NextStep(absl::UnavailableError("x")).find("limpid up"),
            std::string::npos);
  EXPECT_EQ(NextStep(WithNext(absl::UnavailableError("x"), "wait")), "wait");
  EXPECT_EQ(NextStep(absl::OkStatus()), "");
}

// What was found may be the failure: it is shown, and the exit code tells.
TEST(Session, ShowsWhatItFoundAndFailsByIt) {
  std::ostringstream out;
  std::ostringstream err;
  const base::SystemClock clock;
  Session session(Terminal(out, err, {}), clock);
  const auto command = [] {
    return Report{json::Value::Object(),
                  [](Terminal& terminal) { terminal.Line("found"); },
                  absl::DataLossError("left out")};
  };
  session.Run(command);
  EXPECT_EQ(session.exit_code(), ExitCode::kVerificationFailed);
  EXPECT_EQ(out.str(), "found\n");
  EXPECT_NE(err.str().find("left out"), std::string::npos);
  out.str("");
  session.options().json = true;
  session.Run(command);
  EXPECT_EQ(session.exit_code(), ExitCode::kVerificationFailed);
  EXPECT_NE(out.str().find("left out"), std::string::npos);
}

}  // namespace
}  // namespace limpid::cli
