#include "server/adapters/push_transport.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/http/https_client.h"
#include "common/http/public_address.h"

namespace limpid::server {
namespace {

constexpr std::string_view kContentType = "application/secevent+jwt";

class HttpsChannel final : public consent::PushChannel {
 public:
  HttpsChannel(std::unique_ptr<http::HttpsClient> client, std::string path)
      : client_(std::move(client)), path_(std::move(path)) {}

  absl::StatusOr<consent::PushAnswer> Post(std::string_view token) override {
    LIMPID_ASSIGN_OR_RETURN(http::HttpResponse response,
                            client_->Post(path_, kContentType, token,
                                          consent::kMaxPushAnswerBytes));
    return consent::PushAnswer{response.status, std::move(response.body)};
  }
  void Cancel() override { client_->Cancel(); }

 private:
  const std::unique_ptr<http::HttpsClient> client_;
  const std::string path_;
};

class HttpsTransport final : public consent::PushTransport {
 public:
  explicit HttpsTransport(PushTransportOptions options)
      : options_(std::move(options)) {}

  [[nodiscard]] absl::Status CheckHost(
      const consent::PushUrl& url) const override {
    if (options_.private_addresses || !http::IsAddress(url.host) ||
        http::IsPublicAddress(url.host)) {
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError("is not on a public address");
  }

  absl::StatusOr<std::unique_ptr<consent::PushChannel>> Open(
      const consent::PushUrl& url) override {
    http::HttpsClientOptions options;
    options.host = url.host;
    options.port = absl::StrCat(url.port);
    options.more_ca_pem = options_.more_ca_pem;
    options.step_timeout = consent::kPushDeadline;
    options.total_timeout = consent::kPushDeadline;
    options.public_addresses_only = !options_.private_addresses;
    LIMPID_ASSIGN_OR_RETURN(auto client,
                            http::HttpsClient::Create(std::move(options)));
    return std::make_unique<HttpsChannel>(std::move(client), url.path);
  }

 private:
  const PushTransportOptions options_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<consent::PushTransport>> MakePushTransport(
    PushTransportOptions options) {
  auto out = std::make_unique<HttpsTransport>(std::move(options));
  // A broken CA file is found out now, not at the first event.
  const auto channel = out->Open({"localhost", consent::kHttpsPort, "/"});
  if (!channel.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("consent.push_ca_file: ", channel.status().message()));
  }
  return out;
}

}  // namespace limpid::server
