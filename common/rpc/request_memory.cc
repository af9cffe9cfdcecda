#include "common/rpc/request_memory.h"

#include <atomic>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/interceptor.h"

namespace limpid::rpc {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerInterceptorFactoryInterface;
using grpc::experimental::ServerRpcInfo;

// Those of gRPC itself are not all messages of Protocol Buffers, and have no
// lists.
constexpr std::string_view kOurs = "/limpid.";

// gRPC calls the handler of a call inside Proceed.
thread_local bool refusing = false;

struct Budget {
  std::size_t each = 0;
  std::size_t all = 0;
  std::atomic<std::size_t> taken = 0;
};

// Of one call. gRPC runs its hooks one after another.
class Guard final : public Interceptor {
 public:
  Guard(ServerRpcInfo* call, std::shared_ptr<Budget> budget)
      : call_(call), budget_(std::move(budget)) {}
  ~Guard() override { Take(0); }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  void Intercept(InterceptorBatchMethods* methods) override {
    bool fits = true;
    if (methods->QueryInterceptionHookPoint(
            InterceptionHookPoints::POST_RECV_MESSAGE)) {
      // Null at the end of a stream.
      auto* const message =
          static_cast<google::protobuf::Message*>(methods->GetRecvMessage());
      fits = message == nullptr || Fits(*message);
    }
    if (!fits && ClientStreams()) call_->server_context()->TryCancel();
    refusing = !fits;
    methods->Proceed();
    // The call, and this with it, may be gone.
    refusing = false;
  }

 private:
  [[nodiscard]] bool ClientStreams() const {
    return call_->type() == ServerRpcInfo::Type::CLIENT_STREAMING ||
           call_->type() == ServerRpcInfo::Type::BIDI_STREAMING;
  }

  // Empties what does not.
  bool Fits(google::protobuf::Message& message) {
    const std::size_t bytes = message.SpaceUsedLong();
    if (bytes <= budget_->each && Take(bytes)) return true;
    // Clear would keep the memory for the next message.
    const std::unique_ptr<google::protobuf::Message> gone(message.New());
    message.GetReflection()->Swap(&message, gone.get());
    (void)Take(0);
    return false;
  }

  // In place of what the call had before.
  bool Take(std::size_t bytes) {
    const std::size_t before = taken_;
    taken_ = bytes;
    const std::size_t all = budget_->taken += bytes;
    budget_->taken -= before;
    return bytes <= before || all - before <= budget_->all;
  }

  ServerRpcInfo* const call_;
  const std::shared_ptr<Budget> budget_;
  std::size_t taken_ = 0;
};

class Factory final : public ServerInterceptorFactoryInterface {
 public:
  explicit Factory(std::shared_ptr<Budget> budget)
      : budget_(std::move(budget)) {}

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
    std::size_t each, std::size_t all) {
  auto budget = std::make_shared<Budget>();
  budget->each = each;
  budget->all = all;
  return std::make_unique<Factory>(std::move(budget));
}

absl::Status CheckRequestMemory() {
  if (!refusing) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      "the request takes too much memory, or too many do at once");
}

}  // namespace limpid::rpc
