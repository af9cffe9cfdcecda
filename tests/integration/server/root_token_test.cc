// The shipped programs with the root key in a token (SoftHSM): set up by the
// command line, served, and refused in one sentence that changes nothing.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "server/exit_code.h"
#include "tests/integration/server/limpidd_process.h"
#include "tests/testing/shared.h"
#include "tests/testing/soft_token.h"

namespace limpid::server {
namespace {

using ::limpid::testing::ReadFile;
using ::limpid::testing::RunProgram;
using ::limpid::testing::SoftToken;
using ::limpid::testing::TempDir;

class RootTokenTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(Init(home(), SoftToken::kPin), 0); }
  [[nodiscard]] std::filesystem::path home() const { return dir_.path() / "h"; }
  [[nodiscard]] std::filesystem::path config() const {
    return home() / "limpid.toml";
  }
  // Runs `limpid admin` with these arguments.
  static int Admin(const std::vector<std::string>& arguments) {
    const char* const bin = std::getenv("LIMPID_BIN_DIR");
    std::vector<std::string> command = {
        std::string(bin == nullptr ? "build/release/bin" : bin) + "/limpid",
        "admin"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return RunProgram(std::move(command));
  }
  // The same; what it says on its second stream.
  std::string Says(const std::vector<std::string>& arguments) {
    const char* const bin = std::getenv("LIMPID_BIN_DIR");
    const std::filesystem::path said = dir_.path() / "said";
    std::vector<std::string> command = {
        "/bin/sh",
        "-c",
        "out=$1; shift; exec \"$@\" 2>\"$out\"",
        "sh",
        said.string(),
        std::string(bin == nullptr ? "build/release/bin" : bin) + "/limpid",
        "admin"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    EXPECT_NE(RunProgram(std::move(command)), 0);
    return ReadFile(said);
  }
  static std::vector<std::string> InFile(
      const std::filesystem::path& directory) {
    return {
        "init",           directory.string(), "--operator",      "city.example",
        "--grpc-address", "127.0.0.1:0",      "--https-address", "127.0.0.1:0"};
  }
  std::vector<std::string> WithToken(std::vector<std::string> arguments,
                                     std::string_view pin) {
    pin_file_ = token_.PinFile(pin);
    for (const std::string& more :
         {std::string("--root-key-module"), SoftToken::Module().string(),
          std::string("--root-key-token"), std::string(SoftToken::kLabel),
          std::string("--root-key-pin-file"), pin_file_.string()}) {
      arguments.push_back(more);
    }
    return arguments;
  }
  int Init(const std::filesystem::path& directory, std::string_view pin) {
    return Admin(WithToken(InFile(directory), pin));
  }
  std::unique_ptr<Limpidd> Start() {
    return std::make_unique<Limpidd>(
        dir_.path(), std::vector<std::string>{"--config", config().string()});
  }
  // Expects a warning of a plain file, or none.
  void StartAndStop(bool warns = false) {
    const auto server = Start();
    ASSERT_NE(server->WaitUntilReady(), "") << server->error();
    server->Terminate();
    EXPECT_EQ(server->Wait(), ExitCode::kStopped) << server->error();
    EXPECT_EQ(server->error().find("plain file") != std::string::npos, warns)
        << server->error();
  }
  std::map<std::string, std::string> State() {
    std::map<std::string, std::string> files;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(home())) {
      const std::string path = entry.path().string();
      if (!entry.is_regular_file() || path.ends_with(".lock")) continue;
      files[path] = ReadFile(entry.path());
    }
    return files;
  }
  void ExpectRefused(std::string_view sentence) {
    const auto before = State();
    const auto server = Start();
    EXPECT_EQ(server->WaitUntilReady(), "");
    EXPECT_EQ(server->Wait(), ExitCode::kRefused);
    const std::string error = server->error();
    EXPECT_NE(error.find(sentence), std::string::npos) << error;
    EXPECT_EQ(error.rfind("limpidd: "), error.find("limpidd: ")) << error;
    EXPECT_EQ(error.find(SoftToken::kPin), std::string::npos);
    EXPECT_TRUE(State() == before) << "a refused start changed a file";
  }
  void Edit(std::string_view from, std::string_view to) {
    std::string text = ReadFile(config());
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    std::ofstream(config(), std::ios::binary) << text;
  }

  // What move-root-key tells the operator to write.
  void UseToken() {
    Edit("file = \"root.key\"", "file = \"\"");
    Edit("module = \"\"", "module = \"" + SoftToken::Module().string() + "\"");
    Edit("token = \"\"", "token = \"" + std::string(SoftToken::kLabel) + "\"");
    Edit("pin_file = \"\"", "pin_file = \"" + pin_file_.string() + "\"");
  }

  SoftToken token_;
  TempDir dir_;
  std::filesystem::path pin_file_;
};

TEST_F(RootTokenTest, ServesTwiceAndNoKeyFileIsThere) {
  EXPECT_FALSE(std::filesystem::exists(home() / "root.key"));
  StartAndStop();
  StartAndStop();
}

TEST_F(RootTokenTest, AWrongPinIsRefused) {
  StartAndStop();
  std::ofstream(pin_file_, std::ios::trunc) << "4321";
  ExpectRefused("does not take this PIN");
  std::ofstream(pin_file_, std::ios::trunc) << SoftToken::kPin;
  StartAndStop();
}

TEST_F(RootTokenTest, AMissingTokenIsRefused) {
  StartAndStop();
  Edit("token = \"limpid-test\"", "token = \"elsewhere\"");
  ExpectRefused("the token 'elsewhere' is missing");
}

TEST_F(RootTokenTest, AnotherTokenOfTheSameNameIsRefused) {
  StartAndStop();
  const SoftToken other;
  ExpectRefused("no key labelled 'limpid-root'");
  // Made anew under the old label, it is another key all the same.
  ASSERT_EQ(Init(dir_.path() / "other", SoftToken::kPin), 0);
  ExpectRefused("was made with another root key");
}

// Moved in two runs, as after a kill in the first.
TEST_F(RootTokenTest, AnInstallationMovesFromItsFileAndGoesOnWhereItWas) {
  std::filesystem::remove_all(home());
  ASSERT_EQ(Admin(InFile(home())), 0);
  StartAndStop(/*warns=*/true);
  const auto ring = home() / "data" / "register" / "keyring";
  const std::string before = ReadFile(ring);
  const auto move =
      WithToken({"move-root-key", config().string()}, SoftToken::kPin);
  ASSERT_EQ(Admin(move), 0);
  EXPECT_NE(ReadFile(ring), before);
  std::ofstream(ring, std::ios::binary) << before;
  ASSERT_EQ(Admin(move), 0);
  ExpectRefused("was made with another root key");
  UseToken();
  std::filesystem::remove(home() / "root.key");
  StartAndStop();
}

// A role that is not in the configuration now has a ring that the old key opens
// all the same, and nothing else does.
TEST_F(RootTokenTest, RingsOfRolesThatDoNotRunMoveToo) {
  std::filesystem::remove_all(home());
  ASSERT_EQ(Admin(InFile(home())), 0);
  StartAndStop(/*warns=*/true);
  const std::string roles = "roles = [\"consent\", \"vault\", \"register\"]";
  Edit(roles, "roles = [\"register\"]");
  ASSERT_EQ(
      Admin(WithToken({"move-root-key", config().string()}, SoftToken::kPin)),
      0);
  Edit("roles = [\"register\"]", roles);
  UseToken();
  std::filesystem::remove(home() / "root.key");
  StartAndStop();
}

TEST_F(RootTokenTest, ARingThatCannotMoveKeepsAllWhereTheyAre) {
  std::filesystem::remove_all(home());
  ASSERT_EQ(Admin(InFile(home())), 0);
  const auto copy = home() / "data" / "vault-before";
  std::filesystem::create_directory(copy);
  std::filesystem::copy_file(home() / "data" / "vault" / "keyring",
                             copy / "keyring");
  const auto move =
      WithToken({"move-root-key", config().string()}, SoftToken::kPin);
  const auto before = State();
  const std::string said = Says(move);
  // The token's key is needed from now on, whatever the rings say.
  EXPECT_NE(said.find("rings may hang on either"), std::string::npos) << said;
  EXPECT_TRUE(State() == before);
  std::filesystem::remove_all(copy);
  EXPECT_EQ(Admin(move), 0);
}

TEST_F(RootTokenTest, AMoveWithAWrongPinOrBesideAServerChangesNothing) {
  std::filesystem::remove_all(home());
  ASSERT_EQ(Admin(InFile(home())), 0);
  const auto before = State();
  EXPECT_NE(Admin(WithToken({"move-root-key", config().string()}, "4321")), 0);
  EXPECT_TRUE(State() == before);
  const auto server = Start();
  ASSERT_NE(server->WaitUntilReady(), "") << server->error();
  const auto ring = home() / "data" / "register" / "keyring";
  const std::string running = ReadFile(ring);
  EXPECT_NE(
      Admin(WithToken({"move-root-key", config().string()}, SoftToken::kPin)),
      0);
  EXPECT_EQ(ReadFile(ring), running);
}

TEST_F(RootTokenTest, InitWithAWrongPinMakesNothing) {
  const std::filesystem::path other = dir_.path() / "other";
  EXPECT_NE(Init(other, "4321"), 0);
  EXPECT_FALSE(std::filesystem::exists(other));
}

}  // namespace
}  // namespace limpid::server
