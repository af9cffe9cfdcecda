// A signed answer through a whole server over TLS: what the person is told,
// what the service gets, and what somebody else makes of it who is shown it.

#include <algorithm>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "clients/cli/command_line.h"
#include "clients/cli/failure.h"
#include "clients/cli/person_views.h"
#include "clients/cli/session.h"
#include "clients/cpp/answer_keys.h"
#include "clients/cpp/catalogue_client.h"
#include "clients/cpp/device_home.h"
#include "clients/cpp/sealed_client.h"
#include "common/crypto/x509.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/integration/server/world_fixture.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/world/require.h"

namespace limpid {
namespace {

namespace v1 = limpid::vault::v1;
using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr char kBirthDate[] = "person.birth_date";
constexpr char kTold[] =
    "signed: the service can show this answer to others, who can check it";

class AttestedAnswers : public testing::WorldTest {
 protected:
  void SetUp() override {
    plan_.signed_over_18 = true;
    cinema_ = world_.AddService("cinema", plan_);
    agreement_ = world_.AddAgreement(cinema_, plan_);
    ASSERT_THAT(anna_->vault().Put(kBirthDate, R"("1990-02-28")"), IsOk());
    record_ = world_.Grant(cinema_, agreement_, *anna_);
  }

  client::AnswerKeys Keys() {
    return testing::Require(client::ListAnswerKeys(*anonymous_), "keys");
  }
  absl::StatusOr<v1::AttributeResult> Read(const client::AnswerKeys* keys) {
    client::ReadRequest request{record_, plan_.purpose, {kBirthDate}, "", ""};
    request.answer_keys = keys;
    auto read = cinema_.client->Read(request);
    if (!read.ok()) return read.status();
    return read->results(0);
  }
  static base::Digest32 KeyOf(const testing::ServiceSide& service) {
    return crypto::SpkiThumbprint(service.channel.certificate_pem).value();
  }
  std::string Saved(const char* name, const std::string& text) {
    const auto file = directory_.path() / name;
    std::ofstream(file) << text;
    return file.string();
  }
  cli::Session SessionOf() {
    cli::Session session{cli::Terminal(out_, out_, {}), world_.clock()};
    session.options().server = absl::StrReplaceAll(
        world_.anonymous_channel().address, {{"127.0.0.1", "localhost"}});
    session.options().ca_file = Saved("ca.pem", world_.trust().ca_pem);
    return session;
  }
  // `limpid answer WORDS`, by anybody.
  cli::ExitCode Run(std::vector<std::string> words) {
    out_.str("");
    cli::Session session = SessionOf();
    words.insert(words.begin(), "answer");
    return cli::RunCommandLine(std::move(words), session);
  }
  // `limpid service WORDS`, by the cinema.
  cli::ExitCode RunService(std::vector<std::string> words) {
    out_.str("");
    cli::Session session = SessionOf();
    session.options().certificate_file =
        Saved("service.pem", cinema_.channel.certificate_pem);
    session.options().key_file =
        Saved("service.key", cinema_.channel.private_key_pem);
    words.insert(words.begin(), "service");
    return cli::RunCommandLine(std::move(words), session);
  }

  // What a person reads on her terminal.
  std::string Shown(const std::function<void(cli::Terminal&)>& show) {
    out_.str("");
    cli::Terminal terminal(out_, out_, {});
    show(terminal);
    return out_.str();
  }

