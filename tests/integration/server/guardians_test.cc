// Guardians on the command line, through a whole server: a new device that has
// the account's key and enough shares comes in after the delay, not before, and
// any other device of hers keeps it out.

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "clients/cli/command_line.h"
#include "clients/cli/first_contact.h"
#include "clients/cli/session.h"
#include "common/base/clock.h"
#include "gtest/gtest.h"
#include "tests/integration/server/world_fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid {
namespace {

using testing::IsOk;

constexpr char kBirthDate[] = "person.birth_date";
constexpr char kBirthValue[] = "\"1990-02-28\"";

// The machine's clock, which a test moves on between two starts.
class MovedClock final : public base::Clock {
 public:
  [[nodiscard]] absl::Time Now() const override {
    return system_.Now() + absl::Hours(hours_on.load());
  }
  [[nodiscard]] absl::Duration Monotonic() const override {
    return system_.Monotonic();
  }

  std::atomic<int> hours_on = 0;

 private:
  base::SystemClock system_;
};

// Three devices that hold one account; the phone has sealed something and made
// shares, 2 of 3.
class GuardianCliTest : public ::testing::Test {
 protected:
  GuardianCliTest()
      : world_(directory_.path() / "limpid",
               testing::InProcess(nullptr, &machine_)) {}

  void SetUp() override {
    std::ofstream(CaFile()) << world_.trust().ca_pem;
    cli::Session session = Session("phone");
    auto trust = cli::PinTrust(session, {});
    ASSERT_THAT(trust, IsOk());
    auto key = client::PersonKey::Generate();
    ASSERT_THAT(key.WriteNew(session.KeyFile()), IsOk());
    const auto parts =
        cli::OpenPerson(std::move(key), *std::move(trust), machine_);
    ASSERT_THAT(parts, IsOk());
    ASSERT_THAT(parts->consent->CreateAccount(), IsOk());
    for (const char* home : {"laptop", "tablet"}) {
      std::filesystem::create_directories(directory_.path() / home);
      for (const char* file : {"key.json", "trust.json"}) {
        std::filesystem::copy_file(directory_.path() / "phone" / file,
                                   directory_.path() / home / file);
      }
    }
    ASSERT_EQ(Run("phone", {"put", kBirthDate, "1990-02-28", "--sealed"}),
              cli::ExitCode::kOk);
    ASSERT_EQ(Run("phone", {"guardians", "make", "--threshold", "2", "--count",
                            "3", "--out", Shares("first")}),
              cli::ExitCode::kOk)
        << out_.str();
  }
  std::string CaFile() { return (directory_.path() / "ca.pem").string(); }
  std::string Shares(const std::string& set) {
    return (directory_.path() / set).string();
  }
  std::string Share(const std::string& set, int place) {
    return Shares(set) + "/guardian-" + std::to_string(place) + "-of-3.txt";
  }
  cli::Session Session(const std::string& home) {
    cli::Session session{cli::Terminal(out_, out_, {}), machine_};
    session.options().server = absl::StrReplaceAll(
        world_.anonymous_channel().address, {{"127.0.0.1", "localhost"}});
    session.options().ca_file = CaFile();
    session.options().home = (directory_.path() / home).string();
    return session;
  }
  cli::ExitCode Run(const std::string& home, std::vector<std::string> words) {
    out_.str("");
    cli::Session session = Session(home);
    words.insert(words.begin(), "person");
    return cli::RunCommandLine(std::move(words), session);
  }
  cli::ExitCode Recover(const std::string& home,
                        const std::string& set = "first") {
    return Run(home, {"guardians", "recover", Share(set, 3), Share(set, 1)});
  }
  bool Said(const std::string& text) const {
    return out_.str().find(text) != std::string::npos;
  }
  void RestartLater(int hours) {
    world_.Stop();
    machine_.hours_on += hours;
    world_.StartAgain();
  }

