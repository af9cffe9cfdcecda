// The only place where an error of ours becomes a gRPC status and the reverse.
// What is our fault or an alarm (kInternal, kUnknown, kDataLoss) leaves the
// process as one fixed sentence with a reference; the true message goes to the
// log under that reference.

#ifndef LIMPID_COMMON_RPC_GRPC_STATUS_H_
#define LIMPID_COMMON_RPC_GRPC_STATUS_H_

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace limpid::rpc {

// Codes equal gRPC's by number. A message over 1,024 bytes is cut: trailers are
// limited. Thread-safe.
grpc::Status ToGrpc(const absl::Status& status);

// What a client received. A code outside the seventeen becomes kUnknown.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_GRPC_STATUS_H_
