#include "tests/testing/world/host.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "server/logging.h"

namespace limpid::testing {
namespace {

class InProcessHost final : public Host {
 public:
  InProcessHost(server::ExtraServices extra, const base::Clock* machine)
      : extra_(std::move(extra)), machine_(machine) {}

  absl::StatusOr<std::string> Start(
      const std::filesystem::path& config_file) override {
    LIMPID_ASSIGN_OR_RETURN(const server::Config config,
                            server::LoadConfig(config_file));
    log_ = std::make_unique<server::Logger>(config);
    LIMPID_ASSIGN_OR_RETURN(
        app_, server::App::Start(config, *log_, extra_, machine_));
    return app_->grpc_address();
  }
  void Stop() override {
    if (app_ != nullptr) app_->Drain();
    app_.reset();
  }
  void Kill(int /*signal*/) override {
    std::cerr << "world: a server in this process cannot be killed\n";
    std::abort();
  }

 private:
  const server::ExtraServices extra_;
  const base::Clock* const machine_;
  std::unique_ptr<server::Logger> log_;
  std::unique_ptr<server::App> app_;
};

class RunningHost final : public Host {
 public:
  explicit RunningHost(std::string address) : address_(std::move(address)) {}

  absl::StatusOr<std::string> Start(
      const std::filesystem::path& /*config_file*/) override {
    return address_;
  }
  void Stop() override {}
  void Kill(int /*signal*/) override {
    std::cerr << "world: a server of somebody else is not killed\n";
    std::abort();
  }

 private:
  const std::string address_;
};

class BinaryHost final : public Host {
 public:
  BinaryHost(std::filesystem::path binary, std::filesystem::path log_file)
      : binary_(std::move(binary)), log_file_(std::move(log_file)) {}
  ~BinaryHost() override { (void)End(SIGKILL); }
  BinaryHost(const BinaryHost&) = delete;
  BinaryHost& operator=(const BinaryHost&) = delete;

  absl::StatusOr<std::string> Start(
      const std::filesystem::path& config_file) override {
    std::array<int, 2> out{};
    if (pipe2(out.data(), O_CLOEXEC) != 0) {
      return absl::InternalError("no pipe");
    }
    child_ = fork();
    if (child_ == 0) Execute(out[1], config_file);
    close(out[1]);
    out_ = out[0];
    absl::StatusOr<std::string> address = ReadAddress();
    // It has ended, or will: nothing is left to stop.
    if (!address.ok()) (void)End(SIGKILL);
    return address;
  }
  void Stop() override {
    const int status = End(SIGTERM);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    std::cerr << "world: limpidd did not stop cleanly (wait status " << status
              << "); see its log\n";
    std::abort();
  }
  void Kill(int signal) override { (void)End(signal); }

 private:
  // In the child: only calls that are safe after fork.
  [[noreturn]] void Execute(int out,
                            const std::filesystem::path& config_file) const {
    (void)dup2(out, STDOUT_FILENO);
    const int log =
        open(log_file_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (log >= 0) (void)dup2(log, STDERR_FILENO);
    (void)execl(binary_.c_str(), binary_.c_str(), "--config",
                config_file.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }

  // From the line "limpidd ready: grpc host:port, https host:port".
  [[nodiscard]] absl::StatusOr<std::string> ReadAddress() const {
    constexpr std::string_view kBefore = "ready: grpc ";
    std::string line;
    char c = 0;
    while (read(out_, &c, 1) == 1 && c != '\n') line.push_back(c);
    const std::size_t at = line.find(kBefore);
    if (at == std::string::npos) {
      return absl::UnavailableError("limpidd did not start; see its log");
    }
    const std::size_t begin = at + kBefore.size();
    return line.substr(begin, line.find(',', begin) - begin);
  }

  // The wait status; 0 when there is no server.
  int End(int signal) {
    if (child_ <= 0) return 0;
    int status = 0;
    (void)kill(child_, signal);
    (void)waitpid(child_, &status, 0);
    child_ = 0;
    close(out_);
    return status;
  }

  const std::filesystem::path binary_;
  const std::filesystem::path log_file_;
  pid_t child_ = 0;
  int out_ = -1;
};

}  // namespace

std::unique_ptr<Host> InProcess(const server::ExtraServices& extra,
                                const base::Clock* machine) {
  return std::make_unique<InProcessHost>(extra, machine);
}

std::unique_ptr<Host> Binary(const std::filesystem::path& binary,
                             const std::filesystem::path& log_file) {
  return std::make_unique<BinaryHost>(binary, log_file);
}

std::unique_ptr<Host> Running(const std::string& address) {
  return std::make_unique<RunningHost>(address);
}

}  // namespace limpid::testing
