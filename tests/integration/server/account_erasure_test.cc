// Erasing an account through a whole server over TLS, as `limpid person
// erase-account` does it.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_replace.h"
#include "clients/cli/command_line.h"
#include "clients/cli/erasing_note.h"
#include "clients/cli/first_contact.h"
#include "clients/cli/session.h"
#include "clients/cpp/account_erasure_client.h"
#include "clients/cpp/duty_client.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/integration/server/world_fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid {
namespace {

namespace v1 = limpid::consent::v1;
using testing::IsOk;
using testing::StatusIs;

constexpr char kName[] = "person.name";
constexpr char kValue[] = R"({"family":"Jansen","given":"Ada"})";

class AccountErasureCli : public testing::WorldTest {
 protected:
  void SetUp() override {
    std::ofstream(CaFile()) << world_.trust().ca_pem;
    plan_.attributes = {kName};
    service_ = world_.AddService("cinema", plan_);
    cli::Session session = Session();
    auto trust = cli::PinTrust(session, {});
    ASSERT_THAT(trust, IsOk());
    auto key = client::PersonKey::Generate();
    ASSERT_THAT(key.WriteNew(session.KeyFile()), IsOk());
    parts_ = cli::OpenPerson(std::move(key), *std::move(trust), world_.clock())
                 .value();
    ASSERT_THAT(parts_.consent->CreateAccount(), IsOk());
  }
  std::string CaFile() { return (directory_.path() / "ca.pem").string(); }
  std::filesystem::path Home() { return directory_.path() / "home"; }
  cli::Session Session() {
    cli::Session session{cli::Terminal(out_, out_, {}), world_.clock()};
    session.options().server = absl::StrReplaceAll(
        world_.anonymous_channel().address, {{"127.0.0.1", "localhost"}});
    session.options().ca_file = CaFile();
    session.options().home = Home().string();
    return session;
  }
  cli::ExitCode Run(std::vector<std::string> words) {
    out_.str("");
    cli::Session session = Session();
    words.insert(words.begin(), "person");
    return cli::RunCommandLine(std::move(words), session);
  }
  bool Said(const std::string& text) const {
    return out_.str().find(text) != std::string::npos;
  }
  // Granted and read.
  std::string Granted() {
    EXPECT_THAT(parts_.vault->Put(kName, kValue), IsOk());
    const auto request =
        service_.client->CreateRequest(world_.AddAgreement(service_, plan_), 1);
    EXPECT_THAT(request, IsOk());
    const auto bound = parts_.consent->BindRequest(request->request_code());
    EXPECT_THAT(bound, IsOk());
    std::string record = bound->record().record_id();
    EXPECT_THAT(parts_.consent->Grant(record, {{kName}, "", {}}), IsOk());
    EXPECT_THAT(service_.client->Read({record, plan_.purpose, {kName}, "", ""}),
                IsOk());
    return record;
  }

  // So that this device's command had no answer.
  absl::Status EraseElsewhere(const std::string& person) {
    client::AccountErasureClient client(*parts_.consent_connection, *parts_.key,
                                        *parts_.trust, world_.clock());
    return client.Erase(person, /*give_up_duties=*/false).status();
  }

