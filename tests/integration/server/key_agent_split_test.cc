// Consent, vault and key agent as three programs that trust one another as far
// as their settings say.

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "common/base/file.h"
#include "common/rpc/tls13.h"
#include "gtest/gtest.h"
#include "server/config.h"
#include "tests/integration/server/agent_process.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/world/require.h"
#include "tests/testing/world/split.h"

namespace limpid {
namespace {

using testing::IsOk;

constexpr char kName[] = "person.name";
constexpr char kValue[] = R"({"family":"J","given":"A"})";

class KeyAgentSplitTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { rpc::RequireTls13(); }

  KeyAgentSplitTest() {
    const auto file = directory_.path() / "split" / "vault" / "limpid.toml";
    split_.vault_host().Stop();
    server::Config config =
        testing::Require(server::LoadConfig(file), "config");
    vault::KeyAgentOptions options;
    options.vault = {
        config.operator_name,
        testing::Require(vault::SourceId::Parse(config.vault_source_id), "id")};
    options.permit_key.bytes = Key(config.vault_consent_evidence_key);
    options.token_key.bytes = Key(config.vault_consent_token_key);
    options.persons_per_minute = 100;
    agent_.Configure(options, ::geteuid());
    config.vault_key_agent = agent_.socket().string();
    config.vault_key_agent_key = agent_.key_text();
    testing::Require(
        base::WriteFileAtomically(
            file, base::AsBytes(server::WriteConfig(config)), 0600),
        "config");
  }

  static base::ByteArray<32> Key(const std::string& text) {
    const base::Bytes bytes =
        testing::Require(base::Base64UrlDecode(text), "key");
    base::ByteArray<32> out{};
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
  }
  // Whether the name came.
  bool Reads(const std::string& record) {
    const auto read = client::ServiceClient(*at_vault_, clock_)
                          .Read({record, plan_.purpose, {kName}, "", ""});
    return read.ok() && read->results_size() == 1 &&
           read->results(0).verdict() == vault::v1::VERDICT_ALLOWED;
  }
  // The stream to consent comes up by itself.
  bool ComesToRead(const std::string& record) {
    for (int tries = 0; tries < 100; ++tries) {
      if (Reads(record)) return true;
      absl::SleepFor(absl::Milliseconds(100));
    }
    return false;
  }

  testing::TempDir directory_;
  base::SystemClock clock_;
  testing::SplitWorld split_{directory_.path() / "split", testing::InProcess(),
                             testing::InProcess()};
  server::AgentProcess agent_{directory_.path() / "agent"};
  testing::AgreementPlan plan_;
  std::unique_ptr<client::Connection> at_vault_;
};

TEST_F(KeyAgentSplitTest, ServicesAndThePersonReadThroughIt) {
  // The vault starts without it, and stores.
  split_.StartVault();
  plan_.attributes = {kName};
  testing::ServiceSide service = split_.consent().AddService("cinema", plan_);
  const std::string agreement = split_.consent().AddAgreement(service, plan_);
  const auto anna = split_.AddPerson();
  ASSERT_THAT(anna->vault().Put(kName, kValue), IsOk());
  at_vault_ = split_.ConnectToVault(service);
  const std::string record = split_.consent().Grant(service, agreement, *anna);
  EXPECT_FALSE(anna->vault().Get(kName, 0).ok());
  agent_.Start();
  EXPECT_TRUE(ComesToRead(record));
  EXPECT_THAT(anna->vault().Get(kName, 0), IsOk());
  // Killed, it opens nothing; back again, it does.
  agent_.process().Kill();
  agent_.process().Wait();
  EXPECT_FALSE(Reads(record));
  EXPECT_FALSE(anna->vault().Get(kName, 0).ok());
  agent_.Start();
  EXPECT_TRUE(Reads(record));
  ASSERT_THAT(anna->consent().Withdraw(record), IsOk());
  EXPECT_FALSE(Reads(record));
}

}  // namespace
}  // namespace limpid
