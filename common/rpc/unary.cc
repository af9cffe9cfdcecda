#include "common/rpc/unary.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/detached.h"
#include "common/base/late_answer.h"
#include "common/base/mutex.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/live_context.h"
#include "common/rpc/request_memory.h"

namespace limpid::rpc {
namespace {

absl::Status OutOfTime() {
  return absl::DeadlineExceededError("the call ran out of time");
}

// How long the call may take: what the client left, capped; the default when it
// set nothing.
absl::Duration TimeLeft(const grpc::CallbackServerContext& context,
                        const RuntimeOptions& options) {
  const auto deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) {
    return options.default_deadline;
  }
  const absl::Duration left =
      absl::FromChrono(deadline - std::chrono::system_clock::now());
  // gRPC turns "no deadline" into a date far beyond any honest one.
  if (left > absl::Hours(24)) return options.default_deadline;
  return std::min(left, options.longest_deadline);
}

// One call, shared by gRPC's reactor, the timer and whoever completes it.
// Invariant: reactor_ is used under mutex_ until Finish, which is called once.
class CallState final : public PendingCall,
                        public std::enable_shared_from_this<CallState> {
 public:
  // `context` lives until Done.
  CallState(Runtime& runtime, Caller caller,
            grpc::CallbackServerContext* context, RequestHold request)
      : runtime_(runtime),
        caller_(std::move(caller)),
        started_(runtime.clock().Monotonic()),
        deadline_(started_ + TimeLeft(*context, runtime.options())),
        context_(context),
        request_(std::move(request)) {}

  [[nodiscard]] const Caller& caller() const override { return caller_; }
  [[nodiscard]] absl::Duration deadline() const override { return deadline_; }
  [[nodiscard]] bool open() const override {
    const base::MutexLock lock(mutex_);
    return phase_ != Phase::kAnswered && dropped_.ok();
  }
  bool Complete(absl::FunctionRef<absl::Status()> fill) override {
    const base::MutexLock lock(mutex_);
    if (phase_ == Phase::kAnswered || !dropped_.ok()) return false;
    if (runtime_.clock().Monotonic() >= deadline_) {
      // The timer is coarse; it answers, or Release does.
      dropped_ = OutOfTime();
      if (phase_ == Phase::kOpen) Answer(dropped_);
      return false;
    }
    Answer(fill());
    return true;
  }
  void OnDone(std::function<void(bool)> hook) override {
    bool sent = false;
    {
      const base::MutexLock lock(mutex_);
      if (!done_) {
        hook_ = std::move(hook);
        return;
      }
      sent = Sent();
    }
    hook(sent);
  }

  void Bind(grpc::ServerUnaryReactor* reactor) {
    const base::MutexLock lock(mutex_);
    reactor_ = reactor;
  }
  // From the start and from the timer, until Done: first for the deadline, then
  // for an answer that its client does not take.
  void Watch() {
    {
      const base::MutexLock lock(mutex_);
      if (done_) return;
      const absl::Duration now = runtime_.clock().Monotonic();
      const absl::Duration patience = runtime_.options().unary_answer_time;
      if (now >= deadline_) DropLocked(OutOfTime());
      absl::Duration next = now + patience;
      if (now < deadline_) next = deadline_;
      if (phase_ == Phase::kAnswered) next = answered_ + patience;
      if (now < next) {
        timer_ = runtime_.RunAt(next, [weak = weak_from_this()] {
          if (const auto call = weak.lock()) call->Watch();
        });
        return;
      }
    }
    // Its callbacks take the lock.
    context_.Cancel();
  }

  // The handler begins: until End, only its own answer ends the call, so that
  // request and response stay valid. False when the call is over already.
  bool Begin() {
    const base::MutexLock lock(mutex_);
    if (phase_ != Phase::kOpen) return false;
    if (runtime_.clock().Monotonic() >= deadline_) {
      Answer(OutOfTime());
      return false;
    }
    phase_ = Phase::kRunning;
    return true;
  }
  // The handler returned and answers with `status`; a drop meanwhile is too
  // late, what was done is done.
  void End(const absl::Status& status) {
    const base::MutexLock lock(mutex_);
    if (phase_ != Phase::kAnswered) Answer(status);
  }
  // The start function returned; a drop meanwhile takes effect now.
  void Release(const absl::Status& status) {
    const base::MutexLock lock(mutex_);
    if (phase_ == Phase::kAnswered) return;
    phase_ = Phase::kOpen;
    if (!status.ok()) {
      Answer(status);
    } else if (!dropped_.ok()) {
      Answer(dropped_);
    }
  }
  // From gRPC's OnCancel.
  void Cancelled() {
    const base::MutexLock lock(mutex_);
    cancelled_ = true;
    DropLocked(absl::CancelledError("the client went away"));
  }

  // From gRPC's OnDone: nothing more happens to the call.
  void Done() {
    context_.Over();
    std::function<void(bool)> hook;
    absl::StatusCode code = absl::StatusCode::kOk;
    bool sent = false;
    std::uint64_t timer = 0;
    {
      const base::MutexLock lock(mutex_);
      done_ = true;
      hook = std::move(hook_);
      code = status_.code();
      sent = Sent();
      timer = timer_;
    }
    runtime_.CancelTimer(timer);
    if (hook) hook(sent);
    runtime_.Observe(caller_.method, code, started_);
  }

  // Fills caller().person; before any other thread knows the call.
  absl::Status Check(const AuthPolicy& policy) { return policy.Check(caller_); }

 private:
  enum class Phase { kOpen, kRunning, kAnswered };

  [[nodiscard]] bool Sent() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return status_.ok() && !cancelled_;
  }
  void DropLocked(const absl::Status& why)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (dropped_.ok()) dropped_ = why;
    if (phase_ == Phase::kOpen) Answer(why);
  }
  void Answer(const absl::Status& status)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    phase_ = Phase::kAnswered;
    status_ = status;
    answered_ = runtime_.clock().Monotonic();
    request_.Release();
    reactor_->Finish(ToGrpc(status));
  }

  Runtime& runtime_;
  Caller caller_;
  const absl::Duration started_;
  const absl::Duration deadline_;
  // Used without holding mutex_.
  LiveContext context_;
  const RequestHold request_;
  mutable base::Mutex mutex_;
  grpc::ServerUnaryReactor* reactor_ ABSL_GUARDED_BY(mutex_) = nullptr;
  Phase phase_ ABSL_GUARDED_BY(mutex_) = Phase::kOpen;
  absl::Duration answered_ ABSL_GUARDED_BY(mutex_);
  absl::Status dropped_ ABSL_GUARDED_BY(mutex_);
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  std::uint64_t timer_ ABSL_GUARDED_BY(mutex_) = 0;
  std::function<void(bool)> hook_ ABSL_GUARDED_BY(mutex_);
};

