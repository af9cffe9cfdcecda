// A private key or secret beside the one of TLS that everybody on the machine
// may read: the shipped limpidd does not begin with it.

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/tls13.h"
#include "gtest/gtest.h"
#include "server/provision/provision.h"
#include "tests/integration/server/limpidd_process.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::server {
namespace {

using ::limpid::testing::IsOk;

class KeptKeysTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { rpc::RequireTls13(); }

  KeptKeysTest() {
    options_.directory = home();
    options_.config = DefaultConfig();
    options_.config.operator_name = "city.example";
    options_.config.grpc_address = "127.0.0.1:0";
    options_.config.https_address = "127.0.0.1:0";
    options_.now = absl::Now();
  }
  [[nodiscard]] std::filesystem::path home() const { return dir_.path() / "h"; }

  [[nodiscard]] std::string ServerCa() const {
    return (home() / std::string(layout::kServerCa)).string() + ".pem";
  }

  void Init(std::vector<std::string> roles) {
    options_.config.roles = std::move(roles);
    ASSERT_THAT(InitDirectory(options_, [](std::string_view) {}), IsOk());
  }
  // A certificate and its key for a call to another server.
  CredentialFiles Issue() {
    const auto files = IssueClient(home(), layout::kClientCa, "caller",
                                   dir_.path() / "caller", options_.now);
    EXPECT_THAT(files, IsOk());
    return files.value_or(CredentialFiles());
  }
  static void Open(const std::filesystem::path& file) {
    std::filesystem::permissions(file, std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
  }
  [[nodiscard]] std::string Write(const std::string& name,
                                  const std::string& text) const {
    const auto file = dir_.path() / name;
    std::ofstream(file) << text;
    std::filesystem::permissions(file, std::filesystem::perms::owner_read |
                                           std::filesystem::perms::owner_write);
    return file.string();
  }
  void ExpectRefusedFor(const std::filesystem::path& file) {
    Limpidd server(dir_.path(),
                   {"--config", (home() / "limpid.toml").string()});
    ASSERT_EQ(server.WaitUntilReady(), "");
    EXPECT_EQ(server.Wait(), ExitCode::kRefused);
    EXPECT_NE(server.error().find(
                  absl::StrCat(file.string(), " can be read by everybody")),
              std::string::npos)
        << server.error();
  }

  const testing::TempDir dir_;
  InitOptions options_;
};

TEST_F(KeptKeysTest, TheVaultsAtConsent) {
  const std::string stem = (dir_.path() / "caller").string();
  options_.config.vault_consent_address = "127.0.0.1:1";
  options_.config.vault_consent_ca = ServerCa();
  options_.config.vault_consent_certificate = stem + ".pem";
  options_.config.vault_consent_private_key = stem + ".key";
  options_.config.vault_consent_evidence_key = std::string(43, 'A');
  options_.config.vault_consent_token_key = std::string(43, 'A');
  Init({"vault"});
  const CredentialFiles files = Issue();
  ASSERT_EQ(files.private_key, stem + ".key");
  Open(files.private_key);
  ExpectRefusedFor(files.private_key);
}

TEST_F(KeptKeysTest, ConsentsAtTheRegister) {
  const std::string stem = (dir_.path() / "caller").string();
  options_.config.consent_register_address = "127.0.0.1:1";
  options_.config.consent_register_ca = ServerCa();
  options_.config.consent_register_certificate = stem + ".pem";
  options_.config.consent_register_private_key = stem + ".key";
  Init({"consent"});
  const CredentialFiles files = Issue();
  Open(files.private_key);
  ExpectRefusedFor(files.private_key);
}

TEST_F(KeptKeysTest, TheVaultsAtASource) {
  const std::string key = Write("vault.key", "a private key");
  const std::string other = Write("other.pem", "a certificate");
  options_.config.vault_sources_file = Write(
      "sources.toml",
      absl::StrCat("[[source]]\nname = \"tax\"\ntitle = \"Tax\"\n"
                   "kind = \"agency\"\nurl = \"https://tax.example\"\nca = \"",
                   other, "\"\ncertificate = \"", other, "\"\nprivate_key = \"",
                   key,
                   "\"\nkeys = [\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""
                   "]\nattributes = [\"income.annual\"]\n"));
  Init({"consent", "vault"});
  Open(key);
  ExpectRefusedFor(key);
}

TEST_F(KeptKeysTest, TheSecretOfASolidServer) {
  const std::string secret = Write("pods-secret", "a secret\n");
  // An authority that parses, so that the secret is what is looked at.
  const std::string authority = ServerCa();
  options_.config.vault_sources_file = Write(
      "sources.toml",
      absl::StrCat("[[source]]\nname = \"pods\"\ntitle = \"Pods\"\n"
                   "kind = \"solid\"\nurl = \"https://pods.example\"\nca = \"",
                   authority,
                   "\"\nclient_id = \"vault_1\"\nclient_secret_file = \"",
                   secret, "\"\nattributes = [\"income.annual\"]\n"));
  Init({"consent", "vault"});
  Open(secret);
  ExpectRefusedFor(secret);
}

}  // namespace
}  // namespace limpid::server
