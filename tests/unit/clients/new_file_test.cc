// Files that commands make are new ones: what has their name stays as it is.

#include "clients/cli/new_file.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "clients/cli/commands.h"
#include "clients/cli/failure.h"
#include "clients/cli/session.h"
#include "common/base/clock.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::cli {
namespace {

using testing::IsOk;
using testing::ReadFile;

constexpr mode_t kOwnerOnly = 0600;

class NewFile : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path File(const std::string& name) const {
    return folder_.path() / name;
  }
  ExitCode KeyNew(const std::filesystem::path& file) {
    Session session(Terminal(said_, said_, {}), clock_);
    CLI::App app;
    AddServiceKeyCommands(app, session);
    // CLI11 takes them from the back.
    app.parse({"signing", "--kind", file.string(),
               "svc_aaaaaaaaaaaaaaaaaaaaaaaaaa", "key-new"});
    return session.exit_code();
  }

  const testing::TempDir folder_;
  base::SystemClock clock_;
  std::ostringstream said_;
};

TEST_F(NewFile, IsMadeOnce) {
  const std::filesystem::path file = File("receipt.json");
  ASSERT_THAT(CheckIsNew(file), IsOk());
  ASSERT_THAT(WriteNewTextFile(file, "durable", kOwnerOnly), IsOk());
  for (const absl::Status& again :
       {CheckIsNew(file), WriteNewTextFile(file, "logged", kOwnerOnly)}) {
    EXPECT_EQ(ExitCodeOf(again), ExitCode::kStateBroken);
    EXPECT_NE(again.message().find(file.string()), std::string::npos);
    EXPECT_NE(NextStep(again).find("not there yet"), std::string::npos);
  }
  EXPECT_EQ(ReadFile(file), "durable");
}

TEST_F(NewFile, OfADirectoryThatIsNotThereIsAFaultOfThisMachine) {
  const absl::Status failed =
      WriteNewTextFile(File("absent") / "file", "x", kOwnerOnly);
  EXPECT_EQ(ExitCodeOf(failed), ExitCode::kStateBroken);
}

// A link that leads nowhere is a name that is taken.
TEST_F(NewFile, IsNoLink) {
  std::filesystem::create_symlink(File("nowhere"), File("link"));
  EXPECT_EQ(ExitCodeOf(CheckIsNew(File("link"))), ExitCode::kStateBroken);
  EXPECT_EQ(ExitCodeOf(WriteNewTextFile(File("link"), "x", kOwnerOnly)),
            ExitCode::kStateBroken);
  EXPECT_FALSE(std::filesystem::exists(File("nowhere")));
}

TEST_F(NewFile, OfAPublicKeyIsRefusedBeforeThePrivateOneIsMade) {
  std::ofstream(File("key.pub")) << "another key";
  EXPECT_EQ(KeyNew(File("key")), ExitCode::kStateBroken) << said_.str();
  EXPECT_EQ(ReadFile(File("key.pub")), "another key");
  EXPECT_FALSE(std::filesystem::exists(File("key")));
  EXPECT_EQ(KeyNew(File("other")), ExitCode::kOk) << said_.str();
  EXPECT_TRUE(std::filesystem::exists(File("other.pub")));
}

}  // namespace
}  // namespace limpid::cli
