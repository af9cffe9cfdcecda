#include "common/rpc/server.h"

#include <csignal>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/request_memory.h"
#include "grpc/health/v1/health.pb.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace limpid::rpc {
namespace {

// A peer that says nothing in this time is asked for a ping, and dropped
// without an answer after the second: a phone that left its network must not
// hold a Watch for ever.
constexpr int kKeepaliveMs = 60'000;
constexpr int kKeepaliveAnswerMs = 20'000;
// A peer that pings more often than this is sent away (HTTP/2 ping floods).
constexpr int kPingIntervalMs = 10'000;
constexpr int kPingStrikes = 2;
constexpr int kIdleConnectionMs = 10 * 60'000;
constexpr int kHandshakeMs = 10'000;

std::shared_ptr<grpc::ServerCredentials> Credentials(
    const ServerOptions& options) {
  // Asked for, not demanded; one that comes must verify. What may be anonymous
  // is decided per service by its AuthPolicy.
  grpc::SslServerCredentialsOptions ssl(
      options.client_roots_pem.empty()
          ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
          : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  ssl.pem_root_certs = options.client_roots_pem;
  ssl.pem_key_cert_pairs.push_back(
      {options.private_key_pem, options.certificate_pem});
  return grpc::SslServerCredentials(ssl);
}

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

void SetLimits(const ServerOptions& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(options.max_receive_bytes);
  builder.SetMaxSendMessageSize(options.max_send_bytes);
  // Two servers on one port would share its calls by chance.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS,
                             options.max_concurrent_streams);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE,
                             options.max_metadata_bytes);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveAnswerMs);
  builder.AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kPingIntervalMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kPingStrikes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS,
                             kIdleConnectionMs);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS,
                             Milliseconds(options.connection_age));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                             Milliseconds(options.connection_grace));
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             kHandshakeMs);
  grpc::ResourceQuota quota("limpid");
  quota.Resize(static_cast<std::size_t>(options.memory_quota_bytes));
  builder.SetResourceQuota(quota);
}

// Answers what no service of the server does.
class OutOfService final : public grpc::CallbackGenericService {
 public:
  explicit OutOfService(std::string sentence)
      : sentence_(std::move(sentence)) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* /*context*/) override {
    // Deletes itself when gRPC is done with it.
    return std::make_unique<Refusal>(sentence_).release();
  }

 private:
  class Refusal final : public grpc::ServerGenericBidiReactor {
   public:
    explicit Refusal(const std::string& sentence) {
      Finish(ToGrpc(absl::UnavailableError(sentence)));
    }
    void OnDone() override { delete this; }
  };

  const std::string sentence_;
};

}  // namespace

struct Server::State {
  Runtime* runtime = nullptr;
  // Declared before the server, which uses it; null unless out of service.
  std::unique_ptr<OutOfService> others;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(
    const ServerOptions& options, Runtime& runtime,
    const std::vector<grpc::Service*>& services) {
  // Reflection can describe the health service only when its descriptor is
  // linked in; this line is what links it.
  LIMPID_CHECK(grpc::health::v1::HealthCheckRequest::descriptor() != nullptr);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();

  auto state = std::make_unique<State>();
  state->runtime = &runtime;
  grpc::ServerBuilder builder;
  SetLimits(options, builder);
  builder.AddListeningPort(options.address, Credentials(options), &state->port);
  for (grpc::Service* const service : services) {
    builder.RegisterService(service);
  }
  if (!options.out_of_service.empty()) {
    state->others = std::make_unique<OutOfService>(options.out_of_service);
    builder.RegisterCallbackGenericService(state->others.get());
  }
  std::vector<
      std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>
      interceptors;
  interceptors.push_back(MakeRequestMemoryGuard(
      {.each = options.max_request_memory_bytes,
       .all = options.max_requests_memory_bytes,
       .anonymous = options.max_anonymous_requests_memory_bytes}));
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
  state->server = builder.BuildAndStart();
  if (state->server == nullptr || state->port == 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "cannot listen on ", options.address,
        ": the address is taken or not of this machine, or the server "
        "certificate and its key do not fit together"));
  }
  auto server = std::unique_ptr<Server>(new Server(std::move(state)));
  server->SetServing(options.out_of_service.empty());
  return server;
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() { Drain(absl::ZeroDuration()); }

int Server::port() const { return state_->port; }

void Server::SetServing(bool serving) {
  auto* const health = state_->server->GetHealthCheckService();
  if (health != nullptr) health->SetServingStatus(serving);
}

void Server::Drain(absl::Duration patience) {
  SetServing(false);
  state_->runtime->Drain();
  state_->server->Shutdown(absl::ToChronoTime(absl::Now() + patience));
  state_->server->Wait();
}

std::shared_ptr<grpc::Channel> Server::InProcessChannel() {
  return state_->server->InProcessChannel(grpc::ChannelArguments());
}

namespace {

sigset_t TerminationSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

void BlockTerminationSignals() {
  const sigset_t signals = TerminationSignals();
  LIMPID_CHECK(pthread_sigmask(SIG_BLOCK, &signals, nullptr) == 0);
  // A peer that closes its connection must not end the process.
  (void)std::signal(SIGPIPE, SIG_IGN);
}

void WaitForTermination() {
  const sigset_t signals = TerminationSignals();
  int received = 0;
  LIMPID_CHECK(sigwait(&signals, &received) == 0);
}

bool TerminationWithin(absl::Duration patience) {
  const sigset_t signals = TerminationSignals();
  const timespec wait = absl::ToTimespec(patience);
  // Also when another signal or the time ended the wait.
  return sigtimedwait(&signals, nullptr, &wait) > 0;
}

}  // namespace limpid::rpc
