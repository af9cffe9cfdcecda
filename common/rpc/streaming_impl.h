// The reactor behind ServerStream. Included by streaming.h and duplex.h only.

#ifndef LIMPID_COMMON_RPC_STREAMING_IMPL_H_
#define LIMPID_COMMON_RPC_STREAMING_IMPL_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/live_context.h"
#include "common/rpc/request_memory.h"
#include "common/rpc/streaming.h"

namespace limpid::rpc::internal {

// Shared by the reactor, which gRPC owns, and the producer, which may outlive
// it. Invariant: reactor_ is used under mutex_ and is null after OnDone; at
// most one write is in flight; Finish is called once and never during a write.
template <typename Response,
          typename Reactor = grpc::ServerWriteReactor<Response>>
class StreamCore final
    : public StreamWriter<Response>,
      public std::enable_shared_from_this<StreamCore<Response, Reactor>> {
 public:
  // Both live until Done.
  StreamCore(Reactor* reactor, grpc::CallbackServerContext* context)
      : context_(context), reactor_(reactor) {}

  bool Write(Response message) override {
    const base::MutexLock lock(mutex_);
    if (ending_) return false;
    if (queue_.size() >= kStreamQueueLimit) {
      queue_.clear();
      End(absl::ResourceExhaustedError(
          "the stream was read too slowly; resume from the last cursor"));
      return false;
    }
    queue_.push_back(std::move(message));
    Pump();
    return true;
  }

  bool WriteAll(std::vector<Response> messages) override {
    const base::MutexLock lock(mutex_);
    if (ending_) return false;
    for (Response& message : messages) queue_.push_back(std::move(message));
    complete_ = true;
    End(absl::OkStatus());
    return true;
  }

  void Finish(const absl::Status& status) override {
    const base::MutexLock lock(mutex_);
    End(status);
  }

  [[nodiscard]] bool open() const override {
    const base::MutexLock lock(mutex_);
    return !ending_;
  }

  void OnClosed(std::function<void()> hook) override {
    {
      const base::MutexLock lock(mutex_);
      if (!done_) {
        hook_ = std::move(hook);
        return;
      }
    }
    hook();
  }

  // The start function has returned: nobody reads the request any more, so
  // that the call may end.
  void Started() {
    const base::MutexLock lock(mutex_);
    starting_ = false;
    Pump();
  }
  // Looks after the reader every stream_stall; false when it need not be called
  // again. Not from inside another call of this object.
  bool Look(absl::Duration now, absl::Duration answer_time) {
    {
      const base::MutexLock lock(mutex_);
      if (finished_ || reactor_ == nullptr) return false;
      if (complete_ && !complete_at_) complete_at_ = now;
      const bool stalled = writing_ && seen_writing_ && seen_ == sent_;
      const bool late = complete_at_ && now - *complete_at_ > answer_time;
      seen_ = sent_;
      seen_writing_ = writing_;
      if (!stalled && !late) return true;
      queue_.clear();
      ending_ = true;
      status_ = absl::ResourceExhaustedError(
          "the stream was not read; resume from the last cursor");
    }
    context_.Cancel();
    return false;
  }
  // Of the timer that looks.
  std::atomic<std::uint64_t> timer = 0;
  // From the reactor.
  void WriteDone(bool sent) {
    const base::MutexLock lock(mutex_);
    writing_ = false;
    ++sent_;
    if (!sent) {
      queue_.clear();
      End(absl::CancelledError("the client went away"));
    }
    Pump();
  }
  void Cancelled() {
    const base::MutexLock lock(mutex_);
    queue_.clear();
    End(absl::CancelledError("the client went away"));
  }
  // Returns the status the stream ended with.
  absl::Status Done() {
    context_.Over();
    std::function<void()> hook;
    absl::Status status;
    {
      const base::MutexLock lock(mutex_);
      ending_ = done_ = true;
      reactor_ = nullptr;
      hook = std::move(hook_);
      status = status_;
    }
    if (hook) hook();
    return status;
  }

 private:
  void End(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (ending_) return;
    ending_ = true;
    status_ = status;
    Pump();
  }
  void Pump() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (starting_ || writing_ || finished_) return;
    if (reactor_ == nullptr) return;
    if (!queue_.empty()) {
      writing_ = true;
      current_ = std::move(queue_.front());
      queue_.pop_front();
      reactor_->StartWrite(&current_);
      return;
    }
    if (!ending_) return;
    finished_ = true;
    reactor_->Finish(ToGrpc(status_));
  }

  // Used without holding mutex_, which its callbacks take.
  LiveContext context_;

