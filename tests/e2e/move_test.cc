// A person takes a consent from one running limpidd to another.

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/move_client.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "gtest/gtest.h"
#include "server/config.h"
#include "server/provision/provision.h"
#include "tests/e2e/shipped_world.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/world/require.h"

namespace limpid {
namespace {

using testing::IsOk;
using testing::Require;
using testing::StatusIs;

constexpr char kAttribute[] = "household.size";

class TwoOperatorsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { rpc::RequireTls13(); }

  std::filesystem::path Init(const std::string& name) {
    server::InitOptions options;
    options.directory = directory_.path() / name;
    options.config = server::DefaultConfig();
    options.config.operator_name = name + ".example";
    options.config.roles = {"consent", "vault", "register"};
    options.config.grpc_address = testing::FreeAddress();
    options.config.https_address = "127.0.0.1:0";
    options.config.log_publish_when_pending = true;
    options.config.limits_drain_seconds = 1;
    options.now = clock_.Now();
    return Require(server::InitDirectory(options, [](std::string_view) {}),
                   "init")
        .config_file;
  }
  std::unique_ptr<testing::World> Start(const std::string& name) {
    return std::make_unique<testing::World>(
        directory_.path() / name,
        testing::Binary(testing::ShippedBinary("limpidd"),
                        directory_.path() / (name + ".log")));
  }

  void SetUp() override {
    plan_.attributes = {kAttribute};
    plan_.use_count_max = 2;
    Init("old");
    const auto config_file = Init("new");
    old_ = Start("old");
    server::Config config = Require(server::LoadConfig(config_file), "config");
    config.consent_known_operators = {
        absl::StrCat("old.example ",
                     base::Base64UrlEncode(old_->trust().evidence_key.bytes))};
    Require(base::WriteFileAtomically(
                config_file, base::AsBytes(server::WriteConfig(config)), 0600),
            "config");
    new_ = Start("new");
    const auto key = directory_.path() / "key.json";
    Require(client::PersonKey::Generate().WriteNew(key), "key");
    anna_ = Anna(*old_, key);
    anna_there_ = Anna(*new_, key);
  }
  std::unique_ptr<testing::Person> Anna(testing::World& world,
                                        const std::filesystem::path& key) {
    return std::make_unique<testing::Person>(
        world.anonymous_channel(), world.trust(), clock_, std::nullopt,
        Require(client::PersonKey::Read(key), "key"));
  }
  bool Reads(testing::ServiceSide& service, const std::string& record) {
    const auto read =
        service.client->Read({record, plan_.purpose, {kAttribute}, "", ""});
    EXPECT_THAT(read, IsOk());
    return read.ok() &&
           read->results(0).verdict() == vault::v1::VERDICT_ALLOWED;
  }

  base::SystemClock clock_;
  testing::TempDir directory_;
  testing::AgreementPlan plan_;
  std::unique_ptr<testing::World> old_;
  std::unique_ptr<testing::World> new_;
  std::unique_ptr<testing::Person> anna_;
  std::unique_ptr<testing::Person> anna_there_;
};

TEST_F(TwoOperatorsTest, AConsentIsReadableAtOneOfThemOnly) {
  auto service = old_->AddService("service", plan_);
  auto there = new_->AddService("service", plan_);
  const std::string agreement = new_->AddAgreement(there, plan_);
  ASSERT_THAT(anna_->vault().Put(kAttribute, "3"), IsOk());
  const std::string record =
      old_->Grant(service, old_->AddAgreement(service, plan_), *anna_);
  ASSERT_TRUE(Reads(service, record));

  client::MoveClient leaving(anna_->consent_connection(), anna_->key(),
                             old_->trust(), clock_);
  const auto file =
      leaving.MoveOut(record, {"new.example", new_->trust().evidence_key});
  ASSERT_THAT(file, IsOk());
  EXPECT_FALSE(Reads(service, record));
  // The answer may have been lost; it is there again, and for nobody else.
  EXPECT_THAT(
      leaving.MoveOut(record, {"new.example", new_->trust().evidence_key}),
      IsOk());
  const auto elsewhere =
      leaving.MoveOut(record, {"third.example", new_->trust().evidence_key});
  EXPECT_THAT(elsewhere, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_NE(elsewhere.status().message().find("new.example"),
            std::string::npos);
  old_->Restart();
  EXPECT_FALSE(Reads(service, record));

  client::MoveClient coming(anna_there_->consent_connection(),
                            anna_there_->key(), new_->trust(), clock_);
  std::string damaged = *file;
  damaged.replace(damaged.find("\"proof\":\"") + 20, 1, "!");
  const auto refused = coming.Activate(agreement, 1, damaged);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_NE(refused.status().message().find("export"), std::string::npos);
  const auto active = coming.Activate(agreement, 1, *file);
  ASSERT_THAT(active, IsOk());
  EXPECT_EQ(active->state(), consent::v1::RECORD_STATE_GRANTED);
  // The data does not come along: consent moved, and she stores anew.
  ASSERT_THAT(anna_there_->vault().Put(kAttribute, "3"), IsOk());
  EXPECT_TRUE(Reads(there, active->record_id()));
  // Two uses were granted, one was spent there and one here.
  EXPECT_FALSE(Reads(there, active->record_id()));
  const auto again = coming.Activate(agreement, 1, *file);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->record_id(), active->record_id());
  EXPECT_FALSE(Reads(there, active->record_id()));
}

}  // namespace
}  // namespace limpid
