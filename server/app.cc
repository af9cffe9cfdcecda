#include "server/app.h"

#include <grpcpp/impl/codegen/service_type.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/guarded_clock.h"
#include "common/base/status_macros.h"
#include "common/crypto/root_key.h"
#include "common/crypto/x509.h"
#include "common/http/static_listener.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/identity_service.h"
#include "common/rpc/runtime.h"
#include "common/rpc/server.h"
#include "server/clock_watch.h"
#include "server/config.h"
#include "server/listener_files.h"
#include "server/logging.h"
#include "server/roles/role.h"
#include "server/roles/role_set.h"
#include "server/root_key_source.h"
#include "server/share_set.h"
#include "server/ticker.h"
#include "server/unseal_service.h"
#include "server/version.h"

namespace limpid::server {
namespace {

constexpr absl::Duration kCertificateWarning = absl::Hours(24 * 30);

std::string HostOf(const std::string& address) {
  const std::string host = address.substr(0, address.rfind(':'));
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  return bracketed ? host.substr(1, host.size() - 2) : host;
}

int PortOf(const std::string& address) {
  int port = 0;
  // Invariant: CheckConfig has seen the address.
  (void)absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port);
  return port;
}

class RunningApp final : public App {
 public:
  RunningApp(Config config, Logger& log, base::FileLock lock,
             const base::Clock* machine)
      : config_(std::move(config)),
        log_(log),
        lock_(std::move(lock)),
        clock_(machine == nullptr ? system_clock_ : *machine) {}
  ~RunningApp() override {
    StopWithin(absl::ZeroDuration());
    rpc::SetAlarmSink(nullptr);
  }
  RunningApp(const RunningApp&) = delete;
  RunningApp& operator=(const RunningApp&) = delete;

  // `root` is null when the configuration says where it is.
  absl::Status Open(const ExtraServices& extra,
                    std::shared_ptr<const crypto::RootKey> root) {
    if (root == nullptr) {
      LIMPID_ASSIGN_OR_RETURN(
          root, OpenRootKey(config_, [this](std::string_view warning) {
            log_.Write(Severity::kWarn, warning);
          }));
    }
    LIMPID_ASSIGN_OR_RETURN(const TlsFiles tls, ReadTls(config_));
    MakeRuntime(tls);
    environment_.emplace(
        Environment{config_, clock_, log_, *runtime_, std::move(root), ""});
    roles_ = MakeRoleSet(*environment_);
    LIMPID_RETURN_IF_ERROR(roles_->OpenFiles());
    LIMPID_RETURN_IF_ERROR(GuardClock());
    LIMPID_RETURN_IF_ERROR(ListenHttps(tls));
    environment_->public_url = PublicUrl();
    LIMPID_RETURN_IF_ERROR(roles_->Start());
    if (extra) extra_ = extra(*runtime_);
    LIMPID_RETURN_IF_ERROR(ListenGrpc(tls));
    LIMPID_RETURN_IF_ERROR(WatchCertificate(tls));
    return clock_watch_->Run();
  }

  [[nodiscard]] std::string grpc_address() const override {
    return WithPort(config_.grpc_address, server_->port());
  }
  [[nodiscard]] std::string https_address() const override {
    if (https_ == nullptr) return "";
    return WithPort(config_.https_address, https_->port());
  }
  void Drain() override {
    StopWithin(absl::Seconds(config_.limits_drain_seconds));
  }

 private:
  void MakeRuntime(const TlsFiles& tls) {
    rpc::RuntimeOptions options;
    options.worker_count = static_cast<int>(config_.limits_workers);
    options.queue_limit = static_cast<int>(config_.limits_queue);
    options.admin_ca_pem = tls.admin_ca;
    options.observer = [this](std::string_view method, absl::StatusCode code,
                              absl::Duration took) {
      const bool fault = code == absl::StatusCode::kInternal ||
                         code == absl::StatusCode::kDataLoss;
      log_.Write(fault ? Severity::kError : Severity::kDebug, "call",
                 {{"method", std::string(method)},
                  {"code", absl::StatusCodeToString(code)},
                  {"us", absl::StrCat(absl::ToInt64Microseconds(took))}});
    };
    runtime_ = std::make_unique<rpc::Runtime>(std::move(options), clock_);
    rpc::SetAlarmSink([this](absl::StatusCode code, std::string_view reference,
                             std::string_view reason) {
      log_.Write(Severity::kError, "alarm",
                 {{"code", absl::StatusCodeToString(code)},
                  {"reference", std::string(reference)},
                  {"reason", std::string(reason)}});
    });
  }

  // From here on no time is used that is not believed. The logs' signatures are
  // times that this server has believed, but for an empty log's: that may have
  // been made a moment ago, by the machine's word.
  absl::Status GuardClock() {
    std::vector<absl::Time> known;
    for (const PublishedLog& log : roles_->logs()) {
      if (log.log->size() > 0) known.push_back(log.log->signed_at());
    }
    LIMPID_ASSIGN_OR_RETURN(
        clock_watch_,
        ClockWatch::Begin(config_.Resolve(config_.data_directory), known,
                          absl::Hours(24) * config_.clock_max_gap_days, clock_,
                          log_));
    return absl::OkStatus();
  }

