// The command line of a person who erases, and of an administrator whose hold
// refuses it, or whose server was off for long.

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "clients/cli/sharing.h"
#include "clients/cpp/device_home.h"
#include "common/base/clock.h"
#include "gtest/gtest.h"
#include "server/provision/provision.h"
#include "tests/integration/server/cli_fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid {
namespace {

namespace fs = std::filesystem;
namespace v1 = limpid::consent::v1;
using cli::ExitCode;
using testing::IsOk;

constexpr char kName[] = "person.name";
constexpr char kBirthDate[] = "person.birth_date";
constexpr char kNameValue[] = R"({"family":"Jansen","given":"Ada"})";

class ErasingCliTest : public testing::CliTest {
 protected:
  // A request of a new service, granted on the phone; the record's id.
  std::string Granted(const char* name, v1::LegalBasis basis) {
    testing::AgreementPlan plan;
    plan.attributes = {kName};
    plan.basis = basis;
    services_.push_back(world_.AddService(name, plan));
    testing::ServiceSide& service = services_.back();
    const std::string agreement = world_.AddAgreement(service, plan);
    const auto request = service.client->CreateRequest(agreement, 1);
    EXPECT_THAT(request, IsOk());
    EXPECT_EQ(Run("phone", {"bind", request->request_code()}), ExitCode::kOk);
    const std::string record = WordWith("rec_");
    EXPECT_EQ(Run("phone", {"grant", record, "--all"}), ExitCode::kOk) << out();
    return record;
  }
  v1::RecordState StateOf(const std::string& record) {
    cli::Session session = SessionOf("phone");
    const auto parts = session.Person();
    EXPECT_THAT(parts, IsOk());
    const auto shown = parts->consent->GetRecord(record);
    EXPECT_THAT(shown, IsOk());
    return shown->record().state();
  }
  void PutBoth() {
    ASSERT_EQ(Run("phone", {"put", kName, kNameValue}), ExitCode::kOk);
    ASSERT_EQ(Run("phone", {"put", kBirthDate, "1990-02-28", "--sealed"}),
              ExitCode::kOk)
        << out();
  }
  ExitCode PlaceHold() {
    EXPECT_EQ(Run("phone", {"holds"}), ExitCode::kOk);
    const std::string holder = WordWith("hld_");
    EXPECT_FALSE(holder.empty()) << out();
    return RunAdmin({"hold", holder, "--ground", "legal-claims", "--reason",
                     "court file 12/26"});
  }
  [[nodiscard]] bool DeviceHas(const char* file) const {
    return fs::exists(Home("phone") / file);
  }

