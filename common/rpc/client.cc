#include "common/rpc/client.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/rpc/grpc_status.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace limpid::rpc {
namespace {

// Asks an idle server this often whether it is still there, so that a Watch
// notices a dead one.
constexpr int kKeepaliveMs = 60'000;
// A server that restarts is back within a second or two; gRPC would wait up to
// two minutes before it looks again. The minimum is what one attempt may take.
constexpr int kFirstReconnectMs = 100;
constexpr int kConnectMs = 5'000;
constexpr int kLastReconnectMs = 2'000;

// Begins what a plugin says, followed by its code, a space and its message.
constexpr std::string_view kNoToken = "no token for this call: ";

grpc::Status NoToken(const absl::Status& why) {
  return {
      grpc::StatusCode::UNAUTHENTICATED,
      absl::StrCat(base::ToAbsl(kNoToken), why.raw_code(), " ", why.message())};
}

class TokenPlugin final : public grpc::MetadataCredentialsPlugin {
 public:
  explicit TokenPlugin(TokenSource tokens) : tokens_(std::move(tokens)) {}

  grpc::Status GetMetadata(
      grpc::string_ref service_url, grpc::string_ref method_name,
      const grpc::AuthContext& /*channel_auth_context*/,
      std::multimap<grpc::string, grpc::string>* metadata) override {
    // "https://host/package.Service" and "Method".
    const std::string_view url(service_url.data(), service_url.size());
    const std::string_view service = url.substr(url.rfind('/') + 1);
    const auto tokens =
        tokens_(std::string("/").append(service).append("/").append(
            method_name.data(), method_name.size()));
    if (!tokens.ok()) return NoToken(tokens.status());
    if (!tokens->bearer.empty()) {
      metadata->emplace("authorization", "Bearer " + tokens->bearer);
    }
    if (!tokens->proof.empty())
      metadata->emplace("limpid-proof", tokens->proof);
    return grpc::Status::OK;
  }

 private:
  const TokenSource tokens_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(
    const ChannelOptions& options) {
  if (options.certificate_pem.empty() != options.private_key_pem.empty()) {
    return absl::InvalidArgumentError(
        "a client certificate and its key are given together or not at all");
  }
  grpc::SslCredentialsOptions ssl;
  ssl.pem_root_certs = options.ca_pem;
  ssl.pem_private_key = options.private_key_pem;
  ssl.pem_cert_chain = options.certificate_pem;
  std::shared_ptr<grpc::ChannelCredentials> credentials =
      grpc::SslCredentials(ssl);
  if (options.tokens) {
    credentials = grpc::CompositeChannelCredentials(
        credentials, grpc::MetadataCredentialsFromPlugin(
                         std::make_unique<TokenPlugin>(options.tokens)));
  }
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(options.max_receive_bytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLastReconnectMs);
  if (!options.server_name.empty()) {
    arguments.SetSslTargetNameOverride(options.server_name);
  }
  return grpc::CreateCustomChannel(options.address, credentials, arguments);
}

absl::Status StatusOfCall(const grpc::Status& status) {
  // gRPC hands out a copy: a view of it would not outlive this line.
  const std::string message = status.error_message();
  const std::size_t at = message.find(kNoToken);
  if (status.ok() || at == std::string::npos) return FromGrpc(status);
  const std::string_view said =
      std::string_view(message).substr(at + kNoToken.size());
  const std::size_t space = said.find(' ');
  int code = 0;
  if (space == std::string_view::npos ||
      !absl::SimpleAtoi(base::ToAbsl(said.substr(0, space)), &code)) {
    return FromGrpc(status);
  }
  return FromGrpc(grpc::Status(static_cast<grpc::StatusCode>(code),
                               std::string(said.substr(space + 1))));
}

bool WaitForConnection(grpc::Channel& channel, absl::Duration patience) {
  return channel.WaitForConnected(absl::ToChronoTime(absl::Now() + patience));
}

void SetDeadline(grpc::ClientContext& context, absl::Duration from_now) {
  context.set_deadline(absl::ToChronoTime(absl::Now() + from_now));
}

}  // namespace limpid::rpc
