#include "common/rpc/request_memory.h"

#include <atomic>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "grpcpp/security/auth_context.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/interceptor.h"

namespace limpid::rpc {
namespace {

using google::protobuf::Message;
using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerInterceptorFactoryInterface;
using grpc::experimental::ServerRpcInfo;

// Those of gRPC itself are not all messages of Protocol Buffers, and have no
// lists.
constexpr std::string_view kOurs = "/limpid.";

struct Budget {
  explicit Budget(const RequestMemoryLimits& given) : limits(given) {}

  const RequestMemoryLimits limits;
  std::atomic<std::size_t> all = 0;
  std::atomic<std::size_t> anonymous = 0;
};

// Whether `after` in place of `before` keeps the pot below its limit.
bool Exchange(std::atomic<std::size_t>& pot, std::size_t before,
              std::size_t after, std::size_t limit) {
  const std::size_t sum = pot += after;
  pot -= before;
  return sum - before <= limit;
}

// Clear would keep the memory for the next message.
void Empty(Message& message) {
  const std::unique_ptr<Message> gone(message.New());
  message.GetReflection()->Swap(&message, gone.get());
}

bool IsAnonymous(ServerRpcInfo& call) {
  const auto auth = call.server_context()->auth_context();
  return auth == nullptr || !auth->IsPeerAuthenticated();
}

}  // namespace

namespace internal {

// Shared by gRPC's hooks and the handler, which may be on two threads.
class HeldRequest {
 public:
  explicit HeldRequest(std::shared_ptr<Budget> budget)
      : budget_(std::move(budget)) {}
  ~HeldRequest() { Take(0); }
  HeldRequest(const HeldRequest&) = delete;
  HeldRequest& operator=(const HeldRequest&) = delete;

  // In place of what the call had before. From the hooks, one after another.
  bool Take(std::size_t bytes) {
    const std::size_t before = taken_.exchange(bytes);
    const RequestMemoryLimits& limits = budget_->limits;
    bool fits = Exchange(budget_->all, before, bytes, limits.all);
    if (anonymous_) {
      const bool too =
          Exchange(budget_->anonymous, before, bytes, limits.anonymous);
      fits = fits && too;
    }
    return fits || bytes <= before || bytes <= kSmallRequestBytes;
  }
  // Before anything is taken.
  void SetAnonymous(bool anonymous) { anonymous_ = anonymous; }
  // The message that Release may empty.
  void Hold(Message* message) { message_ = message; }

  void Release() {
    Message* const message = message_.exchange(nullptr);
    if (message == nullptr) return;
    Empty(*message);
    Take(0);
  }

 private:
  const std::shared_ptr<Budget> budget_;
  bool anonymous_ = true;
  std::atomic<std::size_t> taken_ = 0;
  std::atomic<Message*> message_ = nullptr;
};

}  // namespace internal

namespace {

using internal::HeldRequest;

// The request that a handler begins with: gRPC calls the handler of a call
// inside Proceed.
struct Reading {
  bool refused = false;
  std::shared_ptr<HeldRequest> held;
};
thread_local Reading reading;

// Of one call.
class Guard final : public Interceptor {
 public:
  Guard(ServerRpcInfo* call, std::shared_ptr<Budget> budget)
      : call_(call),
        budget_(std::move(budget)),
        held_(std::make_shared<HeldRequest>(budget_)) {}
  // The message goes with the call, whoever has a hold still.
  ~Guard() override {
    held_->Hold(nullptr);
    held_->Take(0);
  }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  // Hooks of other kinds come on other threads meanwhile, and touch nothing.
  void Intercept(InterceptorBatchMethods* methods) override {
    if (!methods->QueryInterceptionHookPoint(
            InterceptionHookPoints::POST_RECV_MESSAGE)) {
      methods->Proceed();
      return;
    }
    // Null at the end of a stream.
    auto* const message = static_cast<Message*>(methods->GetRecvMessage());
    const bool fits = message == nullptr || Fits(*message);
    if (!fits && ClientStreams()) call_->server_context()->TryCancel();
    reading = {.refused = !fits, .held = held_};
    methods->Proceed();
    // The call, and this with it, may be gone.
    reading = {};
  }

 private:
  [[nodiscard]] bool ClientStreams() const {
    return call_->type() == ServerRpcInfo::Type::CLIENT_STREAMING ||
           call_->type() == ServerRpcInfo::Type::BIDI_STREAMING;
  }

  // Empties what does not.
  bool Fits(Message& message) {
    if (!asked_) held_->SetAnonymous(IsAnonymous(*call_));
    asked_ = true;
    const std::size_t bytes = message.SpaceUsedLong();
    if (bytes <= budget_->limits.each && held_->Take(bytes)) {
      // Messages of a stream follow each other in one object, which the handler
      // looks at until it asks for the next.
      if (!ClientStreams()) held_->Hold(&message);
      return true;
    }
    Empty(message);
    held_->Take(0);
    return false;
  }

  ServerRpcInfo* const call_;
  const std::shared_ptr<Budget> budget_;
  const std::shared_ptr<HeldRequest> held_;
  bool asked_ = false;
};

class Factory final : public ServerInterceptorFactoryInterface {
 public:
  explicit Factory(const RequestMemoryLimits& limits)
      : budget_(std::make_shared<Budget>(limits)) {}

  // None for calls that are not ours.
  Interceptor* CreateServerInterceptor(ServerRpcInfo* info) override {
    if (!std::string_view(info->method()).starts_with(kOurs)) return nullptr;
    return std::make_unique<Guard>(info, budget_).release();
  }

 private:
  const std::shared_ptr<Budget> budget_;
};

}  // namespace

std::unique_ptr<ServerInterceptorFactoryInterface> MakeRequestMemoryGuard(
    const RequestMemoryLimits& limits) {
  return std::make_unique<Factory>(limits);
}

RequestHold::RequestHold(std::shared_ptr<internal::HeldRequest> held)
    : held_(std::move(held)) {}

void RequestHold::Release() const {
  if (held_ != nullptr) held_->Release();
}

absl::StatusOr<RequestHold> TakeRequest() {
  if (!reading.refused) return RequestHold(reading.held);
  return absl::ResourceExhaustedError(
      "the request takes too much memory, or too many do at once");
}

}  // namespace limpid::rpc
