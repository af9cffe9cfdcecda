// The reactor behind ServerStream. Included by streaming.h and duplex.h only.

#ifndef LIMPID_COMMON_RPC_STREAMING_IMPL_H_
#define LIMPID_COMMON_RPC_STREAMING_IMPL_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/request_memory.h"
#include "common/rpc/stream_core.h"
#include "common/rpc/streaming.h"

namespace limpid::rpc::internal {

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
  const absl::StatusOr<RequestHold> request = TakeRequest();
  if (!request.ok()) {
    core->Finish(request.status());
    core->Started();
    return reactor;
  }
  const bool queued =
      edge.runtime.Run([core, policy = edge.policy, caller = reactor->caller(),
                        start = std::move(start), held = *request]() mutable {
        absl::Status status = policy.Check(caller);
        if (status.ok() && core->open()) status = start(caller, core);
        if (!status.ok()) core->Finish(status);
        held.Release();
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