  testing::TempDir directory_;
  MovedClock machine_;
  testing::World world_;
  std::ostringstream out_;
};

TEST_F(GuardianCliTest, ALaptopIsRecoveredAfterTheDelay) {
  EXPECT_EQ(Run("laptop", {"get", kBirthDate}), cli::ExitCode::kFailed);
  EXPECT_EQ(Run("laptop", {"guardians", "recover", Share("first", 1)}),
            cli::ExitCode::kFailed);
  ASSERT_EQ(Recover("laptop"), cli::ExitCode::kOk) << out_.str();
  EXPECT_TRUE(Said("The shares are right. Run this again from"));
  ASSERT_EQ(Run("phone", {"device", "list"}), cli::ExitCode::kOk);
  EXPECT_TRUE(Said("RECOVERY: somebody with your account's key"));
  ASSERT_EQ(Run("phone", {"put", kBirthDate, "1990-02-28", "--sealed"}),
            cli::ExitCode::kOk);
  EXPECT_TRUE(Said("RECOVERY: somebody"));
  RestartLater(71);
  ASSERT_EQ(Recover("laptop"), cli::ExitCode::kOk) << out_.str();
  EXPECT_TRUE(Said("Run this again from"));
  EXPECT_EQ(Run("laptop", {"get", kBirthDate}), cli::ExitCode::kFailed);
  RestartLater(1);
  ASSERT_EQ(Recover("laptop"), cli::ExitCode::kOk) << out_.str();
  EXPECT_TRUE(Said("Recovered: this device opens what you sealed"));
  ASSERT_EQ(Run("laptop", {"get", kBirthDate}), cli::ExitCode::kOk);
  EXPECT_TRUE(Said(kBirthValue));
  EXPECT_TRUE(Said("RECOVERY: the way to your sealed key"));
  // New shares; the earlier ones end.
  ASSERT_EQ(Run("laptop", {"guardians", "make", "--threshold", "2", "--count",
                           "3", "--out", Shares("second")}),
            cli::ExitCode::kOk);
  EXPECT_TRUE(Said("open nothing in the vault any more"));
  ASSERT_EQ(Run("phone", {"guardians", "list"}), cli::ExitCode::kOk);
  EXPECT_FALSE(Said("RECOVERY"));
  EXPECT_EQ(Recover("tablet"), cli::ExitCode::kFailed);
  EXPECT_TRUE(Said("of an earlier one"));
  EXPECT_EQ(Recover("tablet", "second"), cli::ExitCode::kOk);
}

TEST_F(GuardianCliTest, TwoCancelsBarUntilADeviceThatOpensItAllows) {
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(Recover("laptop"), cli::ExitCode::kOk) << out_.str();
    // A device without a slot can cancel too.
    ASSERT_EQ(Run(i == 0 ? "phone" : "tablet", {"guardians", "cancel"}),
              cli::ExitCode::kOk)
        << out_.str();
    EXPECT_EQ(Said("It was the second"), i == 1);
  }
  EXPECT_EQ(Recover("laptop"), cli::ExitCode::kFailed);
  EXPECT_TRUE(Said("cancelled twice"));
  EXPECT_EQ(Run("laptop", {"guardians", "allow"}), cli::ExitCode::kFailed);
  ASSERT_EQ(Run("phone", {"guardians", "list"}), cli::ExitCode::kOk);
  EXPECT_TRUE(Said("BARRED"));
  ASSERT_EQ(Run("phone", {"guardians", "allow"}), cli::ExitCode::kOk)
      << out_.str();
  EXPECT_EQ(Recover("laptop"), cli::ExitCode::kOk);
}

TEST_F(GuardianCliTest, SharesAreInFilesAndNotOnTheScreen) {
  std::ifstream file(Share("first", 1));
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::string first = text.substr(text.find("words:\n") + 7, 20);
  EXPECT_EQ(Run("phone", {"guardians", "make", "--threshold", "2", "--count",
                          "3", "--out", Shares("first")}),
            cli::ExitCode::kFailed);
  EXPECT_FALSE(Said(first));
  EXPECT_EQ(Run("phone", {"guardians", "make", "--threshold", "1", "--count",
                          "3", "--out", Shares("third")}),
            cli::ExitCode::kUsage);
  EXPECT_FALSE(std::filesystem::exists(Shares("third")));
}

}  // namespace
}  // namespace limpid
