// limpidd: reads its configuration, opens everything, serves until SIGTERM or
// SIGINT, lets running calls end. No rules.

#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/rpc/lock_order.h"
#include "common/rpc/server.h"
#include "common/rpc/tls13.h"
#include "server/app.h"
#include "server/command_line.h"
#include "server/config.h"
#include "server/exit_code.h"
#include "server/logging.h"
#include "server/notify.h"
#include "server/sealed_server.h"
#include "server/share_set.h"

namespace limpid::server {
namespace {

ExitCode Refuse(const absl::Status& why, ExitCode code) {
  std::cerr << "limpidd: " << base::ToStd(why.message()) << '\n';
  return code;
}

// Until administrators have given the root key. Nothing when the process is to
// stop first.
absl::StatusOr<std::optional<Unsealed>> WaitSealed(Config& config,
                                                   Logger& log) {
  LIMPID_ASSIGN_OR_RETURN(const auto sealed, SealedServer::Start(config, log));
  // Port 0 took a free one; what administrators know stays true.
  config.grpc_address = sealed->grpc_address();
  std::cout << "limpidd sealed: grpc " << config.grpc_address << std::endl;
  // It has started as far as it can alone: systemd is not to end it.
  NotifySystemd("READY=1\nSTATUS=sealed: waits for shares of the root key");
  std::optional<Unsealed> unsealed = sealed->Wait(rpc::TerminationWithin);
  NotifySystemd(unsealed ? "STATUS=unsealed" : "STOPPING=1");
  return unsealed;
}

ExitCode Serve(Config config) {
  Logger log(config);
  if (config.adopt_copied_logs) {
    log.Write(
        Severity::kWarn,
        "heads of logs that are copies are adopted at this start; the next "
        "one must be without --adopt-copied-logs");
  }
  Unsealed unsealed;
  if (UsesShares(config)) {
    absl::StatusOr<std::optional<Unsealed>> given = WaitSealed(config, log);
    if (!given.ok()) return Refuse(given.status(), ExitCode::kRefused);
    if (!*given) {
      log.Write(Severity::kInfo, "stopped");
      return ExitCode::kStopped;
    }
    unsealed = **std::move(given);
  }
  absl::StatusOr<std::unique_ptr<App>> app =
      App::Start(config, log, nullptr, nullptr, std::move(unsealed));
  if (!app.ok()) return Refuse(app.status(), ExitCode::kRefused);
  std::cout << "limpidd ready: grpc " << (*app)->grpc_address();
  if (!(*app)->https_address().empty()) {
    std::cout << ", https " << (*app)->https_address();
  }
  std::cout << std::endl;
  NotifySystemd("READY=1");
  rpc::WaitForTermination();
  NotifySystemd("STOPPING=1");
  log.Write(Severity::kInfo, "draining");
  (*app)->Drain();
  app->reset();
  log.Write(Severity::kInfo, "stopped");
  return ExitCode::kStopped;
}

ExitCode Run(int argc, char** argv) {
  rpc::RequireTls13();
  rpc::SkipLockOrderChecks();
  rpc::BlockTerminationSignals();
  ExitCode exit_code = ExitCode::kStopped;
  const auto command = ParseCommandLine(argc, argv, exit_code);
  if (!command) return exit_code;
  const absl::Status protect = base::ProtectProcessMemory();
  if (!protect.ok()) return Refuse(protect, ExitCode::kRefused);
  absl::StatusOr<Config> config = LoadConfig(command->config_file);
  if (!config.ok()) return Refuse(config.status(), ExitCode::kConfiguration);
  if (command->check_only) return ExitCode::kStopped;
  config->accept_older_vault = command->accept_older_vault;
  config->adopt_copied_logs = command->adopt_copied_logs;
  return Serve(*std::move(config));
}

}  // namespace
}  // namespace limpid::server

int main(int argc, char** argv) {
  using limpid::server::ExitCode;
  try {
    return static_cast<int>(limpid::server::Run(argc, argv));
  } catch (const std::exception& fault) {
    std::cerr << "limpidd: fault: " << fault.what() << '\n';
  } catch (...) {
    std::cerr << "limpidd: fault\n";
  }
  return static_cast<int>(ExitCode::kFault);
}
