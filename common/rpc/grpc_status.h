// The only place where an error of ours becomes a gRPC status and the reverse.
// What is our fault or an alarm (kInternal, kUnknown, kDataLoss) leaves the
// process as one fixed sentence with a reference; the true message goes to the
// log under that reference.

#ifndef LIMPID_COMMON_RPC_GRPC_STATUS_H_
#define LIMPID_COMMON_RPC_GRPC_STATUS_H_

#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace limpid::rpc {

// What stays inside, for the operator: `reason` is the true message, which
// names no person and no value. Called on any thread.
using AlarmSink =
    std::function<void(absl::StatusCode code, std::string_view reference,
                       std::string_view reason)>;
// The log of this process's server; null takes it away. Without one nothing is
// written: a client has nobody to tell.
void SetAlarmSink(AlarmSink sink);

// Tells the sink of what makes no call fail and is an alarm all the same. Does
// nothing for a status that ToGrpc would let out. Thread-safe.
void Alarm(const absl::Status& status);

// Codes equal gRPC's by number. A message over 1,024 bytes is cut: trailers are
// limited. Thread-safe.
grpc::Status ToGrpc(const absl::Status& status);

// What a client received. A code outside the seventeen becomes kUnknown.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_GRPC_STATUS_H_
