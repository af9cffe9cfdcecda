// The administrator's command that seals stored values anew, on a server whose
// configuration names another suite than it had.

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "clients/cpp/vault_act.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "gtest/gtest.h"
#include "limpid/vault/v1/key_admin_service.pb.h"
#include "limpid/vault/v1/person_vault_service.pb.h"
#include "server/config.h"
#include "tests/integration/server/cli_fixture.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/world/require.h"

namespace limpid {
namespace {

using cli::ExitCode;
using testing::IsOk;
using testing::StatusIs;

constexpr char kName[] = "person.name";
constexpr char kBirthDate[] = "person.birth_date";
constexpr char kNameValue[] = R"({"family":"Jansen","given":"Ada"})";

class ResealCliTest : public testing::CliTest {
 protected:
  // The server starts again with the suite of this number.
  void StartWith(int suite) {
    world_.Stop();
    const auto file = world_.directory() / "limpid.toml";
    server::Config config =
        testing::Require(server::LoadConfig(file), "config");
    config.vault_suite = suite;
    testing::Require(
        base::WriteFileAtomically(
            file, base::AsBytes(server::WriteConfig(config)), 0600),
        "config");
    world_.StartAgain();
  }
};

TEST_F(ResealCliTest, ValuesMoveToTheConfiguredSuiteAndAreReadAsEver) {
  ASSERT_EQ(Run("phone", {"put", kName, kNameValue}), ExitCode::kOk) << out();
  ASSERT_EQ(Run("phone", {"put", kName, R"({"family":"Bakker"})"}),
            ExitCode::kOk);
  ASSERT_EQ(Run("phone", {"put", kBirthDate, "1990-02-28", "--sealed"}),
            ExitCode::kOk)
      << out();
  for (const int suite : {2, 1}) {
    StartWith(suite);
    const std::string number = std::to_string(suite);
    // Who has not started it with the other one is not told that all is done.
    ASSERT_EQ(RunAdmin({"reseal-values", "--suite", suite == 1 ? "2" : "1"}),
              ExitCode::kFailed)
        << out();
    ASSERT_EQ(RunAdmin({"reseal-values", "--suite", number}), ExitCode::kOk)
        << out();
    EXPECT_TRUE(Said("suite\t" + std::to_string(suite))) << out();
    EXPECT_TRUE(Said("sealed anew\t2")) << out();
    EXPECT_TRUE(Said("were in it\t0")) << out();
    EXPECT_TRUE(Said("with devices\t1")) << out();
    EXPECT_TRUE(Said("do not open\t0")) << out();
    ASSERT_EQ(RunAdmin({"reseal-values", "--suite", number}), ExitCode::kOk)
        << out();
    EXPECT_TRUE(Said("sealed anew\t0")) << out();
    EXPECT_TRUE(Said("were in it\t2")) << out();
    ASSERT_EQ(Run("phone", {"get", kName}), ExitCode::kOk) << out();
    EXPECT_TRUE(Said("Bakker")) << out();
    ASSERT_EQ(Run("phone", {"history", kName}), ExitCode::kOk) << out();
    ASSERT_EQ(Run("phone", {"get", kBirthDate}), ExitCode::kOk) << out();
    EXPECT_TRUE(Said("1990-02-28")) << out();
  }
}

TEST_F(ResealCliTest, HerProofsOfThePutAndOfTheSealingVerify) {
  const auto anna = world_.AddPerson();
  ASSERT_THAT(anna->vault().Put(kName, kNameValue), IsOk());
  StartWith(2);
  ASSERT_EQ(RunAdmin({"reseal-values", "--suite", "2"}), ExitCode::kOk)
      << out();
  const auto policy = world_.trust().LogPolicy("/vault");
  ASSERT_THAT(policy, IsOk());
  const auto proof = [&](std::uint64_t version, vault::v1::VaultAct act) {
    return anna->vault()
        .Proof({world_.trust().source_id, kName, version, act, std::nullopt},
               *policy)
        .status();
  };
  EXPECT_THAT(proof(1, vault::v1::VAULT_ACT_PUT), IsOk());
  EXPECT_THAT(proof(1, vault::v1::VAULT_ACT_RESEAL), IsOk());
  EXPECT_THAT(proof(2, vault::v1::VAULT_ACT_RESEAL),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ResealCliTest, OnlyAnAdministratorMay) {
  const auto anna = world_.AddPerson();
  vault::v1::ResealValuesResponse response;
  EXPECT_FALSE(anna->vault_connection()
                   .Call({"/limpid.vault.v1.KeyAdminService/ResealValues"},
                         vault::v1::ResealValuesRequest(), response)
                   .ok());
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(world_.admin().ResealValues(1, 4096), refused);
  EXPECT_THAT(world_.admin().ResealValues(0, 0), refused);
  EXPECT_THAT(world_.admin().ResealValues(3, 0), refused);
}

}  // namespace
}  // namespace limpid
