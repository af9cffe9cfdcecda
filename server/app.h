// limpidd put together: one object that owns the lock on the data directory,
// the keys, the roles and the listeners, in the order in which they need each
// other. Holds no rule of any domain.

#ifndef LIMPID_SERVER_APP_H_
#define LIMPID_SERVER_APP_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/crypto/root_key.h"
#include "server/config.h"
#include "server/logging.h"

namespace grpc {
class Service;
}
namespace limpid::rpc {
class Runtime;
}

namespace limpid::server {

// Services beside those of the roles, on the same listener and runtime: the
// benchmarks' echo. The product has none.
using ExtraServices =
    std::function<std::vector<std::unique_ptr<grpc::Service>>(rpc::Runtime&)>;

// What a server that began sealed has by the time it goes on
// (sealed_server.h). Both absent otherwise.
struct Unsealed {
  // Shared: the key rings of all roles hang on it.
  std::shared_ptr<const crypto::RootKey> root;
  // On the data directory.
  std::optional<base::FileLock> lock;
};

class App {
 public:
  // Opens everything and serves. `log` must outlive the app.
  //
  // `machine` is the clock that is guarded, the machine's when it is null; it
  // must outlive the app.
  //
  // Errors: one clear sentence for the operator; what had been opened is closed
  // again and nothing was changed.
  static absl::StatusOr<std::unique_ptr<App>> Start(
      const Config& config, Logger& log, const ExtraServices& extra = nullptr,
      const base::Clock* machine = nullptr, Unsealed unsealed = {});
  // Stops without patience.
  virtual ~App() = default;
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  // "host:port" as bound; `https_address` is empty without that listener.
  [[nodiscard]] virtual std::string grpc_address() const = 0;
  [[nodiscard]] virtual std::string https_address() const = 0;
  // Takes no new call, lets running ones end as the configuration says.
  virtual void Drain() = 0;

 protected:
  App() = default;
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_APP_H_
