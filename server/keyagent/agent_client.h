// The vault's way to its key agent over a Unix socket. Several calls at once
// each have a connection, which is kept for the next; calls beyond
// kMaxAgentConnections wait for one. A lost agent opens nothing.
// docs/formats/key-agent.md

#ifndef LIMPID_SERVER_KEYAGENT_AGENT_CLIENT_H_
#define LIMPID_SERVER_KEYAGENT_AGENT_CLIENT_H_

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "common/crypto/x25519.h"
#include "server/keyagent/unix_socket.h"
#include "vault/keyagent/dek_agent.h"

namespace limpid::server {

// Takes one sentence for the operator: when the agent is lost, at most once a
// minute, and when it is there again after that was said.
using AgentNotice = std::function<void(std::string_view)>;

// Thread-safe.
class AgentClient final : public vault::DekAgent {
 public:
  // One answer, and the wait for a connection before it. A release has two
  // seconds in all, and an agent in order needs a millisecond.
  static constexpr absl::Duration kPatience = absl::Seconds(1);

  // `key` is the agent's: an agent with another one is not asked.
  AgentClient(std::filesystem::path socket, const crypto::X25519PublicKey& key,
              AgentNotice notice);

  [[nodiscard]] const crypto::X25519PublicKey& key() const override {
    return key_;
  }
  absl::StatusOr<std::vector<base::SecretBytes>> Open(
      const vault::DekAuthority& authority,
      std::span<const base::ByteView> boxes) override;

  // Errors:
  //   kFailedPrecondition  another agent answers there.
  //   kUnavailable         none does.
  absl::Status Check();

 private:
  // One of the kMaxAgentConnections, while it lives.
  class Place;

  // Whether there was a place within kPatience.
  bool Enter();
  void Leave();
  absl::StatusOr<UnixSocket> Connect() const;
  // A connection from before, or a new one. With a place, as what follows.
  absl::StatusOr<UnixSocket> Take(bool& is_new);
  void Keep(UnixSocket socket);
  absl::StatusOr<base::Bytes> Ask(base::ByteView request);
  void Note(const absl::Status& reached);

  const std::filesystem::path path_;
  const crypto::X25519PublicKey key_;
  const AgentNotice notice_;
  base::Mutex mutex_;
  base::ConditionVariable left_;
  std::size_t places_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<UnixSocket> kept_ ABSL_GUARDED_BY(mutex_);
  // Whether it was said last that the agent is lost, and when that was.
  bool lost_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration told_ ABSL_GUARDED_BY(mutex_) = -absl::InfiniteDuration();
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_KEYAGENT_AGENT_CLIENT_H_