  mutable base::Mutex mutex_;
  Reactor* reactor_ ABSL_GUARDED_BY(mutex_);
  std::deque<Response> queue_ ABSL_GUARDED_BY(mutex_);
  Response current_ ABSL_GUARDED_BY(mutex_);
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> hook_ ABSL_GUARDED_BY(mutex_);
  // Writes that ended; how many of them the last look saw, and whether one was
  // in flight then.
  std::uint64_t sent_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint64_t seen_ ABSL_GUARDED_BY(mutex_) = 0;
  bool seen_writing_ ABSL_GUARDED_BY(mutex_) = false;
  // All of the answer is in the queue, since about then.
  bool complete_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Duration> complete_at_ ABSL_GUARDED_BY(mutex_);
  bool starting_ ABSL_GUARDED_BY(mutex_) = true;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
};

// Has `core` look after its reader until the stream is over.
template <typename Core>
void LookAfter(Runtime& runtime, const std::weak_ptr<Core>& weak) {
  const auto core = weak.lock();
  if (core == nullptr) return;
  core->timer = runtime.RunAt(
      runtime.clock().Monotonic() + runtime.options().stream_stall,
      [&runtime, weak] {
        const auto looked = weak.lock();
        if (looked != nullptr && looked->Look(runtime.clock().Monotonic(),
                                              runtime.options().answer_time)) {
          LookAfter(runtime, weak);
        }
      });
}

// Owned by gRPC from the moment it is returned to the moment of OnDone.
template <typename Response>
class StreamReactor final : public grpc::ServerWriteReactor<Response> {
 public:
  StreamReactor(const Edge& edge, grpc::CallbackServerContext* context,
                const char* method)
      : runtime_(edge.runtime),
        caller_(edge.runtime.ReadCaller(*context)),
        started_(edge.runtime.clock().Monotonic()),
        core_(std::make_shared<StreamCore<Response>>(this, context)) {
    caller_.method = std::string("/") + edge.service + "/" + method;
  }

  // Registers the ends that are not the client's: drain, lifetime, a reader
  // that does not read.
  void Guard() {
    const std::weak_ptr<StreamCore<Response>> weak = core_;
    const auto end = [weak] {
      if (const auto core = weak.lock()) {
        core->Finish(absl::UnavailableError(
            "the server ends this stream; resume from the last cursor"));
      }
    };
    drain_ = runtime_.OnDrain(end);
    timer_ = runtime_.RunAt(started_ + runtime_.options().stream_lifetime, end);
    LookAfter(runtime_, weak);
  }

  void OnWriteDone(bool sent) override { core_->WriteDone(sent); }
  void OnCancel() override { core_->Cancelled(); }
  void OnDone() override {
    runtime_.ForgetDrain(drain_);
    runtime_.CancelTimer(timer_);
    runtime_.CancelTimer(core_->timer);
    const absl::Status status = core_->Done();
    runtime_.Observe(caller_.method, status.code(), started_);
    delete this;
  }

  [[nodiscard]] const Caller& caller() const { return caller_; }
  [[nodiscard]] const std::shared_ptr<StreamCore<Response>>& core() const {
    return core_;
  }

 private:
  Runtime& runtime_;
  Caller caller_;
  absl::Duration started_;
  std::shared_ptr<StreamCore<Response>> core_;
  std::uint64_t drain_ = 0;
  std::uint64_t timer_ = 0;
};

}  // namespace limpid::rpc::internal

namespace limpid::rpc {

template <typename Response>
grpc::ServerWriteReactor<Response>* ServerStream(
    const Edge& edge, grpc::CallbackServerContext* context,
    std::function<absl::Status(const Caller&,
                               std::shared_ptr<StreamWriter<Response>>)>
        start,
    const char* method) {
  auto* const reactor =
      new internal::StreamReactor<Response>(edge, context, method);
  reactor->Guard();
  const auto core = reactor->core();
  if (const absl::Status fits = CheckRequestMemory(); !fits.ok()) {
    core->Finish(fits);
    core->Started();
    return reactor;
  }
  const bool queued =
      edge.runtime.Run([core, policy = edge.policy, caller = reactor->caller(),
                        start = std::move(start)]() mutable {
        absl::Status status = policy.Check(caller);
        if (status.ok() && core->open()) status = start(caller, core);
        if (!status.ok()) core->Finish(status);
        core->Started();
      });
  if (!queued) {
    core->Finish(absl::ResourceExhaustedError("too many calls; try later"));
    core->Started();
  }
  return reactor;
}

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_STREAMING_IMPL_H_
