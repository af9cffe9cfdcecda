// The listener itself: TLS versions, health, reflection, taken ports.

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "tests/integration/rpc/harness.h"
#include "tests/testing/status_matchers.h"

namespace limpid::rpc {
namespace {

using testing::StatusSays;

// Whether a handshake of at most `version` succeeds.
bool Handshakes(int port, int version) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
      SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_max_proto_version(context.get(), version);
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(
      BIO_new_ssl_connect(context.get()), BIO_free_all);
  const std::string port_text = std::to_string(port);
  BIO_set_conn_hostname(bio.get(), "127.0.0.1");
  BIO_set_conn_port(bio.get(), port_text.c_str());
  return BIO_do_connect(bio.get()) == 1 && BIO_do_handshake(bio.get()) == 1;
}

TEST(Listener, SpeaksNothingOlderThanTls13) {
  const Harness harness;
  const std::string address = harness.address();
  const int port = std::stoi(address.substr(address.find(':') + 1));
  EXPECT_TRUE(Handshakes(port, TLS1_3_VERSION));
  EXPECT_FALSE(Handshakes(port, TLS1_2_VERSION));
  EXPECT_FALSE(Handshakes(port, TLS1_1_VERSION));
}

TEST(Listener, AnswersHealth) {
  Harness harness;
  const auto stub = grpc::health::v1::Health::NewStub(
      MakeChannel(harness.Anonymous()).value());
  grpc::health::v1::HealthCheckResponse response;
  grpc::ClientContext first;
  ASSERT_TRUE(stub->Check(&first, {}, &response).ok());
  EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING);
  harness.server().SetServing(false);
  grpc::ClientContext second;
  ASSERT_TRUE(stub->Check(&second, {}, &response).ok());
  EXPECT_EQ(response.status(),
            grpc::health::v1::HealthCheckResponse::NOT_SERVING);
}

TEST(Listener, RefusesAPortThatIsTaken) {
  Harness harness;
  ServerOptions options;
  options.address = harness.address();
  options.certificate_pem = harness.tls().server().certificate_pem;
  options.private_key_pem = harness.tls().server().private_key_pem;
  const base::SystemClock clock;
  Runtime runtime({}, clock);
  EXPECT_THAT(Server::Start(options, runtime, {}),
              StatusSays(absl::StatusCode::kFailedPrecondition, "is taken"));
}

// One round of the reflection protocol, with the messages written by hand: its
// proto is not part of ours. Returns the raw answer.
std::string Reflect(const Harness& harness, const std::string& request) {
  grpc::GenericStub stub(MakeChannel(harness.Anonymous()).value());
  grpc::ClientContext context;
  SetDeadline(context, absl::Seconds(10));
  grpc::CompletionQueue queue;
  int tag = 0;
  void* got = nullptr;
  bool ok = false;
  const auto call = stub.PrepareCall(
      &context,
      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  call->StartCall(&tag);
  queue.Next(&got, &ok);
  const grpc::Slice slice(request);
  call->WriteLast(grpc::ByteBuffer(&slice, 1), {}, &tag);
  queue.Next(&got, &ok);
  grpc::ByteBuffer answer;
  call->Read(&answer, &tag);
  queue.Next(&got, &ok);
  grpc::Slice whole;
  if (!ok || !answer.DumpToSingleSlice(&whole).ok()) return {};
  grpc::Status status;
  call->Finish(&status, &tag);
  queue.Next(&got, &ok);
  return base::ToText({whole.begin(), whole.size()});
}

TEST(Listener, ListsAndDescribesItsServices) {
  const Harness harness;
  // list_services = 7: "*".
  const std::string list = Reflect(harness, "\x3a\x01*");
  EXPECT_NE(list.find("limpid.consent.v1.ServiceConsentService"),
            std::string::npos);
  EXPECT_NE(list.find("grpc.health.v1.Health"), std::string::npos);
  // file_containing_symbol = 4.
  const std::string health = "grpc.health.v1.Health";
  const std::string described = Reflect(
      harness,
      absl::StrCat("\x22", std::string(1, static_cast<char>(health.size())),
                   health));
  EXPECT_NE(described.find("HealthCheckRequest"), std::string::npos);
}

}  // namespace
}  // namespace limpid::rpc
