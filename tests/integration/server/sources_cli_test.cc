// A person links her vault to an agency's register on the command line, and a
// service reads what the register says, through a whole server and real TLS.

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/mutex.h"
#include "gtest/gtest.h"
#include "server/provision/provision.h"
#include "tests/integration/server/cli_fixture.h"
#include "tests/testing/https_receiver.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/test_agency.h"
#include "tests/testing/tls.h"

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
    receiver_ = std::make_unique<testing::HttpsReceiver>(
        tls_.server(),
        [this](const testing::ReceivedRequest& request) {
          return Reply(request);
        },
        0, tls_.client_ca_pem());
    agency_ = std::make_unique<testing::TestAgency>(
        absl::StrCat("https://localhost:", receiver_->port(), "/limpid"));
    agency_->Hold("s-anna", kIncome, kIncomeValue);
    Configure();
  }

  testing::Reply Reply(const testing::ReceivedRequest& request) {
    testing::Reply out;
    {
      const base::MutexLock lock(mutex_);
      out.delay = delay_;
    }
    const std::size_t begin = std::string("POST /limpid").size();
    const testing::AgencyReply reply = agency_->Answer(
        request.line.substr(begin, request.line.find(' ', begin) - begin),
        request.body);
    out.status = reply.status;
    out.body = reply.body;
    out.headers = absl::StrCat("Content-Type: ", reply.content_type, "\r\n");
    return out;
  }
  void Hang() {
    const base::MutexLock lock(mutex_);
    delay_ = absl::Seconds(20);
  }

  std::string Write(const std::string& name, const std::string& text) {
    const auto file = directory_.path() / name;
    std::ofstream(file) << text;
    return file.string();
  }
  // Names the register in a file of sources and starts again with it.
  void Configure() {
    const testing::TestCertificate shown = tls_.IssueService("vault");
    Write("agency-ca.pem", tls_.server_ca_pem());
    Write("vault.pem", shown.certificate_pem);
    Write("vault.key", shown.private_key_pem);
    const std::string sources = Write(
        "sources.toml",
        absl::StrCat(
            "[[source]]\nname = \"tax\"\ntitle = \"Tax administration\"\n"
            "kind = \"agency\"\nurl = \"",
            agency_->issuer(),
            "\"\nca = \"agency-ca.pem\"\ncertificate = \"vault.pem\"\n"
            "private_key = \"vault.key\"\nkeys = [\"",
            base::Base64UrlEncode(agency_->key().bytes),
            "\"]\nattributes = [\"income.annual\", \"person.birth_date\"]\n"));
    const auto file = world_.directory() / std::string(server::layout::kConfig);
    const auto bytes = base::ReadFileBytes(file, 1 << 16);
    ASSERT_THAT(bytes, IsOk());
    std::string text(base::AsText(*bytes));
    ASSERT_EQ(absl::StrReplaceAll(
                  {{"sources_file = \"\"",
                    absl::StrCat("sources_file = \"", sources, "\"")}},
                  &text),
              1);
    std::ofstream(file) << text;
    world_.Restart();
  }

  // The phone's account is linked, and a service may read both attributes.
  void LinkAndGrant() {
    cli::Session session = SessionOf("phone");
    const auto parts = session.Person();
    ASSERT_THAT(parts, IsOk());
    const std::string proof =
        Write("link.jwt", agency_->LinkFor("s-anna", world_.trust().source_id,
                                           parts->key->key().PublicKey(),
                                           world_.clock().Now()) +
                              "\n");
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

  testing::TestTls tls_;
  base::Mutex mutex_;
  absl::Duration delay_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<testing::TestAgency> agency_;
  std::unique_ptr<testing::HttpsReceiver> receiver_;
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
  Hang();
  auto read = Read();
  ASSERT_EQ(read.results_size(), 2);
  EXPECT_EQ(read.results(0).reason(), v1::REASON_SOURCE_UNAVAILABLE);
  EXPECT_EQ(read.results(1).value_json(), "\"anna@example.org\"");
  receiver_.reset();
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
  agency_->rectification = "accurate";
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
      Write("link.jwt",
            agency_->LinkFor("s-anna", world_.trust().source_id,
                             crypto::Ed25519PrivateKey::Generate().PublicKey(),
                             world_.clock().Now()));
  EXPECT_NE(Run("phone", {"link-source", "tax", "--proof-file", proof,
                          "--attribute", kIncome}),
            ExitCode::kOk);
  EXPECT_TRUE(Said("ask the source for another one")) << out();
}

}  // namespace
}  // namespace limpid
