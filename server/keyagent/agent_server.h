// The key agent's side of the socket: lets in one user alone, reads requests,
// has them judged, writes answers. Judges nothing itself.
// docs/formats/key-agent.md

#ifndef LIMPID_SERVER_KEYAGENT_AGENT_SERVER_H_
#define LIMPID_SERVER_KEYAGENT_AGENT_SERVER_H_

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "server/keyagent/unix_socket.h"
#include "vault/keyagent/agent_frame.h"
#include "vault/keyagent/dek_agent.h"

namespace limpid::server {

// Takes one sentence for the operator.
using AgentLog = std::function<void(std::string_view)>;

// Listens from its making on, and answers from Run on. Ends with the object.
class AgentServer {
 public:
  // Connections at once: those of a vault, and some that it has given up and
  // whose end is not seen here yet.
  static constexpr std::size_t kMaxConnections =
      vault::kMaxAgentConnections + 8;
  // How long a request may take on its way once it began, and an answer.
  static constexpr absl::Duration kPatience = absl::Seconds(5);

  // `agent` must outlive the server. Processes of `allowed` alone are answered.
  //
  // Errors: those of UnixSocket::Listen.
  static absl::StatusOr<std::unique_ptr<AgentServer>> Listen(
      const std::filesystem::path& socket, uid_t allowed,
      vault::DekAgent& agent, AgentLog log);
  ~AgentServer();
  AgentServer(const AgentServer&) = delete;
  AgentServer& operator=(const AgentServer&) = delete;

  void Run();

 private:
  struct Connection {
    UnixSocket socket;
    std::thread thread;
    bool done = false;
  };

  AgentServer(UnixSocket listener, uid_t allowed, vault::DekAgent& agent,
              AgentLog log)
      : listener_(std::move(listener)),
        allowed_(allowed),
        agent_(agent),
        log_(std::move(log)) {}

  void AcceptAll();
  void Add(UnixSocket caller);
  void Serve(const UnixSocket& socket);
  // Joins those that have ended.
  void Reap();
  void TellStranger();

  const UnixSocket listener_;
  const uid_t allowed_;
  vault::DekAgent& agent_;
  const AgentLog log_;
  std::thread accepting_;
  base::Mutex mutex_;
  std::list<Connection> connections_ ABSL_GUARDED_BY(mutex_);
  // Of the thread that accepts; monotonic.
  absl::Duration told_ = -absl::InfiniteDuration();
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_KEYAGENT_AGENT_SERVER_H_
