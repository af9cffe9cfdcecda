// Proposals over the wire with the client of the SDK: since when they are so,
// whether one is still so when somebody decides on it, and how many may ask.

#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "algoregister/rpc/export_limit.h"
#include "algoregister/rpc/register_insight_rpc.h"
#include "algoregister/rpc/register_rpc.h"
#include "algoregister/store/memory_registration_store.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/insight_client.h"
#include "common/base/clock.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/client.h"
#include "common/rpc/runtime.h"
#include "common/rpc/server.h"
#include "common/rpc/tls13.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "limpid/algoregister/v1/register_insight_service.grpc.pb.h"
#include "tests/integration/algoregister/gated_store.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tls.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;
using testing::StatusSays;

class InsightRpcTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { rpc::RequireTls13(); }

  void SetUp() override {
    rpc::ServerOptions options;
    options.certificate_pem = tls_.server().certificate_pem;
    options.private_key_pem = tls_.server().private_key_pem;
    options.client_roots_pem = tls_.client_roots_pem();
    auto started = rpc::Server::Start(options, runtime_, {&insight_, &reads_});
    ASSERT_THAT(started, IsOk());
    server_ = *std::move(started);
    connection_ = Connect();
  }
  std::unique_ptr<client::Connection> Connect() {
    rpc::ChannelOptions channel;
    channel.address = "localhost:" + std::to_string(server_->port());
    channel.ca_pem = tls_.server_ca_pem();
    return client::Connect(channel).value();
  }
  client::InsightClient Client() { return client::InsightClient(*connection_); }

  // A deployment of a body of its own.
  RegistrationId Deploy(std::string_view title) {
    json::Value body = NewContent(RegistrationKind::kOrganisation);
    SetField(body, "name", Given(json::Value("Body")));
    const RegistrationId organisation =
        Publish(RegistrationKind::kOrganisation, std::move(body));
    json::Value content = NewContent(RegistrationKind::kDeployment);
    SetField(content, "title", GivenText("en", title));
    SetField(content, "organisation", Given(json::Value(organisation.Text())));
    return Publish(RegistrationKind::kDeployment, std::move(content));
  }
  RegistrationId Publish(RegistrationKind kind, json::Value content) {
    content.Remove("kind");
    return house_
        .Publish(*house_.target.PrepareNew(house_.By(house_.publisher), kind,
                                           content))
        .value()
        .registration;
  }

  testing::TestTls tls_;
  RegisterHouseOf<GatedStore> house_;
  MemoryPublisherStore publishers_;
  base::SystemClock clock_;
  rpc::Runtime runtime_{{}, clock_};
  RegisterInsightRpc insight_{runtime_,
                              rpc::AuthPolicy::Public(),
                              {house_.store, house_.target, house_.clock}};
  RegisterRpc reads_{runtime_,
                     rpc::AuthPolicy::Public(),
                     {house_.store, publishers_, house_.log, {}}};
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<client::Connection> connection_;
};

TEST_F(InsightRpcTest, AProposalThatIsStaleIsRefused) {
  const RegistrationId first = Deploy("ReadSpeaker");
  Deploy("ReadSpeaker");
  const auto all = Client().Proposals();
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(all->computed_time().seconds(),
            absl::ToUnixSeconds(house_.clock.Now()));
  ASSERT_EQ(all->proposals_size(), 1);
  v1::Proposal proposal = all->proposals(0);
  EXPECT_EQ(proposal.registration_versions_size(), 2);
  EXPECT_THAT(Client().CheckStillSo(proposal), IsOk());
  json::Value content = NewContent(RegistrationKind::kDeployment);
  SetField(content, "title", GivenText("en", "Another thing"));
  content.Remove("kind");
  ASSERT_THAT(house_.Publish(*house_.target.PrepareUpdate(
                  house_.By(house_.publisher), first, content)),
              IsOk());
  const auto refused = StatusSays(absl::StatusCode::kFailedPrecondition,
                                  "list the proposals again");
  EXPECT_THAT(Client().CheckStillSo(proposal), refused);
  EXPECT_EQ(Client().Proposals()->total_count(), 0);
  proposal.mutable_registration_versions()->RemoveLast();
  EXPECT_THAT(Client().CheckStillSo(proposal),
              StatusSays(absl::StatusCode::kInternal, "not whole"));
}

// A change to any of them makes the proposal another one.
TEST_F(InsightRpcTest, EveryRegistrationOfAProposalIsLookedAt) {
  Deploy("ReadSpeaker");
  Deploy("ReadSpeaker");
  const auto all = Client().Proposals();
  ASSERT_THAT(all, IsOk());
  ASSERT_EQ(all->proposals_size(), 1);
  for (int i = 0; i < 2; ++i) {
    v1::Proposal stale = all->proposals(0);
    stale.set_registration_versions(i, 2);
    EXPECT_THAT(Client().CheckStillSo(stale),
                StatusSays(absl::StatusCode::kFailedPrecondition,
                           stale.registration_ids(i)));
  }
}

TEST_F(InsightRpcTest, APageIsPartOfTheProposalsAndAllAreCounted) {
  for (const std::string_view title : {"ReadSpeaker", "Zivver"}) {
    Deploy(title);
    Deploy(title);
  }
  rpc::ChannelOptions channel;
  channel.address = "localhost:" + std::to_string(server_->port());
  channel.ca_pem = tls_.server_ca_pem();
  v1::RegisterInsightService::Stub stub(rpc::MakeChannel(channel).value());
  v1::ListProposalsRequest request;
  request.set_page_size(1);
  v1::ListProposalsResponse response;
  grpc::ClientContext context;
  rpc::SetDeadline(context, absl::Seconds(60));
  ASSERT_TRUE(stub.ListProposals(&context, request, &response).ok());
  EXPECT_EQ(response.proposals_size(), 1);
  EXPECT_EQ(response.total_count(), 2);
}

TEST_F(InsightRpcTest, OneAddressHoldsItsShareOfTheLists) {
  house_.store.Close();
  std::vector<std::future<absl::Status>> open;
  for (int i = 0; i < ExportLimit::kMostPerClient; ++i) {
    open.push_back(std::async(std::launch::async, [this] {
      const auto connection = Connect();
      return client::InsightClient(*connection).Proposals().status();
    }));
  }
  house_.store.AwaitWaiting(ExportLimit::kMostPerClient);
  EXPECT_THAT(Client().Proposals(),
              StatusSays(absl::StatusCode::kResourceExhausted, "try later"));
  house_.store.Open();
  int answered = 0;
  for (std::future<absl::Status>& one : open) {
    const absl::Status status = one.get();
    // The second may have come while the first one computed.
    EXPECT_TRUE(status.ok() || absl::IsUnavailable(status)) << status;
    if (status.ok()) ++answered;
  }
  EXPECT_GE(answered, 1);
  EXPECT_THAT(Client().Proposals(), IsOk());
}

}  // namespace
}  // namespace limpid::algoregister
