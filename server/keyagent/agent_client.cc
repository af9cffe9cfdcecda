#include "server/keyagent/agent_client.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "vault/keyagent/agent_frame.h"

namespace limpid::server {
namespace {

constexpr absl::Duration kTellEvery = absl::Minutes(1);

absl::Duration Monotonic() { return base::SystemClock().Monotonic(); }

}  // namespace

class AgentClient::Place {
 public:
  explicit Place(AgentClient& client)
      : client_(client), entered_(client.Enter()) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    if (entered_) client_.Leave();
  }
  [[nodiscard]] bool entered() const { return entered_; }

 private:
  AgentClient& client_;
  const bool entered_;
};

AgentClient::AgentClient(std::filesystem::path socket,
                         const crypto::X25519PublicKey& key, AgentNotice notice)
    : path_(std::move(socket)), key_(key), notice_(std::move(notice)) {}

absl::StatusOr<std::vector<base::SecretBytes>> AgentClient::Open(
    const vault::DekAuthority& authority,
    std::span<const base::ByteView> boxes) {
  if (boxes.empty() || boxes.size() > vault::kMaxBoxes) {
    return absl::InvalidArgumentError("a request has 1 to 64 boxes");
  }
  const Place place(*this);
  if (!place.entered()) {
    return absl::UnavailableError(
        "more is asked of the vault's key agent at once than it answers; "
        "nothing was opened: try again later");
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
  const Place place(*this);
  if (!place.entered()) {
    return absl::UnavailableError("the key agent is in use: try again later");
  }
  auto connected = Connect();
  LIMPID_RETURN_IF_ERROR(connected.status());
  Keep(*std::move(connected));
  return absl::OkStatus();
}

bool AgentClient::Enter() {
  const absl::Duration end = Monotonic() + kPatience;
  const base::MutexLock lock(mutex_);
  while (places_ >= vault::kMaxAgentConnections) {
    const absl::Duration left = end - Monotonic();
    if (left <= absl::ZeroDuration()) return false;
    (void)left_.WaitFor(mutex_, left);
  }
  ++places_;
  return true;
}

void AgentClient::Leave() {
  {
    const base::MutexLock lock(mutex_);
    --places_;
  }
  left_.NotifyOne();
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
  // The place of this call is free in a moment: one that Check made may be one
  // too many.
  if (kept_.size() + places_ > vault::kMaxAgentConnections) return;
  kept_.push_back(std::move(socket));
}

void AgentClient::Note(const absl::Status& reached) {
  {
    const base::MutexLock lock(mutex_);
    if (lost_ == !reached.ok()) return;
    if (!reached.ok()) {
      // One that comes and goes is not a line for each call.
      const absl::Duration now = Monotonic();
      if (now < told_ + kTellEvery) return;
      told_ = now;
    }
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
