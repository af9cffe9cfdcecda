// What all handlers of one process share: the worker threads on which blocking
// handlers run, the watch over deadlines, the reading of caller identity, the
// log line per call, and the drain. One per process, made before the services
// and destroyed after the server.

#ifndef LIMPID_COMMON_RPC_RUNTIME_H_
#define LIMPID_COMMON_RPC_RUNTIME_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/rpc/caller.h"

namespace grpc {
class CallbackServerContext;
}

namespace limpid::rpc {

// Called once per finished call, on any thread, with nothing that names a
// person or an object. Must be quick.
using CallObserver = std::function<void(
    std::string_view method, absl::StatusCode code, absl::Duration took)>;

struct RuntimeOptions {
  // Blocking handlers wait for the disk, not for the processor: more threads
  // than cores, few enough to fit a small machine.
  int worker_count = 16;
  // Calls waiting for a worker; beyond it a call is refused at once with
  // RESOURCE_EXHAUSTED instead of growing old in the queue.
  int queue_limit = 1024;
  // For calls without a deadline of their own, and the longest a client may
  // ask for. A unary call of ours takes milliseconds.
  absl::Duration default_deadline = absl::Seconds(10);
  absl::Duration longest_deadline = absl::Seconds(60);
  // A stream is ended with UNAVAILABLE after this time and resumed by its
  // client, so that certificates and policies are looked at again.
  absl::Duration stream_lifetime = absl::Hours(1);
  // A stream whose reader takes nothing of a message that is on its way for
  // this time, at most twice as long, is cut off: no client of ours stops
  // reading, and 64 kB of events wait on the way before one is noticed.
  absl::Duration stream_stall = absl::Seconds(20);
  // An answer that is complete in memory (StreamWriter::WriteAll) is cut off
  // when it is not taken in this time: 30 MB at 100 kB a second.
  absl::Duration answer_time = absl::Minutes(5);
  // PEM of the administrators' CA; empty: nobody is an administrator.
  std::string admin_ca_pem;
  CallObserver observer;
};

// Thread-safe.
class Runtime {
 public:
  // `clock` must outlive the runtime.
  Runtime(RuntimeOptions options, const base::Clock& clock);
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  [[nodiscard]] const RuntimeOptions& options() const;
  [[nodiscard]] const base::Clock& clock() const;

  // Runs `work` on a worker thread; false when the queue is full or the
  // runtime is stopping, and then `work` was not and will not be called.
  bool Run(std::function<void()> work);

  // Calls `work` once, at about `at` on the monotonic clock (never early, at
  // most 50 ms late), unless cancelled. Returns a number for CancelTimer.
  std::uint64_t RunAt(absl::Duration at, std::function<void()> work);
  void CancelTimer(std::uint64_t timer);

  // Streams register a function that ends them; Drain calls all of them.
  std::uint64_t OnDrain(std::function<void()> end_stream);
  void ForgetDrain(std::uint64_t handle);
  void Drain();
  // Whether Drain was called: what may stop half-way should.
  [[nodiscard]] bool draining() const;
  // Finishes what runs and what is queued, then runs nothing more. After it
  // nothing of a handler is on a worker thread: the services may go.
  void Stop();

  // Passes a finished call to the observer.
  void Observe(std::string_view method, absl::StatusCode code,
               absl::Duration started) const;

  // Reads identity from the channel of the call; checks nothing beyond what TLS
  // has checked.
  [[nodiscard]] Caller ReadCaller(
      const grpc::CallbackServerContext& context) const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_RUNTIME_H_
