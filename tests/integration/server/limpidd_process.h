// A shipped program, limpidd or its key agent, as a child process.

#ifndef LIMPID_TESTS_INTEGRATION_SERVER_LIMPIDD_PROCESS_H_
#define LIMPID_TESTS_INTEGRATION_SERVER_LIMPIDD_PROCESS_H_

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "server/exit_code.h"
#include "tests/testing/shared.h"

namespace limpid::server {

inline constexpr std::string_view kReady = "limpidd ready: grpc ";
inline constexpr std::string_view kSealed = "limpidd sealed: grpc ";
inline constexpr std::string_view kAgentReady = "limpid-keyagent ready: key ";

// Its output is in files.
class Limpidd {
 public:
  Limpidd(const std::filesystem::path& home, std::vector<std::string> arguments,
          std::string name = "limpidd")
      : out_(home / "stdout"), error_(home / "stderr"), name_(std::move(name)) {
    const char* bin = std::getenv("LIMPID_BIN_DIR");
    program_ =
        std::filesystem::path(bin == nullptr ? "build/release/bin" : bin) /
        name_;
    std::ofstream(out_, std::ios::trunc).flush();
    std::ofstream(error_, std::ios::trunc).flush();
    // NOLINTNEXTLINE(cppcoreguidelines-prefer-member-initializer): comes last
    child_ = ::fork();
    if (child_ == 0) Exec(std::move(arguments));
  }
  ~Limpidd() {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      Wait();
    }
  }
  Limpidd(const Limpidd&) = delete;
  Limpidd& operator=(const Limpidd&) = delete;

  // The address of the ready line, or "" when it ended instead.
  std::string WaitUntilReady() { return WaitForLine(kReady); }
  // The same of a server that waits for shares of its root key.
  std::string WaitUntilSealed() { return WaitForLine(kSealed); }
  // The public key of a key agent.
  std::string WaitUntilAgentReady() { return WaitForLine(kAgentReady); }
  void Terminate() { ::kill(child_, SIGTERM); }
  void Kill() { ::kill(child_, SIGKILL); }
  [[nodiscard]] pid_t id() const { return child_; }
  ExitCode Wait() {
    if (child_ > 0) ::waitpid(child_, &result_, 0);
    child_ = 0;
    return WIFEXITED(result_) ? static_cast<ExitCode>(WEXITSTATUS(result_))
                              : ExitCode::kFault;
  }
  [[nodiscard]] std::string out() const { return testing::ReadFile(out_); }
  [[nodiscard]] std::string error() const { return testing::ReadFile(error_); }

 private:
  std::string WaitForLine(std::string_view start) {
    for (int attempt = 0; attempt < 600; ++attempt) {
      const std::string out = testing::ReadFile(out_);
      const std::size_t at = out.find(start);
      if (at != std::string::npos && out.ends_with('\n')) {
        const std::size_t begin = at + start.size();
        return out.substr(begin, out.find_first_of(",\n", begin) - begin);
      }
      if (::waitpid(child_, &result_, WNOHANG) == child_) {
        child_ = 0;
        return "";
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return "";
  }
  [[noreturn]] void Exec(std::vector<std::string> arguments) {
    const int out = ::open(out_.c_str(), O_WRONLY);
    const int error = ::open(error_.c_str(), O_WRONLY);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(error, STDERR_FILENO);
    std::vector<char*> words = {name_.data()};
    for (std::string& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    // Its confinement takes the calls with which a leak sanitizer looks.
    if (name_ == "limpid-keyagent") {
      // NOLINTNEXTLINE(concurrency-mt-unsafe): the child has one thread
      ::setenv("ASAN_OPTIONS", "detect_leaks=0", /*overwrite=*/0);
    }
    ::execv(program_.c_str(), words.data());
    ::_exit(127);
  }

  std::filesystem::path out_;
  std::filesystem::path error_;
  std::string name_;
  std::filesystem::path program_;
  pid_t child_ = 0;
  int result_ = 0;
};

}  // namespace limpid::server

#endif  // LIMPID_TESTS_INTEGRATION_SERVER_LIMPIDD_PROCESS_H_
