#include "server/keyagent/agent_client.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "vault/keyagent/agent_frame.h"

namespace limpid::server {

AgentClient::AgentClient(std::filesystem::path socket,
                         const crypto::X25519PublicKey& key, AgentNotice notice)
    : path_(std::move(socket)), key_(key), notice_(std::move(notice)) {}

absl::StatusOr<std::vector<base::SecretBytes>> AgentClient::Open(
    const vault::DekAuthority& authority,
    std::span<const base::ByteView> boxes) {
  if (boxes.empty() || boxes.size() > vault::kMaxBoxes) {
    return absl::InvalidArgumentError("a request has 1 to 64 boxes");
  }
  base::Bytes request = vault::EncodeAgentRequest(authority, boxes);
  auto body = Ask(request);
  base::Wipe(request);
  Note(body.status());
  if (!body.ok()) {
    // The place is the operator's to know: Note says it.
    return absl::UnavailableError(
        "the vault's key agent does not answer; nothing was opened");
  }
  auto opened = vault::DecodeAgentAnswer(*body, boxes.size());
  base::Wipe(*body);
  return opened;
}

absl::Status AgentClient::Check() {
  auto connected = Connect();
  LIMPID_RETURN_IF_ERROR(connected.status());
  Keep(*std::move(connected));
  return absl::OkStatus();
}

absl::StatusOr<base::Bytes> AgentClient::Ask(base::ByteView request) {
  while (true) {
    bool is_new = false;
    LIMPID_ASSIGN_OR_RETURN(UnixSocket socket, Take(is_new));
    absl::Status sent = socket.Send(request, kPatience);
    absl::StatusOr<base::Bytes> answer =
        sent.ok()
            ? socket.Receive(vault::kMaxAgentFrameBytes, kPatience, kPatience)
            : absl::StatusOr<base::Bytes>(std::move(sent));
    if (answer.ok()) {
      Keep(std::move(socket));
      return answer;
    }
    // One that was kept may be of an agent that has gone since. Asking twice
    // opens nothing twice: a permit's line is used up by its answer.
    if (is_new || absl::IsDeadlineExceeded(answer.status())) return answer;
  }
}

absl::StatusOr<UnixSocket> AgentClient::Connect() const {
  LIMPID_ASSIGN_OR_RETURN(UnixSocket socket, UnixSocket::Connect(path_));
  LIMPID_ASSIGN_OR_RETURN(
      const base::Bytes hello,
      socket.Receive(vault::kMaxAgentFrameBytes, kPatience, kPatience));
  const auto key = vault::DecodeAgentHello(hello);
  if (!key.ok() || *key != key_) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the key agent at ", path_.string(),
        " has another key than vault.key_agent_key: no value would open"));
  }
  return socket;
}

absl::StatusOr<UnixSocket> AgentClient::Take(bool& is_new) {
  {
    const base::MutexLock lock(mutex_);
    if (!kept_.empty()) {
      UnixSocket socket = std::move(kept_.back());
      kept_.pop_back();
      is_new = false;
      return socket;
    }
  }
  is_new = true;
  return Connect();
}

void AgentClient::Keep(UnixSocket socket) {
  const base::MutexLock lock(mutex_);
  if (kept_.size() < kKept) kept_.push_back(std::move(socket));
}

void AgentClient::Note(const absl::Status& reached) {
  {
    const base::MutexLock lock(mutex_);
    if (lost_ == !reached.ok()) return;
    lost_ = !reached.ok();
  }
  if (notice_ == nullptr) return;
  notice_(reached.ok()
              ? "the key agent answers again"
              : absl::StrCat("the key agent does not answer, so that no value "
                             "is opened: ",
                             reached.message()));
}

}  // namespace limpid::server
