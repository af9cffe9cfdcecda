// Unary handlers over gRPC's callback API, in fifteen lines: identity, policy,
// deadline, status and log are done here; the handler translates in, makes one
// domain call and translates out.
//
//   grpc::ServerUnaryReactor* GetRecord(grpc::CallbackServerContext* context,
//                                       const GetRecordRequest* request,
//                                       GetRecordResponse* response) override {
//     return rpc::Unary(edge_, context, [=, this](const rpc::Caller& caller) {
//       return GetRecord(caller, *request, *response);  // absl::Status
//     });
//   }

#ifndef LIMPID_COMMON_RPC_UNARY_H_
#define LIMPID_COMMON_RPC_UNARY_H_

#include <functional>
#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/caller.h"
#include "common/rpc/runtime.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"

namespace limpid::rpc {

// What a service needs of common/rpc: a member of every service, made in its
// constructor from the runtime and the policy that it requires there.
struct Edge {
  Runtime& runtime;
  AuthPolicy policy;
  // "limpid.consent.v1.PersonService".
  const char* service = nullptr;
};

// `edge_(rpc::EdgeOf<v1::PersonService>(runtime, policy))`.
template <typename GeneratedService>
Edge EdgeOf(Runtime& runtime, AuthPolicy policy) {
  return Edge{runtime, policy, GeneratedService::service_full_name()};
}

// Runs `handler` on a worker thread, where it may block, once the policy let
// the caller through. Request and response stay valid until it returns. A call
// whose deadline passes or whose client goes away while it waits for a worker
// is dropped without calling `handler`; one that has begun runs to its end. The
// answer waits for what the handler left held (base::LateAnswer), and no worker
// does; if that fails, it is the answer.
//
// `method` is left to its default: the name of the calling function, which is
// the name of the RPC, because the call stands in the generated override.
grpc::ServerUnaryReactor* Unary(
    const Edge& edge, grpc::CallbackServerContext* context,
    std::function<absl::Status(const Caller&)> handler,
    const char* method = __builtin_FUNCTION());

// A call that another thread completes. Thread-safe.
class PendingCall {
 public:
  virtual ~PendingCall() = default;

  [[nodiscard]] virtual const Caller& caller() const = 0;
  // On the runtime's monotonic clock; after it the answer is
  // DEADLINE_EXCEEDED whatever happens.
  [[nodiscard]] virtual absl::Duration deadline() const = 0;
  // False once answered, cancelled or out of time: work for it can be dropped.
  [[nodiscard]] virtual bool open() const = 0;

  // Answers the call: runs `fill`, which writes the response message, and hands
  // it to gRPC, unless the call is no longer open. Then `fill` is not called
  // and the result is false. Request and response may be touched until the
  // start function gave the call to another thread, and inside `fill`; nowhere
  // else. A lock held by the caller is still held while `fill` runs and the
  // bytes are handed over.
  virtual bool Complete(absl::FunctionRef<absl::Status()> fill) = 0;

  // Calls `hook` exactly once when nothing more can happen: with true when the
  // answer was an OK that gRPC took to the network, false when it was dropped.
  // At once when the call is over already. At most one hook.
  virtual void OnDone(std::function<void(bool sent)> hook) = 0;
};

// Runs `start` once the policy let the caller through: on the gRPC thread, so
// it must not block, or on a worker under a Person policy. An error it returns
// answers the call.
grpc::ServerUnaryReactor* AsyncUnary(
    const Edge& edge, grpc::CallbackServerContext* context,
    std::function<absl::Status(const std::shared_ptr<PendingCall>&)> start,
    const char* method = __builtin_FUNCTION());

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_UNARY_H_