  testing::AgreementPlan plan_;
  testing::ServiceSide cinema_;
  std::string agreement_;
  std::string record_;
  std::unique_ptr<testing::Person> anna_ = world_.AddPerson();
  std::unique_ptr<client::Connection> anonymous_ =
      testing::Require(client::Connect(world_.anonymous_channel()), "connect");
  std::ostringstream out_;
};

TEST_F(AttestedAnswers, AnotherChecksWhatTheServiceShows) {
  const client::AnswerKeys keys = Keys();
  EXPECT_EQ(keys.source_id, world_.trust().source_id);
  const auto result = Read(&keys);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->form(), v1::FORM_ATTESTED);
  EXPECT_EQ(result->value_json(), "true");
  const absl::Time now = world_.clock().Now();
  const auto shown =
      client::VerifyAnswer(result->attestation(), keys, {now, KeyOf(cinema_)});
  ASSERT_THAT(shown, IsOk());
  EXPECT_EQ(shown->attribute, kBirthDate);
  EXPECT_EQ(json::Canonical(shown->value), "true");
  // Not by another service, not by another key, and not in a minute.
  const testing::ServiceSide shop = world_.AddService("shop", plan_);
  EXPECT_THAT(
      client::VerifyAnswer(result->attestation(), keys, {now, KeyOf(shop)}),
      StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(client::VerifyAnswer(result->attestation(), keys,
                                   {now + absl::Seconds(60), KeyOf(cinema_)}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  client::AnswerKeys other = keys;
  other.keys = {crypto::Ed25519PrivateKey::Generate().PublicKey()};
  EXPECT_THAT(client::VerifyAnswer(result->attestation(), other, {now}),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(Read(&other), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(AttestedAnswers, TheKeyIsTheSameAfterARestart) {
  const client::AnswerKeys before = Keys();
  const auto result = Read(&before);
  ASSERT_THAT(result, IsOk());
  world_.Restart();
  EXPECT_EQ(Keys().Text(), before.Text());
  EXPECT_THAT(client::VerifyAnswer(result->attestation(), Keys(),
                                   {world_.clock().Now()}),
              IsOk());
}

TEST_F(AttestedAnswers, AWithdrawalEndsThem) {
  ASSERT_THAT(Read(nullptr), IsOk());
  ASSERT_THAT(anna_->consent().Withdraw(record_), IsOk());
  const auto result = Read(nullptr);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->reason(), v1::REASON_WITHDRAWN);
  EXPECT_EQ(result->attestation(), "");
}

TEST_F(AttestedAnswers, ThePersonIsToldBeforeAndAfter) {
  const auto record = anna_->consent().GetRecord(record_);
  ASSERT_THAT(record, IsOk());
  EXPECT_NE(cli::FormText(record->agreement().content().lines(0)).find(kTold),
            std::string::npos);
  ASSERT_THAT(Read(nullptr), IsOk());
  const auto entries = anna_->consent().ListAccesses(record_, 10);
  ASSERT_THAT(entries, IsOk());
  // What became of it may be entered behind it.
  const auto read =
      std::find_if(entries->begin(), entries->end(), [](const auto& entry) {
        return entry.kind() == consent::v1::ACCESS_KIND_RELEASE_DECIDED;
      });
  ASSERT_NE(read, entries->end());
  EXPECT_EQ(read->decisions(0).form(), consent::v1::FORM_ATTESTED);
  EXPECT_NE(Shown([&](cli::Terminal& terminal) {
              cli::ShowAccesses({*read}, terminal);
            }).find(kTold),
            std::string::npos);
  const auto receipt = anna_->consent().GetReceipt(read->access_id());
  ASSERT_THAT(receipt, IsOk());
  EXPECT_NE(Shown(cli::ReceiptReport(*receipt, "Verified.").show).find(kTold),
            std::string::npos);
}

// The server cannot derive from what it cannot open, signed or not.
TEST_F(AttestedAnswers, NothingSealedIsSigned) {
  client::DeviceHome device{directory_.path() / "device-key.json",
                            directory_.path() / "sealed-key.json"};
  client::SealedClient sealed{anna_->vault_connection(), anna_->key(), device,
                              world_.trust(), world_.clock()};
  ASSERT_THAT(sealed.Put(kBirthDate, R"("1990-02-28")"), IsOk());
  const auto result = Read(nullptr);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->reason(), v1::REASON_SEALED);
  EXPECT_EQ(result->attestation(), "");
}

TEST_F(AttestedAnswers, TheCommandLineChecksThem) {
  const auto result = Read(nullptr);
  ASSERT_THAT(result, IsOk());
  ASSERT_EQ(Run({"keys"}), cli::ExitCode::kOk);
  const std::string keys = Saved("keys.json", out_.str());
  const std::vector<std::string> read = {"read",          record_, "--purpose",
                                         plan_.purpose,   "-a",    kBirthDate,
                                         "--answer-keys", keys};
  EXPECT_EQ(RunService(read), cli::ExitCode::kOk);
  EXPECT_NE(out_.str().find("Signed, to show within a minute"),
            std::string::npos);
  const std::string file = Saved("answer.txt", result->attestation() + "\n");
  const std::string cinema =
      Saved("cinema.pem", cinema_.channel.certificate_pem);
  EXPECT_EQ(
      Run({"verify", file, "--keys", keys, "--service-certificate", cinema}),
      cli::ExitCode::kOk);
  EXPECT_NE(out_.str().find("over_n/1 {\"n\":18}"), std::string::npos);
  const testing::ServiceSide shop = world_.AddService("shop", plan_);
  EXPECT_EQ(Run({"verify", file, "--keys", keys, "--service-certificate",
                 Saved("shop.pem", shop.channel.certificate_pem)}),
            cli::ExitCode::kFailed);
  EXPECT_EQ(Run({"verify", file, "--keys", keys, "--audience", "AAAA"}),
            cli::ExitCode::kUsage);
  std::string changed = result->attestation();
  changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
  EXPECT_EQ(Run({"verify", Saved("changed.txt", changed), "--keys", keys}),
            cli::ExitCode::kVerificationFailed);
  EXPECT_EQ(Run({"verify", file, "--keys", file}), cli::ExitCode::kStateBroken);
}

TEST_F(AttestedAnswers, AskingForMoreOfThemAsksThePersonAgain) {
  testing::AgreementPlan plain = plan_;
  plain.signed_over_18 = false;
  plain.over_18 = true;
  const std::string agreement = world_.AddAgreement(cinema_, plain);
  auto request = testing::World::AgreementRequest(cinema_, plan_);
  request.set_agreement_id(agreement);
  const auto next = world_.admin().CreateAgreement(request);
  ASSERT_THAT(next, IsOk());
  ASSERT_EQ(next->version(), 2U);
  client::CatalogueClient catalogue(*anonymous_);
  const auto diff = catalogue.DiffAgreements(agreement, 1, 2);
  ASSERT_THAT(diff, IsOk());
  ASSERT_EQ(diff->changes_size(), 1);
  EXPECT_TRUE(diff->changes(0).material());
  EXPECT_NE(diff->changes(0).sentence().find(kTold), std::string::npos);
}

}  // namespace
}  // namespace limpid
