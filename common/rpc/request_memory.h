// Bounds what requests cost in memory once they are read. gRPC's own limits
// count bytes of the wire; a list of empty texts takes thirty times as many,
// and is there before any policy has asked who sends it.

#ifndef LIMPID_COMMON_RPC_REQUEST_MEMORY_H_
#define LIMPID_COMMON_RPC_REQUEST_MEMORY_H_

#include <cstddef>
#include <memory>

#include "absl/status/status.h"
#include "grpcpp/support/server_interceptor.h"

namespace limpid::rpc {

// For every call of a service of ours: a message over `each` bytes, or beyond
// `all` for the calls that are under way, is emptied where it was read. A call
// that begins with it is refused (CheckRequestMemory); one whose client streams
// is cancelled.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
MakeRequestMemoryGuard(std::size_t each, std::size_t all);

// For the beginning of every handler, on the thread on which gRPC calls it: the
// request it was given may not be the one that was sent, and must not be acted
// on.
//
// Errors:
//   kResourceExhausted  the guard has emptied it.
absl::Status CheckRequestMemory();

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_REQUEST_MEMORY_H_