  absl::Status ListenHttps(const TlsFiles& tls) {
    if (config_.https_address.empty()) return absl::OkStatus();
    http::StaticListenerOptions options;
    options.host = HostOf(config_.https_address);
    options.port = PortOf(config_.https_address);
    options.certificate_pem = tls.certificate;
    options.private_key_pem = tls.private_key;
    for (const PublishedLog& log : roles_->logs()) {
      options.roots.push_back({log.prefix, log.directory});
    }
    LIMPID_ASSIGN_OR_RETURN(https_,
                            http::StaticListener::Start(std::move(options)));
    return absl::OkStatus();
  }

  // A certificate that has ended looks to every client like a server that does
  // not answer.
  absl::Status WatchCertificate(const TlsFiles& tls) {
    LIMPID_ASSIGN_OR_RETURN(const crypto::CertificateFacts facts,
                            crypto::ReadCertificate(tls.certificate));
    const auto look = [this, end = facts.not_after] {
      const absl::Duration left = end - clock_.Now();
      if (left > kCertificateWarning) return;
      log_.Write(
          left > absl::ZeroDuration() ? Severity::kWarn : Severity::kError,
          "the server's TLS certificate ends, and then no client connects: "
          "limpid admin renew-certificate, or put another in its place, and "
          "start again",
          {{"end", absl::FormatTime("%Y-%m-%d", end, absl::UTCTimeZone())}});
    };
    look();
    certificate_ticker_.emplace(absl::Hours(24), look);
    return absl::OkStatus();
  }

  absl::Status ListenGrpc(const TlsFiles& tls) {
    identity_ =
        rpc::MakeIdentityService(*runtime_, rpc::AuthPolicy::Public(), Facts());
    std::vector<grpc::Service*> services = {identity_.get()};
    for (grpc::Service* service : roles_->services()) {
      services.push_back(service);
    }
    for (const auto& service : extra_) services.push_back(service.get());
    if (UsesShares(config_)) {
      unseal_ = MakeUnsealService(*runtime_, rpc::AuthPolicy::Administrator(),
                                  ShareSetOf(config_), nullptr, log_);
      services.push_back(unseal_.get());
    }
    rpc::ServerOptions options;
    options.address = config_.grpc_address;
    options.certificate_pem = tls.certificate;
    options.private_key_pem = tls.private_key;
    options.client_roots_pem = tls.client_ca + tls.admin_ca;
    LIMPID_ASSIGN_OR_RETURN(server_,
                            rpc::Server::Start(options, *runtime_, services));
    server_->SetServing(true);
    return absl::OkStatus();
  }

  [[nodiscard]] std::string PublicUrl() const {
    if (!config_.log_public_url.empty()) return config_.log_public_url;
    return https_ == nullptr ? "" : absl::StrCat("https://", https_address());
  }

  rpc::OperatorFacts Facts() {
    rpc::OperatorFacts facts;
    facts.name = config_.operator_name;
    facts.version = kVersion;
    facts.consent = config_.HasRole(kConsentRole);
    facts.vault = config_.HasRole(kVaultRole);
    facts.algoregister = config_.HasRole(kRegisterRole);
    facts.logs = [logs = roles_->logs(), &environment = *environment_] {
      std::vector<rpc::LogHead> heads;
      heads.reserve(logs.size());
      for (const PublishedLog& log : logs) {
        heads.push_back({log.log->origin(), log.log->Vkey(),
                         LogUrl(environment, log.prefix),
                         log.log->SignedCheckpoint(),
                         static_cast<std::int64_t>(log.log->size())});
      }
      return heads;
    };
    facts.source_id = facts.vault ? config_.vault_source_id : "";
    return facts;
  }

  void StopWithin(absl::Duration patience) {
    if (stopped_) return;
    stopped_ = true;
    if (roles_ != nullptr) roles_->Stop();
    if (server_ != nullptr) server_->Drain(patience);
    // A handler may outlive its call.
    if (runtime_ != nullptr) runtime_->Stop();
    https_.reset();
  }

  const Config config_;
  Logger& log_;
  // Declared first, so that it is let go last.
  base::FileLock lock_;
  const base::SystemClock system_clock_;
  base::GuardedClock clock_;
  std::unique_ptr<rpc::Runtime> runtime_;
  std::optional<Environment> environment_;
  std::unique_ptr<RoleSet> roles_;
  std::unique_ptr<grpc::Service> identity_;
  // Null unless the root key is split in shares; says that they were given.
  std::unique_ptr<grpc::Service> unseal_;
  std::vector<std::unique_ptr<grpc::Service>> extra_;
  std::unique_ptr<http::StaticListener> https_;
  std::unique_ptr<rpc::Server> server_;
  // Declared after what it looks at, so that it is let go first.
  std::unique_ptr<ClockWatch> clock_watch_;
  std::optional<Ticker> certificate_ticker_;
  bool stopped_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<App>> App::Start(const Config& config,
                                                Logger& log,
                                                const ExtraServices& extra,
                                                const base::Clock* machine,
                                                Unsealed unsealed) {
  if (!unsealed.lock) {
    LIMPID_ASSIGN_OR_RETURN(unsealed.lock, LockDataDirectory(config));
  }
  auto app = std::make_unique<RunningApp>(config, log,
                                          *std::move(unsealed.lock), machine);
  LIMPID_RETURN_IF_ERROR(app->Open(extra, std::move(unsealed.root)));
  return app;
}

}  // namespace limpid::server