// Owned by gRPC until OnDone.
class UnaryReactor final : public grpc::ServerUnaryReactor {
 public:
  explicit UnaryReactor(std::shared_ptr<CallState> state)
      : state_(std::move(state)) {
    state_->Bind(this);
  }
  void OnCancel() override { state_->Cancelled(); }
  void OnDone() override {
    state_->Done();
    delete this;
  }

 private:
  std::shared_ptr<CallState> state_;
};

struct Started {
  std::shared_ptr<CallState> state;
  grpc::ServerUnaryReactor* reactor;
  // Answered already when it is refused.
  bool refused;
};

Started StartCall(const Edge& edge, grpc::CallbackServerContext* context,
                  const char* method) {
  Caller caller = edge.runtime.ReadCaller(*context);
  caller.method = absl::StrCat("/", edge.service, "/", method);
  const absl::StatusOr<RequestHold> request = TakeRequest();
  auto state =
      std::make_shared<CallState>(edge.runtime, std::move(caller), context,
                                  request.ok() ? *request : RequestHold());
  auto* const reactor = new UnaryReactor(state);
  if (!request.ok()) state->End(request.status());
  state->Watch();
  return {std::move(state), reactor, !request.ok()};
}

// Before the call ends: its context lives until then.
void Stamp(const AuthPolicy& policy, const Caller& caller,
           grpc::CallbackServerContext& context) {
  if (policy.stamp() == nullptr || caller.person.empty()) return;
  const base::Bytes stamp = policy.stamp()->For(caller);
  if (stamp.empty()) return;
  context.AddTrailingMetadata(std::string(kAnswerStampKey),
                              base::ToText(stamp));
}

absl::Status Busy() {
  return absl::ResourceExhaustedError("too many calls at once; try later");
}

}  // namespace

grpc::ServerUnaryReactor* Unary(
    const Edge& edge, grpc::CallbackServerContext* context,
    std::function<absl::Status(const Caller&)> handler, const char* method) {
  const Started call = StartCall(edge, context, method);
  if (call.refused) return call.reactor;
  const bool queued =
      edge.runtime.Run([state = call.state, policy = edge.policy,
                        handler = std::move(handler), context] {
        if (!state->Begin()) return;
        const auto late = std::make_shared<base::LateAnswer>();
        absl::Status status = state->Check(policy);
        if (status.ok()) {
          const base::LateAnswer::Scope scope(late);
          status = handler(state->caller());
        }
        Stamp(policy, state->caller(), *context);
        // On another thread, perhaps.
        late->Give(
            [state, status = base::Detached(status)](const absl::Status& held) {
              state->End(status.ok() ? held : status);
            });
      });
  if (!queued) call.state->End(Busy());
  return call.reactor;
}

grpc::ServerUnaryReactor* AsyncUnary(
    const Edge& edge, grpc::CallbackServerContext* context,
    std::function<absl::Status(const std::shared_ptr<PendingCall>&)> start,
    const char* method) {
  const Started call = StartCall(edge, context, method);
  if (call.refused) return call.reactor;
  auto run = [state = call.state, policy = edge.policy,
              start = std::move(start)] {
    if (!state->Begin()) return;
    absl::Status status = state->Check(policy);
    if (status.ok()) status = start(state);
    state->Release(status);
  };
  if (!edge.policy.may_block()) {
    run();
  } else if (!edge.runtime.Run(std::move(run))) {
    call.state->End(Busy());
  }
  return call.reactor;
}

}  // namespace limpid::rpc
