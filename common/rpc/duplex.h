// Handlers of calls that stream both ways: messages come one after another on
// gRPC's threads, answers go through the same bounded queue as other streams.

#ifndef LIMPID_COMMON_RPC_DUPLEX_H_
#define LIMPID_COMMON_RPC_DUPLEX_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/caller.h"
#include "common/rpc/streaming.h"
#include "common/rpc/unary.h"
#include "grpcpp/support/server_callback.h"

namespace limpid::rpc {

// One message of the client. Must not block. An error ends the stream.
template <typename Request>
using MessageSink = std::function<absl::Status(const Request&)>;

// Runs `start` on the gRPC thread once the policy let the caller through, which
// must not block (AuthPolicy::may_block). What it returns is called with each
// message, one at a time. The stream ends when the client has said everything,
// or as ServerStream's.
template <typename Request, typename Response>
grpc::ServerBidiReactor<Request, Response>* ServerDuplex(
    const Edge& edge, grpc::CallbackServerContext* context,
    const std::function<absl::StatusOr<MessageSink<Request>>(
        const Caller&, std::shared_ptr<StreamWriter<Response>>)>& start,
    const char* method = __builtin_FUNCTION());

namespace internal {

// Owned by gRPC from the moment it is returned to the moment of OnDone.
template <typename Request, typename Response>
class DuplexReactor final : public grpc::ServerBidiReactor<Request, Response> {
 public:
  using Core = StreamCore<Response, grpc::ServerBidiReactor<Request, Response>>;

  DuplexReactor(const Edge& edge, grpc::CallbackServerContext* context,
                const char* method)
      : runtime_(edge.runtime),
        caller_(edge.runtime.ReadCaller(*context)),
        started_(edge.runtime.clock().Monotonic()),
        core_(std::make_shared<Core>(this, context)) {
    caller_.method = std::string("/") + edge.service + "/" + method;
  }

  // Registers the ends that are not the client's: drain, lifetime, a reader
  // that does not read.
  void Guard() {
    const std::weak_ptr<Core> weak = core_;
    const auto end = [weak] {
      if (const auto core = weak.lock()) {
        core->Finish(absl::UnavailableError("the server ends this stream"));
      }
    };
    drain_ = runtime_.OnDrain(end);
    timer_ = runtime_.RunAt(started_ + runtime_.options().stream_lifetime, end);
    LookAfter(runtime_, weak);
  }
  void Begin(MessageSink<Request> sink) {
    sink_ = std::move(sink);
    this->StartRead(&message_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return core_->Finish(absl::OkStatus());
    const absl::Status taken = sink_(message_);
    if (!taken.ok()) core_->Finish(taken);
    if (core_->open()) this->StartRead(&message_);
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

  Caller& caller() { return caller_; }
  [[nodiscard]] const std::shared_ptr<Core>& core() const { return core_; }

 private:
  Runtime& runtime_;
  Caller caller_;
  absl::Duration started_;
  std::shared_ptr<Core> core_;
  MessageSink<Request> sink_;
  Request message_;
  std::uint64_t drain_ = 0;
  std::uint64_t timer_ = 0;
};

}  // namespace internal

template <typename Request, typename Response>
grpc::ServerBidiReactor<Request, Response>* ServerDuplex(
    const Edge& edge, grpc::CallbackServerContext* context,
    const std::function<absl::StatusOr<MessageSink<Request>>(
        const Caller&, std::shared_ptr<StreamWriter<Response>>)>& start,
    const char* method) {
  auto* const reactor =
      new internal::DuplexReactor<Request, Response>(edge, context, method);
  reactor->Guard();
  absl::Status status = edge.policy.Check(reactor->caller());
  if (status.ok()) {
    absl::StatusOr<MessageSink<Request>> sink =
        start(reactor->caller(), reactor->core());
    status = sink.status();
    if (sink.ok()) reactor->Begin(*std::move(sink));
  }
  if (!status.ok()) reactor->core()->Finish(status);
  reactor->core()->Started();
  return reactor;
}

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_DUPLEX_H_
