// The command line's person, whose consent and vault are two servers: what is
// pinned, what is refused, and that her attributes go to the vault.

#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_replace.h"
#include "clients/cli/command_line.h"
#include "clients/cli/failure.h"
#include "clients/cli/first_contact.h"
#include "clients/cli/session.h"
#include "common/json/json.h"
#include "common/rpc/tls13.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/world/split.h"

namespace limpid {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr char kName[] = "person.name";
constexpr char kValue[] = R"({"family":"J","given":"A"})";

// As a person writes it: a certificate is checked for the name.
std::string Named(const rpc::ChannelOptions& channel) {
  return absl::StrReplaceAll(channel.address, {{"127.0.0.1", "localhost"}});
}

class SplitCli : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { rpc::RequireTls13(); }

  void SetUp() override {
    const rpc::ChannelOptions consent = split_.consent().anonymous_channel();
    session_.options().server = Named(consent);
    session_.options().ca_file = Saved("consent.pem", consent.ca_pem);
    session_.options().home = (directory_.path() / "person").string();
    vault_ = {Named(split_.VaultChannel()),
              Saved("vault.pem", split_.VaultChannel().ca_pem)};
  }

  std::string Saved(const char* name, const std::string& text) {
    const auto file = directory_.path() / name;
    std::ofstream(file) << text;
    return file.string();
  }

  // As `limpid person init` does it.
  void Init(const cli::VaultPlace& vault) {
    auto trust = cli::PinTrust(session_, vault);
    ASSERT_THAT(trust, IsOk());
    auto key = client::PersonKey::Generate();
    ASSERT_THAT(key.WriteNew(session_.KeyFile()), IsOk());
    const auto parts =
        cli::OpenPerson(std::move(key), *std::move(trust), clock_);
    ASSERT_THAT(parts, IsOk());
    ASSERT_THAT(parts->consent->CreateAccount(), IsOk());
  }

  void ExpectHerVault() {
    const auto parts = session_.PersonAtVault();
    ASSERT_THAT(parts, IsOk());
    ASSERT_THAT(parts->vault->Put(kName, kValue), IsOk());
    const auto got = parts->vault->Get(kName, 0);
    ASSERT_THAT(got, IsOk());
    EXPECT_EQ(got->value_json(), kValue);
  }

  // Runs `limpid person …`, and returns what it wrote.
  std::string Person(std::vector<std::string> words,
                     cli::ExitCode code = cli::ExitCode::kOk) {
    words.insert(words.begin(), "person");
    out_.str("");
    EXPECT_EQ(cli::RunCommandLine(std::move(words), session_), code)
        << err_.str();
    return out_.str();
  }

  testing::TempDir directory_;
  base::SystemClock clock_;
  testing::SplitWorld split_{directory_.path() / "split", testing::InProcess(),
                             testing::InProcess()};
  std::ostringstream out_;
  std::ostringstream err_;
  cli::Session session_{cli::Terminal(out_, err_, {}), clock_};
  cli::VaultPlace vault_;
};

TEST_F(SplitCli, PutsHerAttributesIntoTheVaultSheNamed) {
  Init(vault_);
  ExpectHerVault();
  // Again without the option: the vault stays.
  ASSERT_THAT(cli::PinTrust(session_, {}), IsOk());
  const auto pinned = client::Trust::Read(session_.TrustFile());
  ASSERT_THAT(pinned, IsOk());
  EXPECT_EQ(pinned->vault_server, vault_.address);
  EXPECT_EQ(pinned->source_id, split_.source_id());
  EXPECT_THAT(pinned->LogPolicy("/vault"), IsOk());
  EXPECT_THAT(pinned->LogPolicy("/access"), IsOk());
}

TEST_F(SplitCli, SaysAndShowsWhichDaysAValueIsAbout) {
  Init(vault_);
  const std::string from = "--about-from";
  const std::string to = "--about-to";
  EXPECT_EQ(
      Person({"put", kName, kValue, from, "2024-01-01", to, "2024-12-31"}),
      "Stored person.name, version 1.\n");
  Person({"put", kName, kValue});
  Person({"put", kName, kValue, "--no-day"});
  EXPECT_NE(Person({"list"}).find("person.name\t3\tno day\t"),
            std::string::npos);
  const std::string history = Person({"history", kName});
  EXPECT_NE(history.find("person.name\t1\t2024-01-01 to 2024-12-31\t"),
            std::string::npos);
  EXPECT_NE(history.find("person.name\t2\t-\t"), std::string::npos);
  session_.options().json = true;
  const auto shown =
      json::ParseStrict(Person({"get", kName, "--version", "1"}));
  ASSERT_THAT(shown, IsOk());
  const json::Value* const first = shown->FindPointer("/about/from_date");
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->string(), "2024-01-01");
  // What says half of it, or both, is no command.
  const auto usage = cli::ExitCode::kUsage;
  Person({"put", kName, kValue, from, "2024-01-01"}, usage);
  Person({"put", kName, kValue, to, "2024-01-01"}, usage);
  Person(
      {"put", kName, kValue, from, "2024-01-01", to, "2024-12-31", "--no-day"},
      usage);
}

TEST_F(SplitCli, SaysWhatIsMissingAndTakesItLater) {
  Init({});
  const auto without = session_.PersonAtVault();
  EXPECT_THAT(without, StatusSays(kPrecondition, "no vault is known"));
  EXPECT_NE(cli::NextStep(without.status()).find("--vault HOST:PORT"),
            std::string::npos);
  // What needs no vault works.
  const auto person = session_.Person();
  ASSERT_THAT(person, IsOk());
  EXPECT_THAT(person->consent->GetAccount(), IsOk());
  ASSERT_THAT(cli::PinTrust(session_, vault_), IsOk());
  ExpectHerVault();
}

TEST_F(SplitCli, RefusesWhatIsNoVaultOrAnother) {
  const cli::VaultPlace consent{session_.options().server, ""};
  EXPECT_THAT(cli::PinTrust(session_, consent),
              StatusSays(kPrecondition, "has no vault"));
  EXPECT_THAT(cli::PinTrust(session_, {"", vault_.ca_file}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  // Another CA: no connection, and no guess.
  EXPECT_THAT(cli::PinTrust(session_, {vault_.address, ""}),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(client::Trust::Read(session_.TrustFile()),
              StatusIs(absl::StatusCode::kNotFound));

  auto trust = cli::PinTrust(session_, vault_);
  ASSERT_THAT(trust, IsOk());
  trust->source_id = "src_a4dqobyha4dqobyha4dqobyha4";
  ASSERT_THAT(trust->Write(session_.TrustFile()), IsOk());
  EXPECT_THAT(cli::PinTrust(session_, vault_),
              StatusSays(absl::StatusCode::kDataLoss, "data source"));
}

}  // namespace
}  // namespace limpid
