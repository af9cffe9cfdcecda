#include "tests/integration/rpc/harness.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/client.h"
#include "common/rpc/tls13.h"
#include "grpcpp/channel.h"
#include "gtest/gtest.h"

namespace limpid::rpc {
namespace {

// As every main does: before gRPC is touched.
class Tls13Environment final : public ::testing::Environment {
 public:
  void SetUp() override { RequireTls13(); }
};
[[maybe_unused]] const auto* const kEnvironment =
    ::testing::AddGlobalTestEnvironment(new Tls13Environment);

}  // namespace

Harness::Harness(AuthPolicy policy, RuntimeOptions options,
                 ServerOptions server) {
  options.admin_ca_pem = tls_.admin_ca_pem();
  runtime_ = std::make_unique<Runtime>(std::move(options), clock_);
  service_ = std::make_unique<TestService>(*runtime_, policy);
  server.certificate_pem = tls_.server().certificate_pem;
  server.private_key_pem = tls_.server().private_key_pem;
  server.client_roots_pem = tls_.client_roots_pem();
  auto started = Server::Start(server, *runtime_, {service_.get()});
  EXPECT_TRUE(started.ok()) << started.status();
  server_ = *std::move(started);
}

std::string Harness::address() const {
  return absl::StrCat("localhost:", server_->port());
}

ChannelOptions Harness::Anonymous() const {
  ChannelOptions options;
  options.address = address();
  options.ca_pem = tls_.server_ca_pem();
  return options;
}

ChannelOptions Harness::With(
    const testing::TestCertificate& certificate) const {
  ChannelOptions options = Anonymous();
  options.certificate_pem = certificate.certificate_pem;
  options.private_key_pem = certificate.private_key_pem;
  return options;
}

std::unique_ptr<Stub> Harness::Connect(const ChannelOptions& options) {
  return v1::ServiceConsentService::NewStub(MakeChannel(options).value());
}

absl::Status Harness::Call(const ChannelOptions& options) {
  return CallOnce(*Connect(options));
}

absl::Status CallOnce(Stub& stub) {
  grpc::ClientContext context;
  SetDeadline(context, absl::Seconds(10));
  v1::CreateRequestResponse response;
  return StatusOfCall(stub.CreateRequest(&context, {}, &response));
}

}  // namespace limpid::rpc
