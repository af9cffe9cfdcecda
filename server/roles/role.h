// One role of the process, put together: its files, its domain objects, its
// gRPC services and its log. What the composition needs of each, and no more.

#ifndef LIMPID_SERVER_ROLES_ROLE_H_
#define LIMPID_SERVER_ROLES_ROLE_H_

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/crypto/root_key.h"
#include "common/rpc/runtime.h"
#include "common/tlog/log.h"
#include "server/config.h"
#include "server/logging.h"

namespace grpc {
class Service;
}

namespace limpid::server {

// What every role is given. All of it outlives the role.
struct Environment {
  const Config& config;
  const base::Clock& clock;
  Logger& log;
  rpc::Runtime& runtime;
  // Shared: all key rings of the process hang on it.
  std::shared_ptr<const crypto::RootKey> root;
  // Where the logs can be fetched; empty for nowhere. Known once the HTTPS
  // listener is up, before roles start.
  std::string public_url;
};

// A log whose files are served.
struct PublishedLog {
  // "/access": the path below the public URL.
  std::string prefix;
  std::filesystem::path directory;
  const tlog::Log* log = nullptr;
};

// Where the log behind `prefix` can be fetched, or empty.
std::string LogUrl(const Environment& environment, std::string_view prefix);

// How often logs take in what waits.
absl::Duration LogInterval(const Config& config);

class Role {
 public:
  virtual ~Role() = default;
  Role(const Role&) = delete;
  Role& operator=(const Role&) = delete;

  // Opens databases and log. All roles do this before any of them starts, so
  // that a refusal leaves no trace in another role.
  //
  // Errors: those of RoleFiles.
  virtual absl::Status OpenFiles() = 0;
  // After the role's own Start. Live as long as the role.
  [[nodiscard]] virtual std::vector<grpc::Service*> services() = 0;
  [[nodiscard]] virtual std::vector<PublishedLog> logs() const = 0;
  // Called before the listeners close: end what waits for others.
  virtual void Stop() {}

 protected:
  Role() = default;
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ROLES_ROLE_H_
