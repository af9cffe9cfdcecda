// A server that waits for its root key: it holds the data directory and listens
// for administrators who give shares, and opens nothing else. Ends when the key
// is there, or the process is to stop.

#ifndef LIMPID_SERVER_SEALED_SERVER_H_
#define LIMPID_SERVER_SEALED_SERVER_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/app.h"
#include "server/config.h"
#include "server/logging.h"

namespace limpid::server {

// Whether to stop, asked again and again: waits up to `patience` for it.
using StopWithin = std::function<bool(absl::Duration patience)>;

class SealedServer {
 public:
  // Locks the data directory and listens. Every method but those of
  // UnsealService and health answers UNAVAILABLE; health says NOT_SERVING.
  // `config` uses shares; `log` must outlive the server.
  //
  // Errors: those of LockDataDirectory, ReadTls and rpc::Server::Start; nothing
  // was changed.
  static absl::StatusOr<std::unique_ptr<SealedServer>> Start(
      const Config& config, Logger& log);
  // Stops listening and wipes what was given.
  virtual ~SealedServer() = default;
  SealedServer(const SealedServer&) = delete;
  SealedServer& operator=(const SealedServer&) = delete;

  // "host:port" as bound, which the server goes on with.
  [[nodiscard]] virtual std::string grpc_address() const = 0;
  // Waits until the key is there, forgetting shares that grow old. By then the
  // last answer has gone out, nothing listens any more and the lock goes on
  // with the key. Nothing when `stop` said so before. Once.
  virtual std::optional<Unsealed> Wait(const StopWithin& stop) = 0;

 protected:
  SealedServer() = default;
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_SEALED_SERVER_H_
