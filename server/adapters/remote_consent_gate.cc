#include "server/adapters/remote_consent_gate.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/base/id.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/receipt/batch.h"
#include "common/receipt/permit.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/client_callback.h"
#include "limpid/consent/v1/decision_service.grpc.pb.h"
#include "vault/gate/fences.h"
#include "vault/gate/release_permit.h"

namespace limpid::server {
namespace {

namespace v1 = limpid::consent::v1;

// Well below what the stream's other end lets wait (rpc::kStreamQueueLimit): a
// burst of answers must not end it.
constexpr std::size_t kMaxWaiting = 512;
constexpr absl::Duration kPatience = absl::Seconds(5);
constexpr absl::Duration kSweep = absl::Milliseconds(500);
constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Seconds(2);

absl::Status Unreachable() {
  return absl::UnavailableError(
      "consent cannot be reached; nothing is released");
}

v1::AuthorizeRequest ToProto(const vault::ReleaseRequest& request) {
  v1::AuthorizeRequest out;
  out.set_service_spki_thumbprint(base::ToText(request.caller_thumbprint));
  out.set_record_id(request.fields.record);
  out.set_purpose(request.fields.purpose);
  for (const std::string& attribute : request.fields.attributes) {
    out.add_attributes(attribute);
  }
  if (!request.fields.system.empty() || !request.fields.snapshot.empty()) {
    out.mutable_training()->set_system_id(request.fields.system);
    out.mutable_training()->set_snapshot_id(request.fields.snapshot);
  }
  out.set_source_nonce(base::ToText(request.vault_nonce));
  out.set_request_hash(base::ToText(request.request_hash));
  return out;
}

}  // namespace

// What waits, what is to be written, and the stream that carries it.
class RemoteConsentGate::Link final
    : public std::enable_shared_from_this<Link> {
 public:
  explicit Link(const base::Clock& the_clock)
      : clock(the_clock), fences(the_clock) {}

  void Ask(const vault::ReleaseRequest& request,
           vault::DecisionCallback callback);
  void QueueClose(const std::string& access, vault::Closing closing);
  void Write(v1::ConnectRequest message) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  void Pump() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  // From the stream.
  void Written();
  void Heard(const v1::ConnectResponse& message);
  // In this order: nobody uses the stream any more when it returns, which may
  // be said twice of one; it is gone.
  void Detach();
  void Lost();
  // Ends questions that are too old.
  void Sweep();
  void FailAll(const absl::Status& why);

  const base::Clock& clock;
  vault::Fences fences;
  base::Mutex mutex;
  base::ConditionVariable changed;
  // Null while there is none that can be used.
  Stream* stream ABSL_GUARDED_BY(mutex) = nullptr;
  // There is one, or what it leaves is still being cleared away.
  bool busy ABSL_GUARDED_BY(mutex) = false;
  bool stopping ABSL_GUARDED_BY(mutex) = false;

 private:
  struct Waiting {
    vault::DecisionCallback callback;
    absl::Duration until;
  };

  absl::StatusOr<vault::Decision> Read(const v1::AuthorizeResponse& response);

  std::map<std::uint64_t, Waiting> waiting_ ABSL_GUARDED_BY(mutex);
  std::uint64_t last_number_ ABSL_GUARDED_BY(mutex) = 0;
  std::deque<v1::ConnectRequest> queue_ ABSL_GUARDED_BY(mutex);
  bool writing_ ABSL_GUARDED_BY(mutex) = false;
};

// One call; deletes itself when gRPC has done with it.
class RemoteConsentGate::Stream final
    : public grpc::ClientBidiReactor<v1::ConnectRequest, v1::ConnectResponse> {
 public:
  Stream(std::shared_ptr<Link> link,
         const std::shared_ptr<grpc::Channel>& channel)
      : link_(std::move(link)), stub_(v1::DecisionService::NewStub(channel)) {}

  void Begin() {
    stub_->async()->Connect(&context_, this);
    // Invariant: gRPC keeps the call while `link_->stream` is this. It frees a
    // call whose operations are over before it says so in OnDone, and writes
    // begin on threads of which it knows nothing.
    AddHold();
    StartRead(&heard_);
    StartCall();
  }
  void Send(v1::ConnectRequest message) {
    said_ = std::move(message);
    StartWrite(&said_);
  }
  void Cancel() { context_.TryCancel(); }

  void OnReadDone(bool ok) override {
    if (!ok) return LetGo();
    link_->Heard(heard_);
    StartRead(&heard_);
  }
  void OnWriteDone(bool ok) override {
    // Nothing that follows would arrive: whoever asks is refused at once, and
    // the reads end too.
    if (!ok) {
      link_->Detach();
      context_.TryCancel();
    }
    link_->Written();
  }
  void OnDone(const grpc::Status& /*status*/) override {
    // Gone before anybody is told: the gate lets go of the channel then, and
    // gRPC 1.51 frees its queue twice when a thread of its own lets go last.
    const std::shared_ptr<Link> link = std::move(link_);
    delete this;
    link->Lost();
  }

 private:
  // Once: a read is always under way until one fails, and none follows that.
  void LetGo() {
    link_->Detach();
    // A message that cannot be read fails the read and not the call.
    context_.TryCancel();
    RemoveHold();
  }

  std::shared_ptr<Link> link_;
  std::unique_ptr<v1::DecisionService::Stub> stub_;
  grpc::ClientContext context_;
  v1::ConnectRequest said_;
  v1::ConnectResponse heard_;
};

// A permit as this process holds it: dead by fence, by the loss of the stream,
// or by its lease, which the reader watches.
class RemoteConsentGate::Hold final : public vault::PermitHold {
 public:
  Hold(std::shared_ptr<Link> link, std::unique_ptr<vault::PermitHold> fenced,
       std::string access)
      : link_(std::move(link)),
        fenced_(std::move(fenced)),
        access_(std::move(access)) {}