  std::ostringstream out_;
  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
  cli::PersonParts parts_;
};

TEST_F(AccountErasureCli, ErasesInItsOrderAndKeepsTheConfirmation) {
  const std::string record = Granted();
  const std::string person = parts_.consent->GetAccount()->person_id();
  // The vault first, then what is in force, then what must be deleted.
  EXPECT_EQ(Run({"erase-account", "--yes"}), cli::ExitCode::kFailed);
  EXPECT_TRUE(Said("the vault still holds person.name"));
  EXPECT_TRUE(Said("limpid person erase-everything first"));
  ASSERT_EQ(Run({"erase", kName, "--yes"}), cli::ExitCode::kOk);
  EXPECT_EQ(Run({"erase-account", "--yes"}), cli::ExitCode::kFailed);
  EXPECT_TRUE(Said("withdraw them first"));
  ASSERT_THAT(parts_.consent->Withdraw(record), IsOk());
  EXPECT_EQ(Run({"erase-account", "--yes"}), cli::ExitCode::kFailed);
  EXPECT_TRUE(Said("deletion(s) by services are still to come"));
  // Nobody is asked without a terminal.
  EXPECT_EQ(Run({"erase-account"}), cli::ExitCode::kUsage);
  ASSERT_THAT(parts_.consent->GetAccount(), IsOk());
  ASSERT_EQ(Run({"accesses"}), cli::ExitCode::kOk);

  ASSERT_EQ(Run({"erase-account", "--give-up-duties", "--yes"}),
            cli::ExitCode::kOk);
  EXPECT_TRUE(Said("Your account is erased"));
  const auto file = Home() / ("account-erased-" + person + ".json");
  ASSERT_TRUE(std::filesystem::exists(file));
  const auto kept = json::ParseStrict(cli::ReadTextFile(file).value());
  ASSERT_THAT(kept, IsOk());
  client::AccountErasure erasure;
  erasure.person_id = kept->GetString("person").value();
  erasure.statement = kept->GetString("statement").value();
  erasure.time = base::ParseTimeText(kept->GetString("time").value()).value();
  erasure.proof =
      base::Base64UrlDecode(kept->GetString("proof").value()).value();
  EXPECT_EQ(erasure.person_id, person);
  EXPECT_THAT(client::CheckAccountErasure(erasure, parts_.trust->evidence_key),
              IsOk());

  // Nothing of hers is left, for her or for the service.
  EXPECT_THAT(parts_.consent->GetAccount(),
              StatusIs(absl::StatusCode::kUnauthenticated));
  const auto read =
      service_.client->Read({record, plan_.purpose, {kName}, "", ""});
  ASSERT_THAT(read, IsOk());
  ASSERT_EQ(read->results_size(), 1);
  EXPECT_EQ(read->results(0).verdict(), vault::v1::VERDICT_REFUSED);
  EXPECT_EQ(read->results(0).value_json(), "");
  v1::RecordEvent last;
  (void)service_.client->Watch("", absl::Seconds(5),
                               [&](const v1::WatchResponse& item) {
                                 if (item.has_event()) last = item.event();
                                 return item.has_event();
                               });
  EXPECT_EQ(last.record_id(), record);
  EXPECT_EQ(last.revision(), 0U);
  EXPECT_EQ(last.state(), v1::RECORD_STATE_TERMINATED);
  EXPECT_TRUE(last.pseudonym().empty());
  EXPECT_TRUE(last.agreement_id().empty());
}

TEST_F(AccountErasureCli, TheSameDeviceMayBeginAnew) {
  const std::string before = parts_.consent->GetAccount()->person_id();
  ASSERT_EQ(Run({"whoami"}), cli::ExitCode::kOk);
  ASSERT_EQ(Run({"erase-account", "--yes"}), cli::ExitCode::kOk);
  EXPECT_NE(Run({"whoami"}), cli::ExitCode::kOk);
  world_.Restart();
  EXPECT_THAT(parts_.consent->GetAccount(),
              StatusIs(absl::StatusCode::kUnauthenticated));
  const auto again = parts_.consent->CreateAccount();
  ASSERT_THAT(again, IsOk());
  EXPECT_NE(again->person_id(), before);
  // Its log is another: what the device kept of the old one is no alarm.
  EXPECT_EQ(Run({"whoami"}), cli::ExitCode::kOk);
  EXPECT_EQ(Run({"put", kName, kValue}), cli::ExitCode::kOk);
  EXPECT_EQ(Run({"accesses"}), cli::ExitCode::kOk) << out_.str();
}

// As the command leaves it when no answer comes and nobody can be asked.
TEST_F(AccountErasureCli, WhatBecameOfALostAnswerIsFoundOutLater) {
  const std::string before = parts_.consent->GetAccount()->person_id();
  const cli::Session session = Session();
  ASSERT_EQ(Run({"whoami"}), cli::ExitCode::kOk);
  ASSERT_TRUE(std::filesystem::exists(session.SeenHeadFile()));
  ASSERT_THAT(cli::NoteErasing(before, session), IsOk());
  // It never came: the account is there, and asked again it is erased.
  EXPECT_EQ(Run({"erase-account"}), cli::ExitCode::kUsage);
  ASSERT_THAT(parts_.consent->GetAccount(), IsOk());
  ASSERT_THAT(EraseElsewhere(before), IsOk());
  ASSERT_EQ(Run({"erase-account", "--yes"}), cli::ExitCode::kOk) << out_.str();
  EXPECT_TRUE(Said("your account is erased"));
  EXPECT_FALSE(std::filesystem::exists(session.SeenHeadFile()));
  EXPECT_FALSE(std::filesystem::exists(session.ErasingFile()));
  // Without a note a refused key says nothing of an erasure.
  EXPECT_NE(Run({"erase-account", "--yes"}), cli::ExitCode::kOk);
  EXPECT_FALSE(Said("is erased"));
}

TEST_F(AccountErasureCli, ANewAccountIsNotTakenForTheLostOne) {
  const std::string before = parts_.consent->GetAccount()->person_id();
  ASSERT_EQ(Run({"whoami"}), cli::ExitCode::kOk);
  ASSERT_THAT(cli::NoteErasing(before, Session()), IsOk());
  ASSERT_THAT(EraseElsewhere(before), IsOk());
  ASSERT_EQ(Run({"init"}), cli::ExitCode::kOk) << out_.str();
  EXPECT_EQ(Run({"whoami"}), cli::ExitCode::kOk) << out_.str();
  EXPECT_EQ(Run({"put", kName, kValue}), cli::ExitCode::kOk) << out_.str();
  EXPECT_EQ(Run({"accesses"}), cli::ExitCode::kOk) << out_.str();
}

}  // namespace
}  // namespace limpid
