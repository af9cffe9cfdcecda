// Bounds what requests cost in memory once they are read. gRPC's own limits
// count bytes of the wire; a list of empty texts takes thirty times as many,
// and is there before any policy has asked who sends it.

#ifndef LIMPID_COMMON_RPC_REQUEST_MEMORY_H_
#define LIMPID_COMMON_RPC_REQUEST_MEMORY_H_

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "grpcpp/support/server_interceptor.h"

namespace limpid::rpc {

// A request up to this size finds room whatever others take: a withdrawal has
// one kilobyte, and must not wait for imports. How many there are at once is
// bounded elsewhere: 1,040 whose handlers wait for a worker or run on one
// (RuntimeOptions; 65 MB); those that wait without a worker by the queue that
// they wait in (consent's takes 4,096 reads, 256 MB); those whose answer is
// late (base::LateAnswer) only by how long it can be, for a fence two seconds.
inline constexpr std::size_t kSmallRequestBytes = std::size_t{64} << 10U;

// In bytes, as protobuf counts what a message takes in memory.
struct RequestMemoryLimits {
  // One message.
  std::size_t each = 0;
  // All of calls whose handlers wait or run.
  std::size_t all = 0;
  // Those of callers without a client certificate; at most `all`.
  std::size_t anonymous = 0;
};

// For every call of a service of ours: a message beyond the limits is emptied
// where it was read. A call that begins with it is refused (TakeRequest); one
// whose client streams is cancelled. What a call takes is given back by
// RequestHold::Release, at the latest when the call is gone.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
MakeRequestMemoryGuard(const RequestMemoryLimits& limits);

namespace internal {
class HeldRequest;
}

// What one request takes. Copies are of the same request. Thread-safe.
class RequestHold {
 public:
  // Of no request.
  RequestHold() = default;
  explicit RequestHold(std::shared_ptr<internal::HeldRequest> held);

  // Frees the request's memory, which leaves it empty, and gives the room back.
  // For when nobody looks at it any more and before the call is finished: a
  // client that does not take its answer keeps the call, but not the request.
  // The second time it does nothing.
  void Release() const;

 private:
  std::shared_ptr<internal::HeldRequest> held_;
};

// For the beginning of every handler, on the thread on which gRPC calls it.
//
// Errors:
//   kResourceExhausted  the guard has emptied the request; it is not the one
//                       that was sent, and must not be acted on.
absl::StatusOr<RequestHold> TakeRequest();

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_REQUEST_MEMORY_H_
