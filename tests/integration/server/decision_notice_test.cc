// Decision notices against the register's real answer of whose a deployment is.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "clients/cpp/decision_notice_client.h"
#include "clients/cpp/register_client.h"
#include "clients/cpp/wire_time.h"
#include "common/base/text.h"
#include "common/crypto/x509.h"
#include "gtest/gtest.h"
#include "tests/integration/server/world_fixture.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/world/require.h"

namespace limpid {
namespace {

namespace v1 = ::limpid::algoregister::v1;
using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;
using Code = absl::StatusCode;

constexpr char kSize[] = "household.size";
constexpr char kContent[] =
    R"({"fields":{"title":{"state":"given","value":{"en":)"
    R"({"origin":"human","text":"Allowances"}}}}})";

class DecisionNoticeTest : public testing::WorldTest {
 protected:
  void SetUp() override {
    plan_.attributes = {kSize};
    service_ = world_.AddService("allowances", plan_);
    anna_ = world_.AddPerson();
    record_ =
        world_.Grant(service_, world_.AddAgreement(service_, plan_), *anna_);
  }

  // A publisher; that of `certificate`, a client's, when there is one.
  testing::PublisherSide Publisher(
      const std::string& name,
      const rpc::ChannelOptions* certificate = nullptr) {
    if (certificate == nullptr) return world_.AddPublisher(name);
    testing::PublisherSide out;
    out.channel = *certificate;
    v1::Publisher publisher;
    publisher.set_name(name);
    publisher.add_certificate_thumbprints(base::ToText(testing::Require(
        crypto::SpkiThumbprint(certificate->certificate_pem), "thumbprint")));
    publisher.add_signing_public_keys(base::ToText(out.key.PublicKey().bytes));
    (void)testing::Require(world_.admin().CreatePublisher(publisher),
                           "publisher");
    out.connection = testing::Require(client::Connect(out.channel), "connect");
    return out;
  }
  static std::string Deployment(testing::PublisherSide& side) {
    v1::PrepareVersionRequest request;
    request.set_reason("first registration");
    request.mutable_create()->set_kind(v1::REGISTRATION_KIND_DEPLOYMENT);
    request.mutable_create()->set_content_json(kContent);
    client::PublisherClient publisher(*side.connection, side.key);
    const auto published = publisher.Publish(request);
    EXPECT_THAT(published, IsOk());
    return published.ok() ? published->registration_id() : "";
  }
  absl::Status Send(const std::string& deployment, std::uint32_t version = 1) {
    consent::v1::DecisionContent content;
    content.set_deployment_id(deployment);
    content.set_deployment_version(version);
    *content.mutable_decision_time() = client::ToWire(world_.clock().Now());
    content.add_inputs(kSize);
    content.add_factors("fewer than three in the household");
    content.set_contact("Counter 4, town hall");
    content.set_objection("Write to counter 4 within six weeks.");
    return client::SendDecisionNotice(*service_.connection, record_, content)
        .status();
  }
  std::size_t NoticesOfHers() {
    client::DecisionNoticeClient hers(anna_->consent_connection());
    const auto notices = hers.List();
    EXPECT_THAT(notices, IsOk());
    return notices.ok() ? notices->size() : 0;
  }

  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
  std::unique_ptr<testing::Person> anna_;
  std::string record_;
};

TEST_F(DecisionNoticeTest, APublisherNamesNoDeploymentOfAnother) {
  testing::PublisherSide own = Publisher("allowances-desk", &service_.channel);
  testing::PublisherSide other = Publisher("parking-desk");
  const std::string theirs = Deployment(other);
  EXPECT_THAT(Send(theirs),
              StatusSays(Code::kPermissionDenied, "another publisher's"));
  EXPECT_EQ(NoticesOfHers(), 0U);
  EXPECT_THAT(Send(Deployment(own)), IsOk());
  EXPECT_EQ(NoticesOfHers(), 1U);
}

TEST_F(DecisionNoticeTest, ABodyThatPublishesNothingMayNameOne) {
  testing::PublisherSide other = Publisher("national-desk");
  EXPECT_THAT(Send(Deployment(other)), IsOk());
}

TEST_F(DecisionNoticeTest, WhatTheRegisterDoesNotHaveIsRefused) {
  testing::PublisherSide own = Publisher("allowances-desk", &service_.channel);
  const std::string deployment = Deployment(own);
  EXPECT_THAT(Send(deployment, 2),
              StatusSays(Code::kInvalidArgument, "deployment_id"));
  EXPECT_THAT(Send("dep_" + std::string(26, 'a')),
              StatusIs(Code::kInvalidArgument));
  EXPECT_EQ(NoticesOfHers(), 0U);
}

}  // namespace
}  // namespace limpid
