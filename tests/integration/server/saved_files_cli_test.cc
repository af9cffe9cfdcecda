// Commands that save what they fetched: a file that is there stays as it is,
// and nothing is ended that could not be kept.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "clients/cli/command_line.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "gtest/gtest.h"
#include "tests/integration/server/cli_fixture.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid {
namespace {

namespace fs = std::filesystem;
namespace v1 = limpid::consent::v1;
using cli::ExitCode;
using testing::IsOk;
using testing::ReadFile;

constexpr char kName[] = "person.name";
constexpr char kKept[] = "the only copy of another receipt";

class SavedFilesCliTest : public testing::CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    testing::AgreementPlan plan;
    plan.attributes = {kName};
    service_ = world_.AddService("cinema", plan);
    const std::string agreement = world_.AddAgreement(service_, plan);
    const auto request = service_.client->CreateRequest(agreement, 1);
    ASSERT_THAT(request, IsOk());
    ASSERT_EQ(Run("phone", {"bind", request->request_code()}), ExitCode::kOk);
    record_ = WordWith("rec_");
    ASSERT_EQ(Run("phone", {"grant", record_, "--all"}), ExitCode::kOk)
        << out();
    std::ofstream(There()) << kKept;
  }
  [[nodiscard]] std::string There() const {
    return (directory_.path() / "there.json").string();
  }
  [[nodiscard]] std::string NotThere() const {
    return (directory_.path() / "new.json").string();
  }
  v1::RecordState State() {
    cli::Session session = SessionOf("phone");
    const auto parts = session.Person();
    EXPECT_THAT(parts, IsOk());
    const auto shown = parts->consent->GetRecord(record_);
    EXPECT_THAT(shown, IsOk());
    return shown->record().state();
  }
  // `limpid WORDS --save FILE` on the phone.
  ExitCode Save(std::vector<std::string> words, const std::string& file) {
    words.insert(words.end(), {"--save", file});
    return RunWhole("phone", std::move(words));
  }
  // First to a file that is there, then to a new one.
  void ExpectSavesOnce(const std::vector<std::string>& words) {
    EXPECT_EQ(Save(words, There()), ExitCode::kStateBroken) << out();
    EXPECT_TRUE(Said(There())) << out();
    EXPECT_EQ(ReadFile(There()), kKept);
    EXPECT_EQ(Save(words, NotThere()), ExitCode::kOk) << out();
    EXPECT_FALSE(ReadFile(NotThere()).empty());
    fs::remove(NotThere());
  }
  // `limpid service receipt` with the service's certificate.
  ExitCode ServiceReceipt(const std::string& file) {
    std::ostringstream said;
    cli::Session session{cli::Terminal(said, said, {}), world_.clock()};
    session.options() = SessionOf("phone").options();
    const fs::path certificate = directory_.path() / "service.pem";
    const fs::path key = directory_.path() / "service.key";
    std::ofstream(certificate) << service_.channel.certificate_pem;
    std::ofstream(key) << service_.channel.private_key_pem;
    session.options().certificate_file = certificate.string();
    session.options().key_file = key.string();
    return cli::RunCommandLine(
        {"service", "receipt", record_, "--evidence-key",
         base::Base64UrlEncode(world_.trust().evidence_key.bytes), "--save",
         file},
        session);
  }

  testing::ServiceSide service_;
  std::string record_;
};

TEST_F(SavedFilesCliTest, AReceiptReplacesNothing) {
  ExpectSavesOnce({"person", "receipt", record_});
  ExpectSavesOnce(
      {"receipt", "render", record_, "--as", "record", "--jurisdiction", "NL"});
  EXPECT_EQ(ServiceReceipt(There()), ExitCode::kStateBroken);
  EXPECT_EQ(ReadFile(There()), kKept);
  EXPECT_EQ(ServiceReceipt(NotThere()), ExitCode::kOk);
}

TEST_F(SavedFilesCliTest, MoveOutEndsNothingThatItCouldNotSave) {
  const std::vector<std::string> words = {
      "move-out",
      record_,
      "--to",
      "other.example",
      "--evidence-key",
      base::Base64UrlEncode(
          crypto::Ed25519PrivateKey::Generate().PublicKey().bytes),
      "--save",
      There()};
  EXPECT_EQ(Run("phone", words), ExitCode::kStateBroken) << out();
  EXPECT_TRUE(Said(There())) << out();
  EXPECT_EQ(ReadFile(There()), kKept);
  EXPECT_EQ(State(), v1::RECORD_STATE_GRANTED);
  std::vector<std::string> again = words;
  again.back() = NotThere();
  EXPECT_EQ(Run("phone", again), ExitCode::kOk) << out();
  EXPECT_FALSE(ReadFile(NotThere()).empty());
  EXPECT_NE(State(), v1::RECORD_STATE_GRANTED);
}

}  // namespace
}  // namespace limpid
