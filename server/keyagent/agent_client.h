// The vault's way to its key agent over a Unix socket. Several calls at once
// each have a connection, which is kept for the next. A lost agent opens
// nothing. docs/formats/key-agent.md

#ifndef LIMPID_SERVER_KEYAGENT_AGENT_CLIENT_H_
#define LIMPID_SERVER_KEYAGENT_AGENT_CLIENT_H_

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

// Takes one sentence for the operator: when the agent is lost, and when it is
// there again.
using AgentNotice = std::function<void(std::string_view)>;

// Thread-safe.
class AgentClient final : public vault::DekAgent {
 public:
  // One answer. A release has two seconds in all, and an agent in order needs
  // a millisecond.
  static constexpr absl::Duration kPatience = absl::Seconds(1);
  // Connections that are kept when nobody uses them.
  static constexpr std::size_t kKept = 8;

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
  absl::StatusOr<UnixSocket> Connect() const;
  // A connection from before, or a new one.
  absl::StatusOr<UnixSocket> Take(bool& is_new);
  void Keep(UnixSocket socket);
  absl::StatusOr<base::Bytes> Ask(base::ByteView request);
  void Note(const absl::Status& reached);

  const std::filesystem::path path_;
  const crypto::X25519PublicKey key_;
  const AgentNotice notice_;
  base::Mutex mutex_;
  std::vector<UnixSocket> kept_ ABSL_GUARDED_BY(mutex_);
  bool lost_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_KEYAGENT_AGENT_CLIENT_H_
