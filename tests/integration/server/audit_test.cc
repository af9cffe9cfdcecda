// The auditors' view over the wire: who may see it, and that the public log's
// leaves are accounted for.

#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "clients/cpp/audit_client.h"
#include "common/base/text.h"
#include "common/crypto/x509.h"
#include "gtest/gtest.h"
#include "tests/integration/server/world_fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid {
namespace {

using testing::IsOk;
using testing::StatusIs;

class AuditTest : public testing::WorldTest {
 protected:
  void SetUp() override {
    plan_.attributes = {"person.name"};
    court_ = world_.AddService("court", plan_);
    cinema_ = world_.AddService("cinema", plan_);
    const auto key = crypto::SpkiThumbprint(court_.channel.certificate_pem);
    ASSERT_THAT(key, IsOk());
    const auto file = world_.directory() / "limpid.toml";
    const std::string before = testing::ReadFile(file);
    const std::string after = absl::StrReplaceAll(
        before,
        {{"auditors = []",
          absl::StrCat("auditors = [\"", base::HexEncode(*key), "\"]")}});
    ASSERT_NE(before, after);
    std::ofstream(file, std::ios::binary) << after;
    world_.Restart();
  }

  std::unique_ptr<client::Connection> Connected(
      const rpc::ChannelOptions& channel) {
    auto connection = client::Connect(channel);
    EXPECT_THAT(connection, IsOk());
    return *std::move(connection);
  }

  testing::AgreementPlan plan_;
  testing::ServiceSide court_;
  testing::ServiceSide cinema_;
  // A period of whole hours that is over.
  absl::Time until_ = absl::FromUnixSeconds(1'767'225'600);
};

TEST_F(AuditTest, OnlyAPinnedCertificateSeesIt) {
  const auto ask = [this](const rpc::ChannelOptions& channel) {
    const auto connection = Connected(channel);
    client::AuditClient audit(*connection);
    absl::Status ticks = audit.ListTicks().status();
    EXPECT_EQ(
        audit.ListEntries(until_ - absl::Hours(24), until_).status().code(),
        ticks.code());
    return ticks;
  };
  EXPECT_THAT(ask(court_.channel), IsOk());
  EXPECT_THAT(ask(cinema_.channel),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(ask(world_.anonymous_channel()),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(AuditTest, PeriodsThatAreNotOverAreRefused) {
  const auto connection = Connected(court_.channel);
  client::AuditClient audit(*connection);
  const absl::Time soon = absl::FromUnixSeconds(
      (absl::ToUnixSeconds(world_.clock().Now()) / 3'600 + 2) * 3'600);
  EXPECT_THAT(audit.ListEntries(soon - absl::Hours(3), soon),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace limpid
