#include "server/keyagent/agent_server.h"

#include <iterator>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "vault/keyagent/agent_frame.h"

namespace limpid::server {
namespace {

constexpr absl::Duration kTellEvery = absl::Minutes(1);
// When the system has nothing left for one more connection.
constexpr absl::Duration kPause = absl::Milliseconds(100);

base::Bytes AnswerTo(vault::DekAgent& agent, base::ByteView body) {
  const auto request = vault::DecodeAgentRequest(body);
  if (!request.ok()) return vault::EncodeAgentAnswer(request.status());
  return vault::EncodeAgentAnswer(
      agent.Open(request->authority(), request->boxes));
}

}  // namespace

absl::StatusOr<std::unique_ptr<AgentServer>> AgentServer::Listen(
    const std::filesystem::path& socket, uid_t allowed, vault::DekAgent& agent,
    AgentLog log) {
  LIMPID_ASSIGN_OR_RETURN(UnixSocket listener, UnixSocket::Listen(socket));
  return std::unique_ptr<AgentServer>(
      new AgentServer(std::move(listener), allowed, agent, std::move(log)));
}

AgentServer::~AgentServer() {
  listener_.Shutdown();
  if (accepting_.joinable()) accepting_.join();
  std::vector<std::thread> threads;
  {
    const base::MutexLock lock(mutex_);
    for (Connection& one : connections_) {
      one.socket.Shutdown();
      threads.push_back(std::move(one.thread));
    }
  }
  // Without the lock, which each takes at its end.
  for (std::thread& thread : threads) thread.join();
}

void AgentServer::Run() {
  accepting_ = std::thread([this] { AcceptAll(); });
}

void AgentServer::AcceptAll() {
  while (true) {
    auto caller = listener_.Accept();
    if (absl::IsCancelled(caller.status())) return;
    if (!caller.ok()) {
      absl::SleepFor(kPause);
      continue;
    }
    const auto uid = caller->PeerUid();
    if (!uid.ok() || *uid != allowed_) {
      // Closed without a word: it is told nothing, not even whose key this is.
      TellStranger();
      continue;
    }
    Reap();
    Add(*std::move(caller));
  }
}

void AgentServer::Add(UnixSocket caller) {
  const base::MutexLock lock(mutex_);
  if (connections_.size() >= kMaxConnections) return;
  Connection& one = connections_.emplace_back(
      Connection{std::move(caller), std::thread(), false});
  one.thread = std::thread([this, &one] {
    Serve(one.socket);
    // Closed when it is reaped, which may be long after.
    one.socket.Shutdown();
    const base::MutexLock ended(mutex_);
    one.done = true;
  });
}

void AgentServer::Serve(const UnixSocket& socket) {
  if (!socket.Send(vault::EncodeAgentHello(agent_.key()), kPatience).ok()) {
    return;
  }
  while (true) {
    auto body = socket.Receive(vault::kMaxAgentFrameBytes,
                               absl::InfiniteDuration(), kPatience);
    if (!body.ok()) return;
    base::Bytes answer = AnswerTo(agent_, *body);
    // Tokens of persons.
    base::Wipe(*body);
    const absl::Status sent = socket.Send(answer, kPatience);
    base::Wipe(answer);
    if (!sent.ok()) return;
  }
}

void AgentServer::Reap() {
  std::list<Connection> ended;
  {
    const base::MutexLock lock(mutex_);
    for (auto at = connections_.begin(); at != connections_.end();) {
      const auto next = std::next(at);
      if (at->done) ended.splice(ended.end(), connections_, at);
      at = next;
    }
  }
  for (Connection& one : ended) one.thread.join();
}

void AgentServer::TellStranger() {
  const absl::Duration now = base::SystemClock().Monotonic();
  if (now < told_ + kTellEvery) return;
  told_ = now;
  log_("a process of another user than vault_uid asked, and was refused");
}

}  // namespace limpid::server
