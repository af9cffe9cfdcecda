// Server-streaming handlers: a bounded queue between whoever produces events
// and gRPC's flow control. A reader that is too slow loses its stream, not
// events: it comes back with its cursor. So does one that takes nothing at all
// (RuntimeOptions::stream_stall); it finds its call cancelled, because no
// status gets past what it does not read.

#ifndef LIMPID_COMMON_RPC_STREAMING_H_
#define LIMPID_COMMON_RPC_STREAMING_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "common/rpc/caller.h"
#include "common/rpc/stream_writer.h"
#include "common/rpc/unary.h"
#include "grpcpp/support/server_callback.h"

namespace limpid::rpc {

// Runs `start` on a worker thread once the policy let the caller through. The
// request stays valid while `start` runs, and is empty after it. An error it
// returns ends the stream; after OK the producer writes until it finishes or
// the stream closes.
template <typename Response>
grpc::ServerWriteReactor<Response>* ServerStream(
    const Edge& edge, grpc::CallbackServerContext* context,
    std::function<absl::Status(const Caller&,
                               std::shared_ptr<StreamWriter<Response>>)>
        start,
    const char* method = __builtin_FUNCTION());

}  // namespace limpid::rpc

#include "common/rpc/streaming_impl.h"  // IWYU pragma: keep

#endif  // LIMPID_COMMON_RPC_STREAMING_H_
