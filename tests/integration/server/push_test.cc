// Events pushed by a whole server to a real HTTPS receiver, which verifies each
// with the published evidence key, and what everybody sees of it.

#include <atomic>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "clients/cpp/push_client.h"
#include "common/base/file.h"
#include "common/jose/jwk.h"
#include "common/jose/jws.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/integration/server/world_fixture.h"
#include "tests/testing/https_receiver.h"
#include "tests/testing/status_matchers.h"

namespace limpid {
namespace {

namespace v1 = consent::v1;
using testing::HttpsReceiver;
using testing::IsOk;
using testing::ReceivedRequest;
using testing::Reply;
using testing::StatusIs;

constexpr absl::Duration kPatience = absl::Seconds(15);
constexpr std::string_view kType = "secevent+jwt";

class PushTest : public testing::WorldTest {
 protected:
  void SetUp() override {
    plan_.attributes = {"person.email"};
    service_ = world_.AddService("cinema", plan_);
    agreement_ = world_.AddAgreement(service_, plan_);
    anna_ = world_.AddPerson();
  }

  // Writes the two keys into the configuration and starts again with it.
  void Configure(bool private_addresses) {
    const auto ca = directory_.path() / "push-ca.pem";
    std::ofstream(ca) << tls_.server_ca_pem();
    const auto file = world_.directory() / std::string(server::layout::kConfig);
    const auto bytes = base::ReadFileBytes(file, 1 << 16);
    ASSERT_THAT(bytes, IsOk());
    std::string text(base::AsText(*bytes));
    EXPECT_EQ(absl::StrReplaceAll(
                  {{"push_ca_file = \"\"",
                    absl::StrCat("push_ca_file = \"", ca.string(), "\"")},
                   {"push_private_addresses = false",
                    absl::StrCat("push_private_addresses = ",
                                 private_addresses ? "true" : "false")}},
                  &text),
              2);
    std::ofstream(file) << text;
    world_.Restart();
  }
  HttpsReceiver& Receive(HttpsReceiver::Handler handler, int port = 0) {
    receiver_.reset();
    receiver_ = std::make_unique<HttpsReceiver>(tls_.server(),
                                                std::move(handler), port);
    return *receiver_;
  }
  HttpsReceiver& Answering(int status, int port = 0) {
    return Receive(
        [status](const ReceivedRequest& /*request*/) {
          return Reply{status, "", "", {}};
        },
        port);
  }
  static std::string OriginOf(const HttpsReceiver& receiver) {
    return absl::StrCat("https://localhost:", receiver.port());
  }
  client::PushClient Admin() {
    if (!admin_) admin_ = client::Connect(world_.admin_channel()).value();
    return client::PushClient(*admin_);
  }
  void Register(testing::ServiceSide& service, const HttpsReceiver& receiver) {
    ASSERT_THAT(Admin().SetOrigin(service.id, OriginOf(receiver)), IsOk());
    ASSERT_THAT(client::PushClient(*service.connection)
                    .SetEndpoint(OriginOf(receiver) + "/events"),
                IsOk());
  }
  std::vector<v1::Delivery> Deliveries(const std::string& record) {
    const auto list =
        client::PushClient(anna_->consent_connection()).ListDeliveries(record);
    EXPECT_THAT(list, IsOk());
    return list.ok() ? *list : std::vector<v1::Delivery>();
  }
  // Waits until the record's event of `revision` is in `state`.
  v1::Delivery Await(const std::string& record, std::size_t revision,
                     v1::DeliveryState state) {
    const absl::Time until = absl::Now() + kPatience;
    v1::Delivery last;
    do {
      const auto list = Deliveries(record);
      if (list.size() >= revision) last = list[revision - 1];
      if (last.state() == state) return last;
      absl::SleepFor(absl::Milliseconds(20));
    } while (absl::Now() < until);
    ADD_FAILURE() << "revision " << revision << " is "
                  << v1::DeliveryState_Name(last.state());
    return last;
  }
  // The claims of a token, verified as a service would.
  json::Value Verified(const ReceivedRequest& request) {
    const auto payload = jose::VerifyCompact(
        request.body, jose::PublicJwk(world_.trust().evidence_key), kType,
        /*max_bytes=*/16'384);
    EXPECT_THAT(payload, IsOk());
    if (!payload.ok()) return json::Value::Object();
    return json::ParseStrict(*payload).value();
  }
  std::string IdOf(const ReceivedRequest& request) {
    return Verified(request).GetString("jti").value();
  }

  testing::TestTls tls_;
  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
  std::string agreement_;
  std::unique_ptr<testing::Person> anna_;
  std::unique_ptr<client::Connection> admin_;
  // What the receiver's answers use, which may come after a test's body.
  std::atomic<int> calls_ = 0;
  std::atomic<bool> reject_ = true;
  std::atomic<bool> hang_ = true;
  std::unique_ptr<HttpsReceiver> receiver_;
};

TEST_F(PushTest, TheReceiverVerifiesAndThePersonSeesIt) {
  Configure(/*private_addresses=*/true);
  HttpsReceiver& receiver = Answering(202);
  Register(service_, receiver);
  const std::string record = world_.Grant(service_, agreement_, *anna_);
  const v1::Delivery granted = Await(record, 2, v1::DELIVERY_STATE_DELIVERED);
  EXPECT_EQ(granted.record_state(), v1::RECORD_STATE_GRANTED);
  EXPECT_TRUE(granted.has_deliver_time());
  EXPECT_EQ(granted.attempt_count(), 0U);
  ASSERT_EQ(receiver.requests().size(), 2U);
  const ReceivedRequest request = receiver.requests().back();
  EXPECT_EQ(request.line, "POST /events HTTP/1.1");
  EXPECT_EQ(request.Header("content-type"), "application/secevent+jwt");
  EXPECT_EQ(request.Header("accept"), "application/json");
  const json::Value claims = Verified(request);
  EXPECT_EQ(claims.GetString("iss").value(), "test.example");
  EXPECT_EQ(claims.GetString("aud").value(), service_.id);
  const auto event = claims.GetObject("events")
                         .value()
                         .GetObject("urn:limpid:event:record-changed")
                         .value();
  EXPECT_EQ(event.GetString("record").value(), record);
  EXPECT_EQ(event.GetString("state").value(), "GRANTED");
  EXPECT_THAT(client::PushClient(*service_.connection).GetEndpoint(), IsOk());

  const auto bob = world_.AddPerson();
  EXPECT_THAT(
      client::PushClient(bob->consent_connection()).ListDeliveries(record),
      StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(PushTest, AnErrorThenAcceptedIsTheSameEventTwice) {
  Configure(/*private_addresses=*/true);
  HttpsReceiver& receiver = Receive([this](const ReceivedRequest& /*request*/) {
    return Reply{calls_++ == 0 ? 500 : 202, "", "", {}};
  });
  Register(service_, receiver);
  const std::string record = world_.Grant(service_, agreement_, *anna_);
  (void)Await(record, 2, v1::DELIVERY_STATE_DELIVERED);
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(IdOf(requests[0]), IdOf(requests[1]));
  EXPECT_NE(IdOf(requests[1]), IdOf(requests[2]));
}

TEST_F(PushTest, DownForAWhileThenUp) {
  Configure(/*private_addresses=*/true);
  const int port = Answering(202).port();
  Register(service_, *receiver_);
  receiver_.reset();
  const std::string record = world_.Grant(service_, agreement_, *anna_);
  const v1::Delivery failing = Await(record, 1, v1::DELIVERY_STATE_FAILING);
  EXPECT_EQ(failing.failure(), v1::PUSH_FAILURE_UNREACHABLE);
  EXPECT_TRUE(failing.has_next_attempt_time());
  EXPECT_EQ(Deliveries(record)[1].state(), v1::DELIVERY_STATE_PENDING);
  const auto endpoint = client::PushClient(*service_.connection).GetEndpoint();
  ASSERT_THAT(endpoint, IsOk());
  EXPECT_GE(endpoint->failure_count(), 1U);
  (void)Answering(202, port);
  (void)Await(record, 2, v1::DELIVERY_STATE_DELIVERED);
  EXPECT_EQ(receiver_->requests().size(), 2U);
}

TEST_F(PushTest, RejectedIsADeadLetterThatAnAdministratorRetries) {
  Configure(/*private_addresses=*/true);
  HttpsReceiver& receiver = Receive([this](const ReceivedRequest& /*request*/) {
    if (!reject_) return Reply{};
    return Reply{400,
                 R"({"err":"invalid_key"})",
                 "Content-Type: application/json\r\n",
                 {}};
  });
  Register(service_, receiver);
  const std::string record = world_.Grant(service_, agreement_, *anna_);
  const v1::Delivery dead = Await(record, 2, v1::DELIVERY_STATE_DEAD_LETTER);
  EXPECT_EQ(dead.failure(), v1::PUSH_FAILURE_REJECTED);
  EXPECT_EQ(dead.rejection(), v1::PUSH_REJECTION_INVALID_KEY);
  const auto letters = Admin().ListDeadLetters("");
  ASSERT_THAT(letters, IsOk());
  ASSERT_EQ(letters->size(), 2U);
  EXPECT_EQ(letters->front().service_id(), service_.id);
  EXPECT_EQ(letters->front().organisation(), "cinema");
  reject_ = false;
  EXPECT_EQ(Admin().RetryDeadLetters(service_.id).value(), 2U);
  (void)Await(record, 1, v1::DELIVERY_STATE_DELIVERED);
  (void)Await(record, 2, v1::DELIVERY_STATE_DELIVERED);
  EXPECT_TRUE(Admin().ListDeadLetters("")->empty());
}

TEST_F(PushTest, ARedirectIsNotFollowed) {
  Configure(/*private_addresses=*/true);
  const HttpsReceiver other(
      tls_.server(),
      [](const ReceivedRequest& /*request*/) { return Reply{}; });
  HttpsReceiver& receiver =
      Receive([location = OriginOf(other)](const ReceivedRequest& /*request*/) {
        return Reply{307, "", "Location: " + location + "/events\r\n", {}};
      });
  Register(service_, receiver);
  const std::string record = world_.Grant(service_, agreement_, *anna_);
  EXPECT_EQ(Await(record, 1, v1::DELIVERY_STATE_FAILING).failure(),
            v1::PUSH_FAILURE_REDIRECT);
  EXPECT_EQ(other.connection_count(), 0U);
}

TEST_F(PushTest, PrivateAddressesAreRefusedUnlessConfigured) {
  Configure(/*private_addresses=*/false);
  HttpsReceiver& receiver = Answering(202);
  const std::string by_address =
      absl::StrCat("https://127.0.0.1:", receiver.port());
  EXPECT_THAT(Admin().SetOrigin(service_.id, by_address),
              StatusIs(absl::StatusCode::kInvalidArgument));
  // A name shows its address only when it is used.
  Register(service_, receiver);
  const std::string record = world_.Grant(service_, agreement_, *anna_);
  EXPECT_EQ(Await(record, 1, v1::DELIVERY_STATE_FAILING).failure(),
            v1::PUSH_FAILURE_ADDRESS);
  EXPECT_EQ(receiver.connection_count(), 0U);
}

TEST_F(PushTest, OnlyTheRegisteredOriginIsTaken) {
  Configure(/*private_addresses=*/true);
  HttpsReceiver& receiver = Answering(202);
  client::PushClient service(*service_.connection);
  EXPECT_THAT(service.SetEndpoint(OriginOf(receiver) + "/events"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_THAT(Admin().SetOrigin(service_.id, OriginOf(receiver)), IsOk());
  for (const std::string& url :
       {absl::StrCat("https://127.0.0.1:", receiver.port(), "/events"),
        std::string("https://localhost/events"),
        absl::StrCat("https://localhost.evil.example:", receiver.port(), "/"),
        absl::StrCat("http://localhost:", receiver.port(), "/events"),
        OriginOf(receiver) + "/events?token=1"}) {
    EXPECT_THAT(service.SetEndpoint(url),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << url;
  }
  // Neither a service nor a person says where services may be.
  EXPECT_THAT(service.SetOrigin(service_.id, "https://evil.example"),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_FALSE(client::PushClient(anna_->consent_connection())
                   .SetEndpoint(OriginOf(receiver))
                   .ok());
}

TEST_F(PushTest, ARestartInTheMiddleSendsAgainWithTheSameId) {
  Configure(/*private_addresses=*/true);
  HttpsReceiver& receiver = Receive([this](const ReceivedRequest& /*request*/) {
    return Reply{202, "", "", hang_ ? absl::Seconds(30) : absl::Duration()};
  });
  Register(service_, receiver);
  const std::string record = world_.Grant(service_, agreement_, *anna_);
  ASSERT_TRUE(receiver.WaitFor(1));
  hang_ = false;
  const absl::Time before = absl::Now();
  world_.Restart();
  EXPECT_LT(absl::Now() - before, absl::Seconds(8));
  (void)Await(record, 2, v1::DELIVERY_STATE_DELIVERED);
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(IdOf(requests[0]), IdOf(requests[1]));
  EXPECT_NE(IdOf(requests[1]), IdOf(requests[2]));
  // What was being sent when the server stopped was no failure.
  EXPECT_EQ(Deliveries(record)[0].attempt_count(), 0U);
}

TEST_F(PushTest, ASlowServiceDoesNotDelayAnother) {
  Configure(/*private_addresses=*/true);
  const HttpsReceiver slow(tls_.server(),
                           [](const ReceivedRequest& /*request*/) {
                             return Reply{202, "", "", absl::Seconds(30)};
                           });
  testing::ServiceSide sluggish = world_.AddService("sluggish", plan_);
  const std::string other = world_.AddAgreement(sluggish, plan_);
  Register(sluggish, slow);
  Register(service_, Answering(202));
  const std::string waiting = world_.Grant(sluggish, other, *anna_);
  ASSERT_TRUE(slow.WaitFor(1));
  const absl::Time before = absl::Now();
  const std::string record = world_.Grant(service_, agreement_, *anna_);
  (void)Await(record, 2, v1::DELIVERY_STATE_DELIVERED);
  EXPECT_LT(absl::Now() - before, absl::Seconds(8));
  EXPECT_EQ(Deliveries(waiting)[0].state(), v1::DELIVERY_STATE_PENDING);
}

}  // namespace
}  // namespace limpid