  bool HandOverIfLive(absl::FunctionRef<void()> hand_over) override {
    return fenced_->HandOverIfLive(hand_over);
  }
  void Close(vault::Closing closing) override {
    fenced_->Close(closing);
    link_->QueueClose(access_, closing);
  }

 private:
  std::shared_ptr<Link> link_;
  std::unique_ptr<vault::PermitHold> fenced_;
  const std::string access_;
};

void RemoteConsentGate::Link::Ask(const vault::ReleaseRequest& request,
                                  vault::DecisionCallback callback) {
  absl::Status refused = Unreachable();
  {
    const base::MutexLock lock(mutex);
    if (stream != nullptr && waiting_.size() < kMaxWaiting) {
      v1::ConnectRequest message;
      message.mutable_question()->set_number(++last_number_);
      *message.mutable_question()->mutable_request() = ToProto(request);
      waiting_[last_number_] = {std::move(callback),
                                clock.Monotonic() + kPatience};
      Write(std::move(message));
      return;
    }
    if (stream != nullptr) {
      refused = absl::ResourceExhaustedError("too many reads wait for consent");
    }
  }
  callback(refused);
}

void RemoteConsentGate::Link::QueueClose(const std::string& access,
                                         vault::Closing closing) {
  v1::ConnectRequest message;
  message.mutable_close()->set_access_id(access);
  message.mutable_close()->set_sent(closing == vault::Closing::kSent ||
                                    closing == vault::Closing::kPartial);
  // The same numbers on both sides.
  message.mutable_close()->set_outcome(static_cast<v1::AccessOutcome>(closing));
  const base::MutexLock lock(mutex);
  // Without a stream the lease closes it over there.
  if (stream != nullptr) Write(std::move(message));
}

void RemoteConsentGate::Link::Write(v1::ConnectRequest message) {
  queue_.push_back(std::move(message));
  Pump();
}

void RemoteConsentGate::Link::Pump() {
  if (writing_ || queue_.empty() || stream == nullptr) return;
  writing_ = true;
  v1::ConnectRequest next = std::move(queue_.front());
  queue_.pop_front();
  stream->Send(std::move(next));
}

void RemoteConsentGate::Link::Written() {
  const base::MutexLock lock(mutex);
  writing_ = false;
  Pump();
}

void RemoteConsentGate::Link::Heard(const v1::ConnectResponse& message) {
  if (message.has_fence()) {
    fences.Raise(message.fence().record_id(), message.fence().revision());
    return;
  }
  if (!message.has_answer()) return;
  vault::DecisionCallback callback;
  {
    const base::MutexLock lock(mutex);
    const auto at = waiting_.find(message.answer().number());
    if (at == waiting_.end()) return;
    callback = std::move(at->second.callback);
    waiting_.erase(at);
  }
  if (message.answer().has_response()) {
    return callback(Read(message.answer().response()));
  }
  const v1::Failure& failure = message.answer().failure();
  const auto code = static_cast<absl::StatusCode>(failure.code());
  callback(code == absl::StatusCode::kOk
               ? Unreachable()
               : absl::Status(code, failure.message()));
}

absl::StatusOr<vault::Decision> RemoteConsentGate::Link::Read(
    const v1::AuthorizeResponse& response) {
  vault::Decision out;
  out.access_id = response.access_id();
  out.access_promise = base::ToBytes(base::AsBytes(response.access_promise()));
  for (const v1::Outcome& outcome : response.outcomes()) {
    if (outcome.allowed()) continue;
    out.refused.push_back(
        {outcome.attribute(), static_cast<receipt::Reason>(outcome.reason())});
  }
  if (response.permit().empty()) return out;
  vault::SignedPermit permit;
  permit.item = base::ToBytes(base::AsBytes(response.permit()));
  LIMPID_ASSIGN_OR_RETURN(
      permit.proof,
      receipt::BatchProof::Decode(base::AsBytes(response.batch_proof())));
  LIMPID_ASSIGN_OR_RETURN(const receipt::Permit said,
                          receipt::Permit::Decode(permit.item));
  out.permit.emplace(MakePermit(
      std::move(permit),
      std::make_unique<Hold>(
          shared_from_this(),
          fences.Open(base::FormatIdText("rec", said.record), said.revision),
          out.access_id)));
  return out;
}

void RemoteConsentGate::Link::Detach() {
  const base::MutexLock lock(mutex);
  stream = nullptr;
  writing_ = false;
  queue_.clear();
}

void RemoteConsentGate::Link::Lost() {
  // Fences may have been missed.
  fences.KillAll();
  FailAll(Unreachable());
  // Only now may the next one begin: what it brings is not to be cleared away.
  const base::MutexLock lock(mutex);
  busy = false;
  changed.NotifyAll();
}

void RemoteConsentGate::Link::Sweep() {
  std::vector<vault::DecisionCallback> late;
  {
    const base::MutexLock lock(mutex);
    const absl::Duration now = clock.Monotonic();
    // Numbers and times grow together.
    while (!waiting_.empty() && waiting_.begin()->second.until <= now) {
      late.push_back(std::move(waiting_.begin()->second.callback));
      waiting_.erase(waiting_.begin());
    }
  }
  for (auto& callback : late) callback(Unreachable());
}

void RemoteConsentGate::Link::FailAll(const absl::Status& why) {
  std::map<std::uint64_t, Waiting> lost;
  {
    const base::MutexLock lock(mutex);
    lost.swap(waiting_);
  }
  for (auto& [number, waiting] : lost) waiting.callback(why);
}

absl::StatusOr<std::unique_ptr<RemoteConsentGate>> RemoteConsentGate::Make(
    const rpc::ChannelOptions& options, const base::Clock& clock,
    LinkTeller tell) {
  LIMPID_ASSIGN_OR_RETURN(auto channel, rpc::MakeChannel(options));
  std::unique_ptr<RemoteConsentGate> out(
      new RemoteConsentGate(std::move(channel), clock, std::move(tell)));
  out->thread_ = std::thread([gate = out.get()] { gate->KeepConnected(); });
  return out;
}

RemoteConsentGate::RemoteConsentGate(std::shared_ptr<grpc::Channel> channel,
                                     const base::Clock& clock, LinkTeller tell)
    : channel_(std::move(channel)),
      link_(std::make_shared<Link>(clock)),
      watch_(clock, std::move(tell)) {}

RemoteConsentGate::~RemoteConsentGate() { Stop(); }

void RemoteConsentGate::Stop() {
  cohorts_.Stop();
  {
    const base::MutexLock lock(link_->mutex);
    link_->stopping = true;
    if (link_->stream != nullptr) link_->stream->Cancel();
    link_->changed.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void RemoteConsentGate::KeepStream() {
  Link& link = *link_;
  for (bool up = true; up;) {
    link.Sweep();
    bool usable = false;
    {
      const base::MutexLock lock(link.mutex);
      if (link.busy) (void)link.changed.WaitFor(link.mutex, kSweep);
      up = link.busy;
      usable = link.stream != nullptr;
    }
    watch_.See(usable);
  }
}

void RemoteConsentGate::KeepConnected() {
  Link& link = *link_;
  absl::Duration pause = kFirstPause;
  for (;;) {
    // Questions are asked of a server that is there; until then they are
    // refused at once.
    const bool reached = rpc::WaitForConnection(*channel_, kSweep);
    const absl::Duration began = link.clock.Monotonic();
    if (reached) {
      {
        const base::MutexLock lock(link.mutex);
        if (link.stopping) return;
        link.busy = true;
        link.stream = new Stream(link_, channel_);
        link.stream->Begin();
      }
      KeepStream();
    }
    watch_.See(/*there=*/false);
    const bool lasted = link.clock.Monotonic() - began > kLongestPause;
    pause =
        reached && lasted ? kFirstPause : std::min(2 * pause, kLongestPause);
    const base::MutexLock lock(link.mutex);
    if (link.stopping) return;
    (void)link.changed.WaitFor(link.mutex, pause);
    if (link.stopping) return;
  }
}

void RemoteConsentGate::Authorize(vault::ReleaseRequest request,
                                  vault::DecisionCallback callback) {
  link_->Ask(request, std::move(callback));
}

void RemoteConsentGate::AuthorizeCohort(vault::CohortQuestion question,
                                        vault::CohortCallback callback) {
  cohorts_.Ask(channel_, question,
               [callback = std::move(callback)](
                   absl::StatusOr<std::optional<CohortParts>> parts) mutable {
                 if (!parts.ok()) return callback(parts.status());
                 vault::Cohort out;
                 if (*parts) {
                   out.permit.emplace(MakeCohort(std::move((*parts)->item),
                                                 std::move((*parts)->proof),
                                                 std::move((*parts)->members)));
                 }
                 callback(std::move(out));
               });
}

bool RemoteConsentGate::connected() const {
  const base::MutexLock lock(link_->mutex);
  return link_->stream != nullptr;
}

}  // namespace limpid::server
