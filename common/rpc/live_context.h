// The context of a call that runs, which a thread that is none of gRPC's may
// cancel at any time: a write that the reader does not take ends in no other
// way.

#ifndef LIMPID_COMMON_RPC_LIVE_CONTEXT_H_
#define LIMPID_COMMON_RPC_LIVE_CONTEXT_H_

#include <mutex>

#include "grpcpp/server_context.h"

namespace limpid::rpc {

// Thread-safe.
class LiveContext {
 public:
  // `context` lives until Over returns.
  explicit LiveContext(grpc::CallbackServerContext* context)
      : context_(context) {}

  // Does nothing when the call is over. gRPC may run the reactor's callbacks,
  // also the one that calls Over, before this returns.
  void Cancel() {
    const std::lock_guard<std::recursive_mutex> lock(mutex_);
    if (context_ != nullptr) context_->TryCancel();
  }
  // From the reactor's OnDone. Waits for a Cancel on another thread.
  void Over() {
    const std::lock_guard<std::recursive_mutex> lock(mutex_);
    context_ = nullptr;
  }

 private:
  // Recursive, because Over may be called inside Cancel on the same thread.
  std::recursive_mutex mutex_;
  grpc::CallbackServerContext* context_;
};

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_LIVE_CONTEXT_H_
