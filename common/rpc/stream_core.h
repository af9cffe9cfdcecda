// What a stream's producer writes to, and gRPC reads from. Included by
// streaming_impl.h only.

#ifndef LIMPID_COMMON_RPC_STREAM_CORE_H_
#define LIMPID_COMMON_RPC_STREAM_CORE_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/live_context.h"
#include "common/rpc/runtime.h"
#include "common/rpc/stream_writer.h"
#include "grpcpp/support/server_callback.h"

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
    End(absl::OkStatus());
    return true;
  }

  bool WriteFrom(std::function<absl::StatusOr<bool>(Response&)> next) override {
    const base::MutexLock lock(mutex_);
    if (ending_) return false;
    source_ = std::move(next);
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
      if (ending_ && !ending_at_) ending_at_ = now;
      const bool stalled = writing_ && seen_writing_ && seen_ == sent_;
      const bool late = ending_at_ && now - *ending_at_ > answer_time;
      seen_ = sent_;
      seen_writing_ = writing_;
      if (!stalled && !late) return true;
      DropQueue();
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
      DropQueue();
      End(absl::CancelledError("the client went away"));
    }
    Pump();
  }
  void Cancelled() {
    const base::MutexLock lock(mutex_);
    DropQueue();
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
      DropQueue();
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
    if (starting_ || writing_ || finished_ || asking_) return;
    if (reactor_ == nullptr) return;
    const bool more = TakeNext();
    // The call may have gone while the source was asked.
    if (reactor_ == nullptr) return;
    if (more) {
      writing_ = true;
      reactor_->StartWrite(&current_);
      return;
    }
    if (!ending_) return;
    finished_ = true;
    reactor_->Finish(ToGrpc(status_));
  }
  // Into current_, what goes out next.
  bool TakeNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!queue_.empty()) {
      current_ = std::move(queue_.front());
      queue_.pop_front();
      return true;
    }
    return source_ && AskSource();
  }
  // Without the lock: a source may wait for a database, and whoever looks after
  // all streams, or hears that this one was cancelled, waits for nothing.
  bool AskSource() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    auto source = std::exchange(source_, nullptr);
    asking_ = true;
    mutex_.Unlock();
    Response next;
    const absl::StatusOr<bool> more = source(next);
    mutex_.Lock();
    asking_ = false;
    // What ended the stream meanwhile has said with which status.
    if (dropped_) return false;
    if (more.ok() && *more) {
      current_ = std::move(next);
      source_ = std::move(source);
      return true;
    }
    if (!more.ok()) status_ = more.status();
    return false;
  }
  void DropQueue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    queue_.clear();
    source_ = nullptr;
    dropped_ = true;
  }

  // Used without holding mutex_, which its callbacks take.
  LiveContext context_;

  mutable base::Mutex mutex_;
  Reactor* reactor_ ABSL_GUARDED_BY(mutex_);
  std::deque<Response> queue_ ABSL_GUARDED_BY(mutex_);
  std::function<absl::StatusOr<bool>(Response&)> source_
      ABSL_GUARDED_BY(mutex_);
  Response current_ ABSL_GUARDED_BY(mutex_);
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> hook_ ABSL_GUARDED_BY(mutex_);
  // Writes that ended; how many of them the last look saw, and whether one was
  // in flight then.
  std::uint64_t sent_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint64_t seen_ ABSL_GUARDED_BY(mutex_) = 0;
  bool seen_writing_ ABSL_GUARDED_BY(mutex_) = false;
  // Nothing more comes than what is queued, since about then.
  std::optional<absl::Duration> ending_at_ ABSL_GUARDED_BY(mutex_);
  bool starting_ ABSL_GUARDED_BY(mutex_) = true;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  // The source is being asked, by one thread and without the lock.
  bool asking_ ABSL_GUARDED_BY(mutex_) = false;
  bool dropped_ ABSL_GUARDED_BY(mutex_) = false;
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

}  // namespace limpid::rpc::internal

#endif  // LIMPID_COMMON_RPC_STREAM_CORE_H_
