// The producer's end of a stream: what a handler, or whoever it gave its stream
// to, may do with it. Knows nothing of gRPC.

#ifndef LIMPID_COMMON_RPC_STREAM_WRITER_H_
#define LIMPID_COMMON_RPC_STREAM_WRITER_H_

#include <cstddef>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

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
  // The same of an answer that need not be in memory as a whole: `next` fills
  // the message that the client has room for now, or returns false after the
  // last; an error it returns ends the stream. It is called under the stream's
  // lock, on gRPC's threads: it must be quick, and not use the stream. It is
  // destroyed when the stream is over.
  virtual bool WriteFrom(
      std::function<absl::StatusOr<bool>(Response&)> next) = 0;
  // Ends the stream after what is queued.
  virtual void Finish(const absl::Status& status) = 0;
  [[nodiscard]] virtual bool open() const = 0;
  // Calls `hook` once when the stream is over, at once if it is already. The
  // hook may run while Write or Finish is on the stack of another thread: it
  // must not take a lock under which those are called.
  virtual void OnClosed(std::function<void()> hook) = 0;
};

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_STREAM_WRITER_H_
