#include "server/sealed_server.h"

#include <grpcpp/impl/codegen/service_type.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/server.h"
#include "server/app.h"
#include "server/config.h"
#include "server/listener_files.h"
#include "server/logging.h"
#include "server/share_collector.h"
#include "server/share_set.h"
#include "server/unseal_service.h"

namespace limpid::server {
namespace {

constexpr const char* kSealed =
    "the server is sealed: its administrators first give shares of its root "
    "key (limpid admin unseal); try again when they have";

// How often it looks whether the key is there and shares have grown old.
constexpr absl::Duration kLook = absl::Milliseconds(50);
// The last share's answer takes milliseconds.
constexpr absl::Duration kLastAnswer = absl::Seconds(2);
// A handful of administrators.
constexpr int kWorkers = 2;
constexpr int kQueue = 64;

rpc::RuntimeOptions OptionsFor(const TlsFiles& tls) {
  rpc::RuntimeOptions options;
  options.worker_count = kWorkers;
  options.queue_limit = kQueue;
  options.admin_ca_pem = tls.admin_ca;
  return options;
}

class WaitingServer final : public SealedServer {
 public:
  WaitingServer(Config config, Logger& log, base::FileLock lock,
                const TlsFiles& tls)
      : config_(std::move(config)),
        log_(log),
        lock_(std::move(lock)),
        collector_(ShareSetOf(config_)),
        runtime_(OptionsFor(tls), clock_),
        unseal_(MakeUnsealService(runtime_, rpc::AuthPolicy::Administrator(),
                                  collector_.set(), &collector_, log)) {}
  ~WaitingServer() override { Close(absl::ZeroDuration()); }
  WaitingServer(const WaitingServer&) = delete;
  WaitingServer& operator=(const WaitingServer&) = delete;

  absl::Status Listen(const TlsFiles& tls) {
    rpc::ServerOptions options;
    options.address = config_.grpc_address;
    options.certificate_pem = tls.certificate;
    options.private_key_pem = tls.private_key;
    // Services too, so that they are told what is the matter.
    options.client_roots_pem = tls.client_ca + tls.admin_ca;
    options.out_of_service = kSealed;
    LIMPID_ASSIGN_OR_RETURN(
        server_, rpc::Server::Start(options, runtime_, {unseal_.get()}));
    const ShareSet& set = collector_.set();
    log_.Write(Severity::kInfo, "sealed: waits for shares of the root key",
               {{"set", absl::StrCat(set.id)},
                {"needed", absl::StrCat(int{set.threshold})},
                {"of", absl::StrCat(int{set.count})}});
    return absl::OkStatus();
  }

  [[nodiscard]] std::string grpc_address() const override {
    return WithPort(config_.grpc_address, server_->port());
  }

  std::optional<Unsealed> Wait(const StopWithin& stop) override {
    while (collector_.Key() == nullptr) {
      if (stop(kLook)) return std::nullopt;
      const std::size_t old = collector_.ForgetOld(clock_.Monotonic());
      if (old == 0) continue;
      log_.Write(Severity::kWarn, "shares were forgotten: 15 minutes are over",
                 {{"shares", absl::StrCat(old)}});
    }
    Close(kLastAnswer);
    log_.Write(Severity::kInfo, "unsealed: the shares gave the root key");
    return Unsealed{collector_.Key(), std::move(lock_)};
  }

 private:
  void Close(absl::Duration patience) {
    if (server_ == nullptr) return;
    server_->Drain(patience);
    // A handler may outlive its call.
    runtime_.Stop();
    server_.reset();
  }

  const Config config_;
  Logger& log_;
  // Declared first, so that it is let go last.
  base::FileLock lock_;
  const base::SystemClock clock_;
  ShareCollector collector_;
  rpc::Runtime runtime_;
  std::unique_ptr<grpc::Service> unseal_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<SealedServer>> SealedServer::Start(
    const Config& config, Logger& log) {
  LIMPID_ASSIGN_OR_RETURN(base::FileLock lock, LockDataDirectory(config));
  LIMPID_ASSIGN_OR_RETURN(const TlsFiles tls, ReadTls(config));
  auto server =
      std::make_unique<WaitingServer>(config, log, std::move(lock), tls);
  LIMPID_RETURN_IF_ERROR(server->Listen(tls));
  return server;
}

}  // namespace limpid::server
