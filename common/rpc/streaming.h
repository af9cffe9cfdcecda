// Server-streaming handlers: a bounded queue between whoever produces events
// and gRPC's flow control. A reader that is too slow loses its stream, not
// events: it comes back with its cursor. So does one that takes nothing at all
// (RuntimeOptions::stream_stall); it finds its call cancelled, because no
// status gets past what it does not read.

#ifndef LIMPID_COMMON_RPC_STREAMING_H_
#define LIMPID_COMMON_RPC_STREAMING_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "common/rpc/caller.h"
#include "common/rpc/unary.h"
#include "grpcpp/support/server_callback.h"

namespace limpid::rpc {

// Events a slow reader may lag behind before its stream is ended with
// RESOURCE_EXHAUSTED: some seconds of a busy service.
inline constexpr std::size_t kStreamQueueLimit = 1024;

// The producer's end of one stream. Thread-safe; may outlive the call.
template <typename Response>
class StreamWriter {
 public:
  virtual ~StreamWriter() = default;
  // Queues one message; false when the stream is over, or is ended now because
  // the queue is full.
  virtual bool Write(Response message) = 0;
  // Queues an answer that is complete already, whatever its length, and ends
  // the stream after it: the limit is for producers that go on and on. The
  // caller bounds how many such answers wait at once;
  // RuntimeOptions::answer_time how long one does.
  virtual bool WriteAll(std::vector<Response> messages) = 0;
  // Ends the stream after what is queued.
  virtual void Finish(const absl::Status& status) = 0;
  [[nodiscard]] virtual bool open() const = 0;
  // Calls `hook` once when the stream is over, at once if it is already. The
  // hook may run while Write or Finish is on the stack of another thread: it
  // must not take a lock under which those are called.
  virtual void OnClosed(std::function<void()> hook) = 0;
};

// Runs `start` on a worker thread once the policy let the caller through. The
// request stays valid while `start` runs. An error it returns ends the stream;
// after OK the producer writes until it finishes or the stream closes.
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
