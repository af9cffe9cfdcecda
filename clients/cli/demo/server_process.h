// limpidd as a child process: started, waited for, stopped. It dies with its
// parent, whatever happens.

#ifndef LIMPID_CLIENTS_CLI_DEMO_SERVER_PROCESS_H_
#define LIMPID_CLIENTS_CLI_DEMO_SERVER_PROCESS_H_

#include <sys/types.h>

#include <filesystem>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace limpid::cli {

// Move-only. Thread-compatible.
class ServerProcess {
 public:
  // Starts `binary` with `config`; its output is added to `log`. Returns when
  // it says that it is ready.
  //
  // Errors:
  //   kFailedPrecondition  it ended; the message has its last line.
  //   kDeadlineExceeded    it is not ready in time; it was stopped.
  static absl::StatusOr<ServerProcess> Start(
      const std::filesystem::path& binary, const std::filesystem::path& config,
      const std::filesystem::path& log, absl::Duration patience);

  ServerProcess() = default;
  ServerProcess(ServerProcess&& other) noexcept;
  ServerProcess& operator=(ServerProcess&& other) noexcept;
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  // Stops it.
  ~ServerProcess();

  // Asks it to stop and waits; kills it after half a minute.
  //
  // Errors:
  //   kInternal  it did not end with exit code 0.
  absl::Status Stop();
  // Kills it at once, as a power cut would. Never fails.
  void Kill();
  [[nodiscard]] bool Running();

 private:
  explicit ServerProcess(pid_t pid) : pid_(pid) {}
  // Waits; false on timeout.
  bool Wait(absl::Duration patience);

  pid_t pid_ = 0;
  int wait_status_ = 0;
};

// Two free ports of this machine, different from each other. Another program
// may take them before we do.
struct Ports {
  int grpc = 0;
  int https = 0;
};
absl::StatusOr<Ports> FreePorts();

// Whether somebody listens on the port.
bool PortIsTaken(int port);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_DEMO_SERVER_PROCESS_H_
