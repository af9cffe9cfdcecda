#include "tests/testing/soft_token.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace limpid::testing {
namespace {

namespace fs = std::filesystem;

constexpr char kUtility[] = "softhsm2-util";
constexpr char kOfficerPin[] = "security officer";

}  // namespace

int RunProgram(std::vector<std::string> command) {
  std::vector<char*> raw;
  raw.reserve(command.size() + 1);
  for (std::string& argument : command) raw.push_back(argument.data());
  raw.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    (void)::dup2(nowhere, STDOUT_FILENO);
    (void)::dup2(nowhere, STDERR_FILENO);
    ::execvp(raw.front(), raw.data());
    std::_Exit(127);
  }
  int result = 0;
  if (child < 0 || ::waitpid(child, &result, 0) != child) return -1;
  return WIFEXITED(result) ? WEXITSTATUS(result) : -1;
}

SoftToken::SoftToken() {
  const fs::path tokens = dir_.path() / "tokens";
  fs::create_directory(tokens);
  const fs::path settings = dir_.path() / "softhsm2.conf";
  std::ofstream(settings) << "directories.tokendir = " << tokens.string()
                          << "\nobjectstore.backend = file\n"
                             "log.level = ERROR\n";
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before there are threads
  ::setenv("SOFTHSM2_CONF", settings.c_str(), /*overwrite=*/1);
  AddToken(kLabel);
}

void SoftToken::AddToken(std::string_view label) {
  EXPECT_EQ(RunProgram({kUtility, "--init-token", "--free", "--label",
                        std::string(label), "--pin", std::string(kPin),
                        "--so-pin", kOfficerPin}),
            0)
      << "is the package softhsm2 installed?";
}

void SoftToken::ImportKey(std::string_view label) {
  const fs::path file = dir_.path() / "outside.key";
  std::ofstream(file, std::ios::binary) << std::string(32, 'k');
  EXPECT_EQ(RunProgram({kUtility, "--import", file.string(), "--aes", "--token",
                        std::string(kLabel), "--label", std::string(label),
                        "--id", "a1", "--force", "--pin", std::string(kPin)}),
            0);
}

fs::path SoftToken::PinFile(std::string_view text) const {
  static int number = 0;
  fs::path file = dir_.path() / ("pin-" + std::to_string(++number));
  std::ofstream(file, std::ios::binary) << text;
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  return file;
}

fs::path SoftToken::Module() {
  for (const char* const path :
       {"/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"}) {
    if (fs::exists(path)) return path;
  }
  return {};
}

}  // namespace limpid::testing
