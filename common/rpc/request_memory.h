// Bounds what requests cost in memory once they are read. gRPC's own limits
// count bytes of the wire; a list of empty texts takes thirty times as many,
// and is there before any policy has asked who sends it.

#ifndef LIMPID_COMMON_RPC_REQUEST_MEMORY_H_
#define LIMPID_COMMON_RPC_REQUEST_MEMORY_H_

#include <cstddef>
#include <memory>

#include "grpcpp/support/server_interceptor.h"

namespace limpid::rpc {

// For every call of a service of ours: a message over `each` bytes, or beyond
// `all` for the calls that are under way, is thrown away where it was read and
// the call cancelled; its handler sees an empty request and answers nobody.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
MakeRequestMemoryGuard(std::size_t each, std::size_t all);

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_REQUEST_MEMORY_H_
