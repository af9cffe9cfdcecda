// Consent in one server and the register in another: keys wait for a register
// that is away, survive restarts of either, and are logged once.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "clients/cpp/governance_client.h"
#include "clients/cpp/register_client.h"
#include "clients/cpp/service_key_client.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "common/crypto/x509.h"
#include "common/rpc/tls13.h"
#include "gtest/gtest.h"
#include "server/config.h"
#include "server/provision/provision.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/world/host.h"
#include "tests/testing/world/require.h"
#include "tests/testing/world/world.h"

namespace limpid {
namespace {

using testing::IsOk;
using testing::Require;

class FarRegister : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { rpc::RequireTls13(); }

  FarRegister() {
    register_ = Init("register", "register");
    (void)Init("consent", "consent");
    certificate_ = Require(
        server::IssueClient(Home("consent"), server::layout::kClientCa,
                            "consent", Home("certificate"), clock_.Now()),
        "certificate");
    Edit("consent", [this](server::Config& config) {
      config.consent_register_address =
          Require(server::LoadConfig(register_.config_file), "config")
              .grpc_address;
      config.consent_register_ca = register_.server_ca.string();
      config.consent_register_certificate = certificate_.certificate.string();
      config.consent_register_private_key = certificate_.private_key.string();
    });
    consent_ =
        std::make_unique<testing::World>(Home("consent"), testing::InProcess());
  }
  ~FarRegister() override { host_->Stop(); }

  std::filesystem::path Home(const std::string& name) {
    return directory_.path() / name;
  }
  server::InitResult Init(const std::string& name, const std::string& role) {
    server::InitOptions options;
    options.directory = Home(name);
    options.config = server::DefaultConfig();
    options.config.operator_name = "test.example";
    options.config.roles = {role};
    options.config.grpc_address = testing::FreeAddress();
    options.config.https_address = "127.0.0.1:0";
    options.config.logging_level = "warn";
    options.config.limits_drain_seconds = 1;
    testing::SetPace(options.config, testing::LogPace::kAtOnce);
    options.now = clock_.Now();
    return Require(
        server::InitDirectory(options, [](std::string_view /*warning*/) {}),
        name);
  }
  template <typename Change>
  void Edit(const std::string& name, Change change) {
    const auto file = Home(name) / server::layout::kConfig;
    server::Config config = Require(server::LoadConfig(file), "config");
    change(config);
    Require(base::WriteFileAtomically(
                file, base::AsBytes(server::WriteConfig(config)), 0600),
            "config");
  }
  // Admits consent's certificate and key, and starts.
  void StartRegister(bool admitted) {
    Edit("register", [&](server::Config& config) {
      const base::Digest32 key = Require(
          crypto::SpkiThumbprint(testing::ReadText(certificate_.certificate)),
          "thumbprint");
      const std::string evidence =
          base::Base64UrlEncode(consent_->trust().evidence_key.bytes);
      config.register_key_operators.clear();
      if (admitted) {
        config.register_key_operators = {
            absl::StrCat(base::HexEncode(key), " ", evidence)};
      }
      config.tls_client_ca =
          (Home("consent") /
           absl::StrCat(base::ToAbsl(server::layout::kClientCa), ".pem"))
              .string();
    });
    rpc::ChannelOptions channel;
    channel.address = Require(host_->Start(register_.config_file), "start");
    channel.ca_pem = testing::ReadText(register_.server_ca);
    channel.server_name = "localhost";
    connection_ = Require(client::Connect(channel), "connect");
  }
  // As a device reads, with the key of the log from the register itself.
  absl::StatusOr<client::CheckedServiceKeys> Read(const std::string& service) {
    auto log = client::RegisterClient(*connection_).LogInfo();
    if (!log.ok()) return log.status();
    client::ServiceKeyClient reader(*connection_,
                                    consent_->trust().evidence_key,
                                    *tlog::Policy::ForLog(log->vkey()));
    return reader.Read(service);
  }
  consent::v1::GetServiceKeysResponse StateOf(const std::string& service) {
    const auto admin =
        Require(client::Connect(consent_->admin_channel()), "connect");
    return Require(client::GovernanceClient(*admin).GetServiceKeys(service),
                   "state");
  }
  template <typename Condition>
  static bool Soon(Condition condition) {
    for (int i = 0; i < 600; ++i) {
      if (condition()) return true;
      absl::SleepFor(absl::Milliseconds(50));
    }
    return false;
  }

  testing::TempDir directory_;
  base::SystemClock clock_;
  server::InitResult register_;
  server::CredentialFiles certificate_;
  std::unique_ptr<testing::Host> host_ = testing::InProcess();
  std::unique_ptr<testing::World> consent_;
  std::unique_ptr<client::Connection> connection_;
};

TEST_F(FarRegister, KeysWaitForItAndAreLoggedOnce) {
  testing::AgreementPlan plan;
  plan.attributes = {"person.name"};
  const testing::ServiceSide city = consent_->AddService("city", plan);
  EXPECT_TRUE(Soon([&] {
    return StateOf(city.id).failure() ==
           consent::v1::SERVICE_KEY_FAILURE_UNREACHABLE;
  }));
  consent_->Restart();
  EXPECT_EQ(StateOf(city.id).entries_size(), 1);
  EXPECT_EQ(StateOf(city.id).logged_count(), 0U);
  StartRegister(/*admitted=*/true);
  ASSERT_TRUE(Soon([&] { return StateOf(city.id).logged_count() == 1; }));
  EXPECT_THAT(Read(city.id), IsOk());
  // Neither restart sends anything again.
  consent_->Restart();
  host_->Stop();
  StartRegister(/*admitted=*/true);
  const testing::ServiceSide court = consent_->AddService("court", plan);
  ASSERT_TRUE(Soon([&] { return StateOf(court.id).logged_count() == 1; }));
  EXPECT_EQ(Read(city.id)->leaf_indexes, std::vector<std::uint64_t>{0});
  EXPECT_EQ(Read(court.id)->leaf_indexes, std::vector<std::uint64_t>{1});
  EXPECT_EQ(Read(court.id)->checkpoint.size, 2U);
}

TEST_F(FarRegister, TakesNothingFromAConsentItDoesNotKnow) {
  StartRegister(/*admitted=*/false);
  testing::AgreementPlan plan;
  plan.attributes = {"person.name"};
  const testing::ServiceSide city = consent_->AddService("city", plan);
  EXPECT_TRUE(Soon([&] {
    return StateOf(city.id).failure() ==
           consent::v1::SERVICE_KEY_FAILURE_NOT_ADMITTED;
  }));
  EXPECT_EQ(Read(city.id).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace limpid
