// Who the server believes is calling, over real TLS.

#include <string>

#include "common/rpc/grpc_status.h"
#include "common/rpc/identity_service.h"
#include "grpcpp/channel.h"
#include "gtest/gtest.h"
#include "limpid/identity/v1/identity_service.grpc.pb.h"
#include "tests/integration/rpc/harness.h"
#include "tests/testing/status_matchers.h"

namespace limpid::rpc {
namespace {

using testing::IsOk;
using testing::StatusIs;

// Records what the last call looked like.
Caller& Watch(Harness& harness, Caller& seen) {
  harness.service().blocking = [&seen](const Caller& caller,
                                       const v1::CreateRequestRequest&,
                                       v1::CreateRequestResponse&) {
    seen = caller;
    return absl::OkStatus();
  };
  return seen;
}

TEST(Identity, PublicTakesCallersWithoutCertificate) {
  Harness harness;
  Caller seen;
  Watch(harness, seen);
  EXPECT_THAT(Harness::Call(harness.Anonymous()), IsOk());
  EXPECT_EQ(seen.kind, CallerKind::kAnonymous);
  EXPECT_EQ(seen.method,
            "/limpid.consent.v1.ServiceConsentService/CreateRequest");
}

TEST(Identity, AServiceIsItsPublicKey) {
  Harness harness(AuthPolicy::Service());
  Caller seen;
  Watch(harness, seen);
  const auto certificate = harness.tls().IssueService("bakery");
  EXPECT_THAT(Harness::Call(harness.With(certificate)), IsOk());
  EXPECT_EQ(seen.kind, CallerKind::kCertificate);
  EXPECT_EQ(seen.spki_thumbprint, certificate.thumbprint);
  EXPECT_FALSE(seen.administrator);
  EXPECT_THAT(Harness::Call(harness.Anonymous()),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST(Identity, AnAdministratorComesFromTheOtherAuthority) {
  Harness harness(AuthPolicy::Administrator());
  EXPECT_THAT(
      Harness::Call(harness.With(harness.tls().IssueAdministrator("root"))),
      IsOk());
  // The same name by the clients' authority is no administrator.
  EXPECT_THAT(Harness::Call(harness.With(harness.tls().IssueService("root"))),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST(Identity, ACertificateOfAStrangerDoesNotConnectEvenToPublic) {
  Harness harness;
  EXPECT_THAT(
      Harness::Call(harness.With(harness.tls().IssueStranger("bakery"))),
      StatusIs(absl::StatusCode::kUnavailable));
}

TEST(Identity, AClientRefusesAServerItDoesNotTrust) {
  Harness harness;
  ChannelOptions options = harness.Anonymous();
  options.ca_pem = harness.tls().client_ca_pem();
  EXPECT_THAT(Harness::Call(options), StatusIs(absl::StatusCode::kUnavailable));
}

TEST(Identity, TokensTravelInMetadataAndCarryTheMethod) {
  Harness harness(AuthPolicy::NewPerson());
  Caller seen;
  Watch(harness, seen);
  std::string asked;
  ChannelOptions options = harness.Anonymous();
  options.tokens = [&asked](std::string_view method) {
    asked = method;
    return CallTokens{"token-1", "proof-1"};
  };
  EXPECT_THAT(Harness::Call(options), IsOk());
  EXPECT_EQ(seen.kind, CallerKind::kToken);
  EXPECT_EQ(seen.bearer_token, "token-1");
  EXPECT_EQ(seen.proof, "proof-1");
  EXPECT_EQ(asked, seen.method);
}

TEST(Identity, ATokenThatCannotBeMadeIsItsOwnError) {
  Harness harness(AuthPolicy::NewPerson());
  ChannelOptions options = harness.Anonymous();
  options.tokens = [](std::string_view) {
    return absl::NotFoundError("no such source");
  };
  const absl::Status status = Harness::Call(options);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(status.message(), "no such source");
}

TEST(Identity, AServiceCannotPoseAsAPerson) {
  Harness harness(AuthPolicy::NewPerson());
  ChannelOptions options = harness.With(harness.tls().IssueService("bakery"));
  options.tokens = [](std::string_view) { return CallTokens{"t", "p"}; };
  EXPECT_THAT(Harness::Call(options),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

absl::Status CallWith(
    Harness& harness,
    const std::vector<std::pair<std::string, std::string>>& metadata) {
  const auto stub = Harness::Connect(harness.Anonymous());
  grpc::ClientContext context;
  SetDeadline(context, absl::Seconds(10));
  for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
  v1::CreateRequestResponse response;
  return FromGrpc(stub->CreateRequest(&context, {}, &response));
}

TEST(Identity, ForgedMetadataChangesNothing) {
  Harness harness;
  Caller seen;
  Watch(harness, seen);
  EXPECT_THAT(CallWith(harness, {{"x509_pem_cert", "x"},
                                 {"x509_common_name", "root"},
                                 {"x-limpid-administrator", "true"},
                                 {"authorization", "Basic cm9vdDo="}}),
              IsOk());
  EXPECT_EQ(seen.kind, CallerKind::kAnonymous);
  EXPECT_FALSE(seen.administrator);
}

TEST(Identity, TwoTokensAreNone) {
  Harness harness;
  Caller seen;
  Watch(harness, seen);
  EXPECT_THAT(CallWith(harness, {{"authorization", "Bearer a"},
                                 {"authorization", "Bearer b"}}),
              IsOk());
  EXPECT_EQ(seen.kind, CallerKind::kAnonymous);
}

TEST(Identity, TheIdentityServiceSaysWhatTheServerSees) {
  const testing::TestTls tls;
  const base::SystemClock clock;
  RuntimeOptions options;
  options.admin_ca_pem = tls.admin_ca_pem();
  Runtime runtime(options, clock);
  OperatorFacts facts;
  facts.name = "limpid.example.org";
  facts.consent = true;
  facts.logs = [] {
    return std::vector<LogHead>{{"o", "vkey", "https://x/", "note", 3}};
  };
  const auto service =
      MakeIdentityService(runtime, AuthPolicy::Public(), facts);
  ServerOptions listen;
  listen.certificate_pem = tls.server().certificate_pem;
  listen.private_key_pem = tls.server().private_key_pem;
  listen.client_roots_pem = tls.client_roots_pem();
  const auto server = Server::Start(listen, runtime, {service.get()}).value();

  namespace id = limpid::identity::v1;
  const auto certificate = tls.IssueAdministrator("root");
  ChannelOptions channel;
  channel.address = "localhost:" + std::to_string(server->port());
  channel.ca_pem = tls.server_ca_pem();
  channel.certificate_pem = certificate.certificate_pem;
  channel.private_key_pem = certificate.private_key_pem;
  const auto stub = id::IdentityService::NewStub(MakeChannel(channel).value());
  grpc::ClientContext first;
  id::GetCallerResponse caller;
  ASSERT_TRUE(stub->GetCaller(&first, {}, &caller).ok());
  EXPECT_EQ(caller.kind(), id::CALLER_KIND_CERTIFICATE);
  EXPECT_TRUE(caller.administrator());
  EXPECT_EQ(caller.spki_thumbprint(), base::ToText(certificate.thumbprint));
  grpc::ClientContext second;
  id::GetOperatorResponse answer;
  ASSERT_TRUE(stub->GetOperator(&second, {}, &answer).ok());
  EXPECT_EQ(answer.operator_(), "limpid.example.org");
  ASSERT_EQ(answer.logs_size(), 1);
  EXPECT_EQ(answer.logs(0).checkpoint().note(), "note");
}

}  // namespace
}  // namespace limpid::rpc
