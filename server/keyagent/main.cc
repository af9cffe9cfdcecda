// limpid-keyagent: reads its configuration, opens its key, answers the vault
// until SIGTERM or SIGINT. No rules. docs/key-agent.md

#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <csignal>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/x25519.h"
#include "server/exit_code.h"
#include "server/keyagent/agent_config.h"
#include "server/keyagent/agent_key.h"
#include "server/keyagent/agent_server.h"
#include "server/keyagent/confine.h"
#include "vault/keyagent/key_agent.h"

namespace limpid::server {
namespace {

ExitCode Refuse(const absl::Status& why, ExitCode code) {
  std::cerr << "limpid-keyagent: " << base::ToStd(why.message()) << '\n';
  return code;
}

// One line of one write: threads share the stream.
void Log(std::string_view sentence) {
  const std::string line =
      base::TimeText(absl::Now()) + " " + std::string(sentence) + "\n";
  std::cerr << line << std::flush;
}

void TellEvent(vault::AgentEvent event) {
  switch (event) {
    case vault::AgentEvent::kBudgetSpent:
      return Log(
          "more persons were asked for in a minute than persons_per_minute "
          "allows, or than one service may have of them: the rest is refused");
    case vault::AgentEvent::kRefused:
      return Log(
          "a request was refused: no permit or proof of the person, one that "
          "is old, used or of another clock, or keys of something else");
    case vault::AgentEvent::kClockJumped:
      return Log(
          "the clock jumped by more than five minutes, so that requests are "
          "refused: set it right or restart the agent");
  }
}

sigset_t Termination() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

absl::Status Serve(AgentConfig config) {
  if (config.vault_uid == ::geteuid()) {
    Log("the vault runs as the same user as this agent: whoever takes over the "
        "vault may read the agent's files. Give the agent a user of its own");
  }
  LIMPID_ASSIGN_OR_RETURN(
      const base::FileLock lock,
      base::FileLock::Acquire(config.data_directory / "lock"));
  LIMPID_ASSIGN_OR_RETURN(crypto::X25519PrivateKey key,
                          OpenAgentKey(config, Log));
  const std::string name = base::Base64UrlEncode(key.PublicKey().bytes);
  const base::SystemClock clock;
  vault::KeyAgent agent(std::move(config.options), std::move(key), clock,
                        TellEvent);
  LIMPID_ASSIGN_OR_RETURN(
      const auto server,
      AgentServer::Listen(config.socket, config.vault_uid, agent, Log));
  LIMPID_RETURN_IF_ERROR(Confine());
  server->Run();
  std::cout << "limpid-keyagent ready: key " << name << std::endl;
  const sigset_t signals = Termination();
  int received = 0;
  LIMPID_CHECK(sigwait(&signals, &received) == 0);
  return absl::OkStatus();
}

absl::Status Initialize(const AgentConfig& config) {
  LIMPID_ASSIGN_OR_RETURN(const crypto::X25519PublicKey key,
                          MakeAgentKey(config, Log));
  std::cout << "vault.key_agent_key = \"" << base::Base64UrlEncode(key.bytes)
            << "\"" << std::endl;
  return absl::OkStatus();
}

ExitCode Run(int argc, char** argv) {
  std::string file;
  bool init = false;
  CLI::App app("limpid-keyagent: opens keys of values for a vault",
               "limpid-keyagent");
  app.add_option("--config", file, "Configuration file (TOML)")
      ->required()
      ->type_name("FILE");
  app.add_flag("--init", init, "Make the key, show its public half and stop");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? ExitCode::kStopped : ExitCode::kUsage;
  }
  const sigset_t signals = Termination();
  LIMPID_CHECK(pthread_sigmask(SIG_BLOCK, &signals, nullptr) == 0);
  const absl::Status protect = base::ProtectProcessMemory();
  if (!protect.ok()) return Refuse(protect, ExitCode::kRefused);
  absl::StatusOr<AgentConfig> config = LoadAgentConfig(file);
  if (!config.ok()) return Refuse(config.status(), ExitCode::kConfiguration);
  const absl::Status done =
      init ? Initialize(*config) : Serve(*std::move(config));
  return done.ok() ? ExitCode::kStopped : Refuse(done, ExitCode::kRefused);
}

}  // namespace
}  // namespace limpid::server

int main(int argc, char** argv) {
  using limpid::server::ExitCode;
  try {
    return static_cast<int>(limpid::server::Run(argc, argv));
  } catch (const std::exception& fault) {
    std::cerr << "limpid-keyagent: fault: " << fault.what() << '\n';
  } catch (...) {
    std::cerr << "limpid-keyagent: fault\n";
  }
  return static_cast<int>(ExitCode::kFault);
}
