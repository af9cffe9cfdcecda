// A person links her vault to an agency's register on the command line, and a
// service reads what the register says, through a whole server and real TLS.

#include <fstream>
#include <memory>
#include <string>

#include "common/crypto/ed25519.h"
#include "gtest/gtest.h"
#include "tests/integration/server/cli_fixture.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/world/agency_beside.h"

namespace limpid {
namespace {

namespace v1 = limpid::vault::v1;
using cli::ExitCode;
using testing::IsOk;

constexpr char kIncome[] = "income.annual";
constexpr char kEmail[] = "person.email";
constexpr char kIncomeValue[] =
    R"({"amount":30000,"currency":"EUR","year":2025})";

class SourcesCliTest : public testing::CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    beside_ =
        std::make_unique<testing::AgencyBeside>(world_, directory_.path());
    agency().Hold("s-anna", kIncome, kIncomeValue);
  }
  testing::TestAgency& agency() { return beside_->agency(); }

  // The file that a person got from the register's page.
  std::string Proof(const crypto::Ed25519PublicKey& key) {
    const auto file = directory_.path() / "link.jwt";
    std::ofstream(file) << beside_->LinkFor("s-anna", key) << "\n";
    return file.string();
  }

  // The phone's account is linked, and a service may read both attributes.
  void LinkAndGrant() {
    cli::Session session = SessionOf("phone");
    const auto parts = session.Person();
    ASSERT_THAT(parts, IsOk());
    const std::string proof = Proof(parts->key->key().PublicKey());
    ASSERT_EQ(Run("phone", {"link-source", "tax", "--proof-file", proof,
                            "--attribute", kIncome}),
              ExitCode::kOk)
        << out();
    ASSERT_EQ(Run("phone", {"put", kEmail, "anna@example.org"}), ExitCode::kOk);
    plan_.attributes = {kIncome, kEmail};
    service_ = world_.AddService("bank", plan_);
    const std::string agreement = world_.AddAgreement(service_, plan_);
    const auto request = service_.client->CreateRequest(agreement, 1);
    ASSERT_THAT(request, IsOk());
    ASSERT_EQ(Run("phone", {"bind", request->request_code()}), ExitCode::kOk);
    record_ = WordWith("rec_");
    ASSERT_EQ(Run("phone", {"grant", record_, "--all"}), ExitCode::kOk)
        << out();
  }
  v1::ReadAttributesResponse Read() {
    const auto read = service_.client->Read(
        {record_, plan_.purpose, {kIncome, kEmail}, "", ""});
    EXPECT_THAT(read, IsOk());
    return read.ok() ? *read : v1::ReadAttributesResponse();
  }

  std::unique_ptr<testing::AgencyBeside> beside_;
  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
  std::string record_;
};

TEST_F(SourcesCliTest, AServiceReadsWhatTheRegisterSays) {
  ASSERT_EQ(Run("phone", {"sources"}), ExitCode::kOk) << out();
  EXPECT_TRUE(Said("Tax administration"));
  EXPECT_TRUE(Said(world_.trust().source_id));
  LinkAndGrant();
  ASSERT_EQ(Run("phone", {"sources"}), ExitCode::kOk);
  EXPECT_TRUE(Said("referenced")) << out();
  const auto read = Read();
  ASSERT_EQ(read.results_size(), 2);
  EXPECT_EQ(read.results(0).value_json(), kIncomeValue);
  EXPECT_EQ(read.results(0).source().source(), "tax");
  EXPECT_EQ(read.results(1).value_json(), "\"anna@example.org\"");
  EXPECT_FALSE(read.results(1).has_source());
  // Nothing of it is kept.
  ASSERT_EQ(Run("phone", {"list"}), ExitCode::kOk);
  EXPECT_FALSE(Said(kIncome)) << out();
}

TEST_F(SourcesCliTest, ARegisterThatHangsOrIsGoneCostsItsOwnLineAlone) {
  LinkAndGrant();
  beside_->Delay(absl::Seconds(20));
  auto read = Read();
  ASSERT_EQ(read.results_size(), 2);
  EXPECT_EQ(read.results(0).reason(), v1::REASON_SOURCE_UNAVAILABLE);
  EXPECT_EQ(read.results(1).value_json(), "\"anna@example.org\"");
  beside_->Stop();
  read = Read();
  ASSERT_EQ(read.results_size(), 2);
  EXPECT_EQ(read.results(0).reason(), v1::REASON_SOURCE_UNAVAILABLE);
  EXPECT_EQ(read.results(1).value_json(), "\"anna@example.org\"");
}

TEST_F(SourcesCliTest, ALinkOutlivesARestartAndEndsWhenItIsTakenBack) {
  LinkAndGrant();
  world_.Restart();
  EXPECT_EQ(Read().results(0).value_json(), kIncomeValue);
  ASSERT_EQ(Run("phone", {"unlink-source", "tax"}), ExitCode::kOk) << out();
  EXPECT_EQ(Read().results(0).reason(), v1::REASON_NO_VALUE);
  EXPECT_NE(Run("phone", {"unlink-source", "tax"}), ExitCode::kOk);
}

TEST_F(SourcesCliTest, SheSeesWhatIsHeldAndTheLawOfARefusal) {
  LinkAndGrant();
  ASSERT_EQ(Run("phone", {"holdings", "tax"}), ExitCode::kOk) << out();
  EXPECT_TRUE(Said(kIncome));
  ASSERT_EQ(Run("phone", {"holdings", "vault"}), ExitCode::kOk) << out();
  EXPECT_TRUE(Said(kEmail));
  agency().rectification = "accurate";
  const std::string less = R"({"amount":1,"currency":"EUR","year":2025})";
  ASSERT_EQ(Run("phone", {"rectify", "tax", kIncome, less}), ExitCode::kOk)
      << out();
  EXPECT_TRUE(Said("GDPR Art. 16")) << out();
  ASSERT_EQ(Run("phone", {"rectify", "vault", kEmail, "b@example.org"}),
            ExitCode::kOk)
      << out();
  EXPECT_EQ(Read().results(1).value_json(), "\"b@example.org\"");
}

TEST_F(SourcesCliTest, AnAccountIsNotErasedWhileAnybodyIsAskedAboutHer) {
  LinkAndGrant();
  ASSERT_EQ(Run("phone", {"erase", kEmail, "--yes"}), ExitCode::kOk) << out();
  EXPECT_NE(Run("phone", {"erase-account", "--yes"}), ExitCode::kOk);
  EXPECT_TRUE(Said("the link to tax")) << out();
}

TEST_F(SourcesCliTest, AProofOfAnotherDeviceLinksNothing) {
  const std::string proof =
      Proof(crypto::Ed25519PrivateKey::Generate().PublicKey());
  EXPECT_NE(Run("phone", {"link-source", "tax", "--proof-file", proof,
                          "--attribute", kIncome}),
            ExitCode::kOk);
  EXPECT_TRUE(Said("ask the source for another one")) << out();
}

}  // namespace
}  // namespace limpid