  std::vector<testing::ServiceSide> services_;
};

TEST_F(ErasingCliTest, EraseEverythingGoesPastWhatRestsOnALaw) {
  PutBoth();
  const std::string law = Granted("registry", v1::LEGAL_BASIS_LEGAL_OBLIGATION);
  const std::string consent = Granted("cinema", v1::LEGAL_BASIS_CONSENT);
  ASSERT_TRUE(DeviceHas("device-key.json"));
  ASSERT_TRUE(DeviceHas("sealed-key.json"));
  ASSERT_TRUE(DeviceHas(("grants/" + consent + ".json").c_str()));

  ASSERT_EQ(Run("phone", {"erase-everything", "--yes"}), ExitCode::kOk)
      << out();
  EXPECT_TRUE(Said("Withdrew 1 consent(s)."));
  EXPECT_TRUE(Said("you cannot withdraw them, and they stay"));
  EXPECT_TRUE(Said(law));
  EXPECT_TRUE(Said("rests on legal_obligation"));
  EXPECT_TRUE(Said("Erased all 2 value(s)"));
  EXPECT_TRUE(Said("proof verified"));
  EXPECT_EQ(StateOf(law), v1::RECORD_STATE_GRANTED);
  EXPECT_EQ(StateOf(consent), v1::RECORD_STATE_WITHDRAWN);
  for (const char* file : {"device-key.json", "sealed-key.json"}) {
    EXPECT_FALSE(DeviceHas(file)) << file;
  }
  EXPECT_FALSE(DeviceHas(("grants/" + consent + ".json").c_str()));
  EXPECT_TRUE(DeviceHas("key.json"));
  ASSERT_EQ(Run("phone", {"list"}), ExitCode::kOk);
  EXPECT_FALSE(Said(kName));
  // Again: what is done stays done.
  ASSERT_EQ(Run("phone", {"erase-everything", "--yes"}), ExitCode::kOk)
      << out();
  EXPECT_TRUE(Said("Withdrew 0 consent(s)."));
}

TEST_F(ErasingCliTest, AfterItNothingIsStoredAndNoAdviceSaysOtherwise) {
  PutBoth();
  ASSERT_EQ(Run("phone", {"erase-everything", "--yes"}), ExitCode::kOk);
  EXPECT_EQ(Run("phone", {"put", kName, kNameValue}), ExitCode::kFailed);
  EXPECT_TRUE(Said("erased here")) << out();
  EXPECT_FALSE(Said("--sealed"));
  EXPECT_EQ(Run("phone", {"put", kBirthDate, "1990-02-28", "--sealed"}),
            ExitCode::kFailed);
  EXPECT_TRUE(Said("erased here")) << out();
  EXPECT_FALSE(Said("device code"));
}

TEST_F(ErasingCliTest, AnotherDeviceForgetsOnTheCertificate) {
  PutBoth();
  ASSERT_EQ(Run("laptop", {"device", "code"}), ExitCode::kOk);
  const std::string code = FirstLine();
  ASSERT_EQ(Run("phone", {"device", "add", code}), ExitCode::kOk);
  ASSERT_EQ(Run("laptop", {"get", kBirthDate}), ExitCode::kOk);
  ASSERT_EQ(Run("phone", {"erase-everything", "--yes"}), ExitCode::kOk);
  ASSERT_TRUE(fs::exists(Home("laptop") / "sealed-key.json"));
  ASSERT_EQ(Run("laptop", {"erasure"}), ExitCode::kOk) << out();
  EXPECT_TRUE(Said("This device forgot its own key"));
  EXPECT_FALSE(fs::exists(Home("laptop") / "sealed-key.json"));
  EXPECT_FALSE(fs::exists(Home("laptop") / "device-key.json"));
}

// One that was let in and has opened nothing yet cannot tell whose certificate
// it is; its key may be the last that opens an export.
TEST_F(ErasingCliTest, ADeviceThatKnowsNoSealedKeyForgetsNothing) {
  PutBoth();
  ASSERT_EQ(Run("laptop", {"device", "code"}), ExitCode::kOk);
  ASSERT_EQ(Run("phone", {"device", "add", FirstLine()}), ExitCode::kOk);
  ASSERT_EQ(Run("phone", {"erase-everything", "--yes"}), ExitCode::kOk);
  ASSERT_EQ(Run("laptop", {"erasure"}), ExitCode::kOk) << out();
  EXPECT_TRUE(Said("nothing on it was removed")) << out();
  EXPECT_TRUE(fs::exists(Home("laptop") / "device-key.json"));
}

TEST_F(ErasingCliTest, ACertificateOfSomebodyElseTakesNothingFromTheDevice) {
  PutBoth();
  ASSERT_EQ(Run("phone", {"get", kBirthDate}), ExitCode::kOk);
  // The pin of a person with another id in the vault.
  cli::Session session = SessionOf("phone");
  const client::DeviceHome device(session.DeviceKeyFile(),
                                  session.SealedKeyFile());
  client::SealedPin other = *device.Pinned().value();
  other.holder[0] ^= 1;
  fs::remove(session.SealedKeyFile());
  ASSERT_THAT(device.Pin(other), IsOk());
  EXPECT_EQ(Run("phone", {"erase-everything", "--yes"}),
            ExitCode::kVerificationFailed)
      << out();
  EXPECT_EQ(Run("phone", {"erasure"}), ExitCode::kVerificationFailed);
  EXPECT_TRUE(DeviceHas("device-key.json"));
  EXPECT_TRUE(DeviceHas("sealed-key.json"));
}

TEST_F(ErasingCliTest, AGrantWhoseAnswerWasLostIsFoundWhenItIsRepeated) {
  PutBoth();
  const std::string record = Granted("cinema", v1::LEGAL_BASIS_CONSENT);
  const fs::path kept = Home("phone") / "grants" / (record + ".json");
  const fs::path sent = Home("phone") / "grants" / (record + ".sent");
  fs::rename(kept, sent);
  ASSERT_EQ(Run("phone", {"grant", record, "--all"}), ExitCode::kOk) << out();
  EXPECT_TRUE(Said("Granted when you sent it before")) << out();
  EXPECT_TRUE(fs::exists(kept));
  EXPECT_FALSE(fs::exists(sent));
  // What is known is not sent again; what is asked anew the server answers.
  EXPECT_EQ(Run("phone", {"grant", record, "--all"}), ExitCode::kFailed);
  EXPECT_TRUE(fs::exists(kept));
  EXPECT_FALSE(fs::exists(sent));
}

TEST_F(ErasingCliTest, WithoutAYesNothingHappens) {
  PutBoth();
  const std::string consent = Granted("cinema", v1::LEGAL_BASIS_CONSENT);
  EXPECT_EQ(Run("phone", {"erase-everything"}), ExitCode::kUsage);
  EXPECT_EQ(StateOf(consent), v1::RECORD_STATE_GRANTED);
  EXPECT_EQ(Run("phone", {"get", kName}), ExitCode::kOk);
}

TEST_F(ErasingCliTest, AHoldIsSeenBeforeAnythingIsWithdrawn) {
  PutBoth();
  const std::string consent = Granted("cinema", v1::LEGAL_BASIS_CONSENT);
  ASSERT_EQ(PlaceHold(), ExitCode::kOk) << out();
  EXPECT_TRUE(Said("stands; the person sees it and its reason"));
  const std::string hold = WordWith("hol_");

  EXPECT_EQ(Run("phone", {"erase-everything", "--yes"}), ExitCode::kFailed);
  EXPECT_TRUE(Said("GDPR Article 17(3)(e)"));
  EXPECT_TRUE(Said("court file 12/26"));
  EXPECT_TRUE(Said("Nothing was withdrawn and nothing erased"));
  EXPECT_EQ(StateOf(consent), v1::RECORD_STATE_GRANTED);
  EXPECT_TRUE(DeviceHas("sealed-key.json"));
  // Sealing an attribute ends in an erasure too.
  EXPECT_EQ(Run("phone", {"seal", kName}), ExitCode::kFailed);
  EXPECT_TRUE(Said("court file 12/26"));
  ASSERT_EQ(Run("phone", {"history", kName}), ExitCode::kOk);
  EXPECT_FALSE(Said("sealed")) << out();
  ASSERT_EQ(Run("phone", {"holds"}), ExitCode::kOk);
  EXPECT_TRUE(Said("stands: nothing is erased"));
  EXPECT_TRUE(Said("court file 12/26"));

  ASSERT_EQ(RunAdmin({"lift-hold", hold}), ExitCode::kOk) << out();
  EXPECT_TRUE(Said("is lifted"));
  EXPECT_EQ(RunAdmin({"lift-hold", hold}), ExitCode::kFailed);
  ASSERT_EQ(Run("phone", {"holds"}), ExitCode::kOk);
  EXPECT_TRUE(Said("lifted 20"));
  ASSERT_EQ(Run("phone", {"erase-everything", "--yes"}), ExitCode::kOk)
      << out();
  EXPECT_EQ(StateOf(consent), v1::RECORD_STATE_WITHDRAWN);
}

TEST_F(ErasingCliTest, AHoldNeedsAGroundThatTheLawKnows) {
  PutBoth();
  ASSERT_EQ(Run("phone", {"holds"}), ExitCode::kOk);
  const std::string holder = WordWith("hld_");
  EXPECT_EQ(
      RunAdmin({"hold", holder, "--ground", "curiosity", "--reason", "x"}),
      ExitCode::kUsage);
  EXPECT_EQ(RunAdmin({"hold", "hld_x", "--ground", "archive", "--reason", "x"}),
            ExitCode::kFailed);
  EXPECT_EQ(RunAdmin({"hold", holder, "--ground", "archive"}),
            ExitCode::kUsage);
  // Who is no administrator places none: the command needs a certificate.
  ASSERT_EQ(Run("phone", {"holds"}), ExitCode::kOk);
  EXPECT_FALSE(Said("hol_"));
}

TEST_F(ErasingCliTest, AWithdrawalWorksWhereNothingWasEverSealed) {
  PutBoth();
  const std::string consent = Granted("cinema", v1::LEGAL_BASIS_CONSENT);
  ASSERT_EQ(Run("laptop", {"withdraw", consent}), ExitCode::kOk) << out();
  EXPECT_FALSE(Said("not up to date")) << out();
  EXPECT_FALSE(fs::exists(Home("laptop") / "device-key.json"));
  EXPECT_EQ(StateOf(consent), v1::RECORD_STATE_WITHDRAWN);
}

TEST_F(ErasingCliTest, ABrokenFileOfTheDeviceIsNamedAndIsNoServersFault) {
  PutBoth();
  const std::string consent = Granted("cinema", v1::LEGAL_BASIS_CONSENT);
  const auto broken = [&](const std::string& file,
                          const std::vector<std::string>& words) {
    const fs::path path = Home("phone") / file;
    const fs::path kept = directory_.path() / "kept";
    if (fs::exists(path)) fs::rename(path, kept);
    std::ofstream(path.string()) << "broken";
    fs::permissions(path, fs::perms(0600));
    EXPECT_EQ(Run("phone", words), ExitCode::kStateBroken) << file << out();
    EXPECT_TRUE(Said(path.string())) << out();
    EXPECT_FALSE(Said("ask the operator")) << out();
    fs::remove(path);
    if (fs::exists(kept)) fs::rename(kept, path);
  };
  broken("key.json", {"whoami"});
  broken("trust.json", {"whoami"});
  broken("device-key.json", {"get", kBirthDate});
  broken("sealed-key.json", {"get", kBirthDate});
  broken("moving.json", {"seal", kName});
  broken("grants/" + consent + ".json", {"share"});
  ASSERT_EQ(Run("phone", {"check-log"}), ExitCode::kOk);
  broken("log-head", {"check-log"});
  broken("log-head", {"check-embargo"});
  broken("log-head-seen", {"whoami"});
}

using ConfirmClockCliTest = testing::CliTest;

TEST_F(ConfirmClockCliTest, EndsWithTheCodesThatHelpLists) {
  const fs::path server = directory_.path() / "limpid";
  const std::string config = (server / server::layout::kConfig).string();
  const std::string now = base::TimeText(world_.clock().Now());
  EXPECT_EQ(RunAdmin({"confirm-clock", config, "--now", "noon"}),
            ExitCode::kUsage);
  EXPECT_EQ(RunAdmin({"confirm-clock", config, "--now", now}),
            ExitCode::kFailed);
  EXPECT_TRUE(Said("a server is running"));
  EXPECT_FALSE(Said("--server"));
  world_.Stop();
  EXPECT_EQ(
      RunAdmin({"confirm-clock", config, "--now", "2020-01-01T00:00:00Z"}),
      ExitCode::kFailed);
  EXPECT_EQ(RunAdmin({"confirm-clock", config, "--now", now}), ExitCode::kOk)
      << out();
  EXPECT_TRUE(Said("Confirmed"));
  EXPECT_EQ(RunAdmin({"confirm-clock", (server / "none.toml").string(), "--now",
                      now}),
            ExitCode::kStateBroken);
  std::ofstream(server / "data" / "clock-mark") << "damaged";
  EXPECT_EQ(RunAdmin({"confirm-clock", config, "--now", now}),
            ExitCode::kStateBroken);
  EXPECT_TRUE(Said("clock-mark"));
  EXPECT_FALSE(Said("keep it as evidence"));
}

}  // namespace
}  // namespace limpid
