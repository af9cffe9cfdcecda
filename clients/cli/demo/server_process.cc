#include "clients/cli/demo/server_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace limpid::cli {
namespace {

constexpr absl::Duration kLook = absl::Milliseconds(50);
constexpr absl::Duration kStopPatience = absl::Seconds(30);
constexpr std::string_view kReady = "limpidd ready";
constexpr int kExecFailed = 127;
constexpr mode_t kOwnerOnly = 0600;

std::string TextFrom(const std::filesystem::path& file, std::streamoff from) {
  std::ifstream in(file, std::ios::binary);
  in.seekg(from);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string LastLine(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const std::size_t line = text.rfind('\n');
  return line == std::string::npos ? text : text.substr(line + 1);
}

// The child's side of fork: only async-signal-safe calls until exec.
[[noreturn]] void Become(const char* binary, const char* config, int log) {
  // Its own group, so that Ctrl-C reaches the parent alone, which then stops
  // it in order.
  (void)setpgid(0, 0);
  (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
  (void)dup2(log, STDOUT_FILENO);
  (void)dup2(log, STDERR_FILENO);
  (void)execl(binary, binary, "--config", config, nullptr);
  _exit(kExecFailed);
}

// A listening socket on a free port; -1 on failure.
int ListenAnywhere(int& port) {
  const int file = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bind(2)
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (file < 0 || bind(file, generic, size) != 0 ||
      getsockname(file, generic, &size) != 0) {
    return -1;
  }
  port = ntohs(address.sin_port);
  return file;
}

}  // namespace

absl::StatusOr<ServerProcess> ServerProcess::Start(
    const std::filesystem::path& binary, const std::filesystem::path& config,
    const std::filesystem::path& log, absl::Duration patience) {
  if (access(binary.c_str(), X_OK) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "there is no server at ", binary.string(), "; build it with ./dev up"));
  }
  const int file =
      open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kOwnerOnly);
  if (file < 0) return absl::InternalError("cannot write the server's log");
  const std::streamoff from = lseek(file, 0, SEEK_END);
  const std::string binary_text = binary.string();
  const std::string config_text = config.string();
  const pid_t pid = fork();
  if (pid == 0) Become(binary_text.c_str(), config_text.c_str(), file);
  close(file);
  if (pid < 0) return absl::InternalError("cannot start another process");
  ServerProcess server(pid);
  const absl::Time end = absl::Now() + patience;
  while (absl::Now() < end) {
    const bool running = server.Running();
    const std::string said = TextFrom(log, from);
    if (said.find(kReady) != std::string::npos) return server;
    if (!running) {
      return absl::FailedPreconditionError(
          absl::StrCat("the server ended: ", LastLine(said)));
    }
    absl::SleepFor(kLook);
  }
  return absl::DeadlineExceededError(absl::StrCat(
      "the server is not ready after ", absl::FormatDuration(patience)));
}

ServerProcess::ServerProcess(ServerProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), wait_status_(other.wait_status_) {}

ServerProcess& ServerProcess::operator=(ServerProcess&& other) noexcept {
  if (this != &other) {
    (void)Stop();
    pid_ = std::exchange(other.pid_, 0);
    wait_status_ = other.wait_status_;
  }
  return *this;
}

ServerProcess::~ServerProcess() { (void)Stop(); }

bool ServerProcess::Running() {
  if (pid_ == 0) return false;
  if (waitpid(pid_, &wait_status_, WNOHANG) == 0) return true;
  pid_ = 0;
  return false;
}

bool ServerProcess::Wait(absl::Duration patience) {
  const absl::Time end = absl::Now() + patience;
  while (Running()) {
    if (absl::Now() >= end) return false;
    absl::SleepFor(kLook);
  }
  return true;
}

absl::Status ServerProcess::Stop() {
  if (!Running()) return absl::OkStatus();
  kill(pid_, SIGTERM);
  if (!Wait(kStopPatience)) {
    Kill();
    return absl::InternalError("the server did not stop and was killed");
  }
  if (WIFEXITED(wait_status_) && WEXITSTATUS(wait_status_) == 0) {
    return absl::OkStatus();
  }
  return absl::InternalError("the server did not stop in order");
}

void ServerProcess::Kill() {
  if (!Running()) return;
  kill(pid_, SIGKILL);
  (void)Wait(kStopPatience);
}

absl::StatusOr<Ports> FreePorts() {
  Ports ports;
  const int first = ListenAnywhere(ports.grpc);
  const int second = ListenAnywhere(ports.https);
  if (first >= 0) close(first);
  if (second >= 0) close(second);
  if (first < 0 || second < 0) {
    return absl::UnavailableError("this machine has no free port");
  }
  return ports;
}

bool PortIsTaken(int port) {
  const int file = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as bind(2)
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  const bool taken = connect(file, generic, sizeof(address)) == 0;
  close(file);
  return taken;
}

}  // namespace limpid::cli
